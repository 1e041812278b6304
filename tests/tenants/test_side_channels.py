"""What could be learnt without reading a row: by names taken, totals, errors, files, fields."""

import json
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client

from accounts.actions.import_files import relative_name
from accounts.models import Account, Contact
from tenants.actor import Actor
from tenants.isolation import SHARED_TABLES
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.tenants.routes import DESCRIBED, INSIDE, send
from tests.tenants.world import CANARY, World, digest

pytestmark = pytest.mark.django_db
SignIn = Callable[[Actor], Client]
NOT_FIELDS = ("id", "tenant", "tenant_id", "tenant_slug", "created_by", "is_admin", "role", "pk")


@pytest.fixture
def key(world: World) -> Client:
    with act_for(world.acme.pk):
        secret = make.api_key(world.admin)
    return Client(headers={"Authorization": f"Bearer {secret}"})


def bulk(key: Client, noun: str, **row: object) -> tuple[int, dict]:
    body = {"source": CANARY, "data": [row]}
    answer = key.post(f"/api/v1/{noun}/bulk/", body, content_type="application/json")
    return answer.status_code, answer.json()


def same(told: dict, **but: str) -> str:
    """An answer in plain words: without ids, and with what was asked for left out."""
    text = json.dumps(told, ensure_ascii=False)
    for word in but.values():
        text = text.replace(word, "…")
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "id", text)


@pytest.mark.case("G2")
def test_keys_that_others_use_are_free(world: World, key: Client):
    """Source and key of the rival's rows: taken as any that nobody has."""
    for word in (CANARY, "nobodyknows"):
        told = bulk(key, "accounts", external_id=word, name=f"Ours {word}")
        assert told[0] == 200, told
        assert same(told[1], word=word) == same(bulk_answer(), word=word)
    with act_for(world.acme.pk):
        assert Account.objects.filter(source=CANARY).count() == 2


def bulk_answer() -> dict:
    row = {"index": 0, "external_id": "…", "id": "id", "result": "created", "refusals": []}
    return {"created": 1, "updated": 0, "unchanged": 0, "refused": 0, "results": [row]}


@pytest.mark.case("G2")
def test_naming_rows_of_others_is_naming_nothing(world: World, key: Client):
    """A contact of the rival's account is refused in the words for an account nobody has."""
    answers = []
    for word in (CANARY, "nobodyknows"):
        status, told = bulk(
            key, "contacts", external_id="c-1", name="Priya", account=word, owner=word
        )
        answers.append((status, same(told, word=word)))
    assert answers[0] == answers[1]
    assert answers[0][0] == 207
    with act_for(world.acme.pk):
        assert not Contact.objects.exists()


@pytest.mark.case("G1")
def test_an_id_of_another_tenant_is_answered_as_one_that_nobody_has(world: World, sign_in: SignIn):
    """Status, headers and words, for every address that takes an id."""
    pages = sign_in(world.admin)
    wrong = []
    for route in INSIDE:
        if not any(kind == "uuid" for _, kind in route.parameters):
            continue
        for method in ("GET", "POST"):
            answers = []
            for address in (next(world.addresses(route, "/acme")), "/acme" + route.of_nothing()):
                answer = send(pages, method, address, {})
                answers.append((answer.status_code, plain(answer.content.decode())))
            if answers[0] != answers[1]:
                wrong.append(f"{method} {route} {answers[0][0]} {answers[1][0]}")
    assert wrong == []


def plain(text: str) -> str:
    """A page without tokens, ids and the words of its own address."""
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "id", text)
    text = re.sub(r'csrf[^>]*|"X-CSRFToken[^}]*', "", text)
    return re.sub(rf"/acme/\S*|{CANARY}|\bx\b", "", text)


SETTLED = {"target", "charter_version"}  # figures that a company sets for itself


def numbers(told: Any, name: str = "") -> Iterator[tuple[str, float]]:
    """Every number of an answer, with the name it goes by."""
    if isinstance(told, dict):
        for key, value in told.items():
            yield from numbers(value, key)
    elif isinstance(told, list):
        for value in told:
            yield from numbers(value, name)
    elif isinstance(told, int | float) and not isinstance(told, bool):
        yield name, told


def test_lists_and_totals_count_ones_own_rows_alone(world: World, key: Client, sign_in: SignIn):
    for route in DESCRIBED:
        if not route.parameters and "GET" in route.endpoint.needs:
            told = key.get(route.address).json()
            if "data" not in told:  # figures
                assert not [name for name, n in numbers(told) if n and name not in SETTLED], told
                continue
            own = {"data", "next", "day", "model", "as_of"}
            assert told["data"] == [] and told["next"] is None, route
            assert not [name for name in told.keys() - own if told[name]], (route, told)
    pages = sign_in(world.admin)
    for word in (CANARY, CANARY[:4], "%", "_", "z"):
        told = pages.get("/acme/palette/", {"q": word}).content.decode()
        assert CANARY not in told.replace(f'"{word}"', "").replace(f"“{word}”", "")


def test_what_is_kept_aside_holds_nothing_of_tenants(
    world: World, sign_in: SignIn, caplog: pytest.LogCaptureFixture
):
    """Cache, sessions, messages to workers and logs, after the rival looked at all it has."""
    logging.root.manager.disable = logging.NOTSET
    caplog.set_level(logging.DEBUG)
    theirs = sign_in(world.stranger)
    for route in INSIDE:
        for address in world.addresses(route, "/rival"):
            send(theirs, "GET", address, None)
    theirs.post("/rival/settings/people/invite/", {"email": "new@example.com", "role": "csm"})
    logged = [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith(("csom", "celery"))
    ]
    assert CANARY not in " ".join(logged)
    known = {"tenants_tenant", "tenants_user", "tenants_membership"}
    with connection.cursor() as cursor:
        for table in SHARED_TABLES - known:
            cursor.execute(
                f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s', [f"%{CANARY}%"]
            )
            assert cursor.fetchone() == (0,), table


def test_one_process_serves_both_and_mixes_nothing(world: World, sign_in: SignIn):
    """The rival's page first, then the same of acme: nothing that was kept is shown."""
    theirs, ours = sign_in(world.stranger), sign_in(world.admin)
    heard, wrong = 0, []
    for route in INSIDE:
        if any(kind == "uuid" for _, kind in route.parameters):
            continue
        [address] = world.addresses(route, "")
        heard += CANARY.encode() in send(theirs, "GET", f"/rival{address}", None).content
        told = send(ours, "GET", f"/acme{address}", None).content.decode()
        if CANARY in told.replace(address, "").replace(f"“{CANARY}”", ""):
            wrong.append(address)
    assert wrong == []
    assert heard >= 8


def test_files_of_tenants_lie_apart(acme: Tenant, rival: Tenant):
    names = []
    for tenant in (acme, rival):
        with act_for(tenant.pk):
            names.append(relative_name(make.some_id()))
    assert [Path(name).parent.name for name in names] == [str(acme.pk), str(rival.pk)]


def test_a_mail_names_one_company(
    world: World, sign_in: SignIn, django_capture_on_commit_callbacks
):  # type: ignore[no-untyped-def]
    with django_capture_on_commit_callbacks(execute=True):
        sign_in(world.admin).post(
            "/acme/settings/people/invite/",
            {"email": world.stranger.user.email, "role": "csm", "team": ""},
        )
    [told] = mail.outbox
    assert "Acme" in told.subject
    assert CANARY not in f"{told.subject} {told.body}".lower()


def test_fields_that_are_none_are_refused_by_name(world: World, key: Client):
    before, wrong = digest(world.acme.pk), []
    for route in DESCRIBED:
        if "POST" not in route.endpoint.needs:
            continue
        for name in NOT_FIELDS:
            body = {name: str(world.rival.pk)}
            answer = send(key, "POST", route.of_nothing(), json.dumps(body), is_json=True)
            if answer.status_code == 404 and route.has_ids:
                continue
            if answer.status_code != 422 or name not in answer.json()["errors"]:
                wrong.append(f"{route} {name} {answer.status_code}")
    assert wrong == []
    for noun in ("accounts", "contacts", "tickets", "usage", "answers"):
        for name in set(NOT_FIELDS) - {"role"}:
            status, told = bulk(key, noun, external_id="x", **{name: str(world.rival.pk)})
            refused = {each["field"]: each["code"] for each in told["results"][0]["refusals"]}
            assert status == 207 and refused.get(name) == "unknown_field", (noun, name, told)
    kept = {"tenants_apikey", "tenants_trailentry", "tenants_job"}  # that and when calls were made
    assert {table for table, _ in set(digest(world.acme.pk)) - set(before)} <= kept


def test_forms_take_no_field_they_do_not_show(world: World, sign_in: SignIn):
    """A tenant, an owner or a role that a form does not offer is not taken from what is posted."""
    member = make.member(world.acme, Role.REVOPS)
    forged = {name: str(world.rival.pk) for name in NOT_FIELDS}
    sign_in(member).post("/acme/accounts/new/", {**forged, "name": "Globex", "is_archived": "1"})
    with act_for(world.acme.pk):
        made = Account.objects.get(name="Globex")
        assert (made.tenant_id, made.archived_at) == (world.acme.pk, None)
        assert made.pk != world.rival.pk
    forged |= {"is_superuser": "1", "is_staff": "1", "role": "admin", "email": "x@example.com"}
    sign_in(member).post("/auth/profile/", {**forged, "name": "Me", "theme": "auto"})
    member.user.refresh_from_db()
    member.membership.refresh_from_db()
    assert member.user.name == "Me" and not member.user.is_superuser and not member.user.is_staff
    assert member.membership.role == Role.REVOPS and member.user.email != "x@example.com"
