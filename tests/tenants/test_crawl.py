"""Every address × method × caller, with the ids of another tenant.

Made from the URL resolver, the roles table and the models: a new route, role or table is
covered without being listed here. The rival tenant holds one row of every table, each text of it
a canary; no answer to anybody of acme may hold one.
"""

import json
import re
from collections.abc import Iterator

import pytest
from django.http import HttpResponse
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from tenants.roles import PEOPLE, Role, reach, scopes
from tenants.scope import act_for
from tests import make
from tests.tenants.routes import API, DESCRIBED, INSIDE, METHODS, OUTSIDE, Route, named, send
from tests.tenants.world import CANARY, World

pytestmark = pytest.mark.django_db

REFUSALS = {403, 404, 405, 409, 413, 415, 422}
LOGIN = "/auth/login/"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'",
    "Permissions-Policy": "camera=()",
    "Vary": "HX-Request",
    "X-Request-Id": "",
}
INSIDES = re.compile(r"Traceback|File \"/|SELECT .* FROM|psycopg2|csom_app|/site-packages/")


# -- what an answer may be --


def faults(route: Route, method: str, answer: HttpResponse, tenant: str) -> Iterator[str]:
    """What is wrong with an answer to a caller of `tenant` who named the rival's rows."""
    where, status = f"{method} {route} {answer.status_code}", answer.status_code
    streamed = getattr(answer, "streaming", False)
    content = b"".join(answer) if streamed else answer.content
    told = content.decode("utf-8", "replace").replace(answer.request["PATH_INFO"], "")
    if (route.has_ids and status in (404, 422)) or method != "GET":
        told = told.replace(f"“{CANARY}”", "").replace(f'"{CANARY}"', "")
    if CANARY in told.lower() or CANARY in str(answer.headers).lower().replace(
        answer.request["PATH_INFO"].lower(), ""
    ):
        yield f"{where}: tells the rival's words"
    if lacking := [name for name, has in HEADERS.items() if has not in answer.get(name, "-")]:
        yield f"{where}: lacks {lacking}"
    if INSIDES.search(told):
        yield f"{where}: tells how it is made"
    is_sent_back = status == 302 and answer["Location"].startswith((f"/{tenant}/", LOGIN))
    if status >= 500:
        yield f"{where}: fails"
    elif route.has_ids and any(kind == "uuid" for _, kind in route.parameters):
        # A form without script is sent back with its refusal; that the rival's rows stay as they
        # are is asserted at the end.
        if status not in REFUSALS and not (method == "POST" and is_sent_back):
            yield f"{where}: answers about the rival's row"
    elif status == 302 and not is_sent_back:
        yield f"{where}: leads to {answer['Location']}"


def matrix(route: Route, method: str, answer: HttpResponse, holds: bool) -> Iterator[str]:
    """403 exactly where the caller lacks the capability; 405 may come before it."""
    if answer.status_code != 405 and (answer.status_code == 403) is holds:
        word = "is refused what the table grants" if holds else "is let in against the table"
        yield f"{method} {route} {answer.status_code}: {word}"


# -- the tests --


def test_every_view_says_what_it_needs():
    silent = [
        str(route)
        for route in (*INSIDE, *OUTSIDE)
        if route.is_ours
        and not hasattr(route.endpoint or route.view, "needs")
        and not hasattr(route.view, "needs")
    ]
    assert silent == []
    open_inside = [str(route) for route in INSIDE if route.need("GET") is None]
    assert open_inside == []


def test_the_document_describes_every_endpoint_and_no_other():
    document = SchemaGenerator().get_schema(request=None, public=True)
    told = {
        (address, method.upper())
        for address, operations in document["paths"].items()
        for method in operations
        if method.upper() in METHODS
    }
    real = set()
    for route in DESCRIBED:
        address = route.address
        for name, _ in route.parameters:
            address = named(name).sub(f"{{{name}}}", address)
        real |= {(address, method) for method in METHODS if hasattr(route.endpoint, method.lower())}
    assert told == real
    ids = [
        operation["operationId"]
        for operations in document["paths"].values()
        for operation in operations.values()
    ]
    assert len(ids) == len(set(ids))


@pytest.mark.case("G1", "G2")
@pytest.mark.parametrize("role", PEOPLE)
def test_nobody_reaches_another_tenant_and_roles_are_as_the_table_says(world: World, role: Role):
    member = world.admin if role is Role.ADMIN else make.member(world.acme, role)
    client, before, wrong = Client(), world.digest(), []
    assert member.user is not None
    client.force_login(member.user)
    for route in INSIDE:
        for method in METHODS if role is Role.ADMIN else ("GET", "POST"):
            every = role is Role.ADMIN and method in ("GET", "POST")
            for address in world.addresses(route, "/acme", all_ids=every):
                answer = send(client, method, address, world.body)
                need = route.need(method)
                wrong += faults(route, method, answer, "acme")
                wrong += matrix(route, method, answer, need is None or bool(reach(role, need)))
    assert sorted(set(wrong)) == []
    assert world.digest() == before


def test_parts_of_pages_tell_nothing_either(world: World):
    client, wrong = Client(headers={"HX-Request": "true"}), []
    assert world.admin.user is not None
    client.force_login(world.admin.user)
    ids = [f"{name}={one}&{name}_id={one}" for name, one in world.ids.items()]
    for route in INSIDE:
        for address in world.addresses(route, "/acme"):
            answer = send(client, "GET", f"{address}?{'&'.join(ids)}", None)
            wrong += faults(route, "GET", answer, "acme")
    assert sorted(set(wrong)) == []


def test_strangers_and_anonymous_callers_find_nothing(world: World):
    stranger, nobody, wrong = Client(), Client(), []
    assert world.stranger.user is not None
    stranger.force_login(world.stranger.user)
    for route in INSIDE:
        address = next(world.addresses(route, "/acme"))
        for method in ("GET", "POST"):
            answer = send(stranger, method, address, {})
            if answer.status_code != 404 or b"Acme" in answer.content:
                wrong.append(f"{method} {route} {answer.status_code} for a stranger")
            answer = send(nobody, method, address, {})
            if answer.status_code != 302 or not answer["Location"].startswith(LOGIN):
                wrong.append(f"{method} {route} {answer.status_code} for nobody")
    assert wrong == []


@pytest.mark.case("G1", "G2", "G3", "G5")
def test_keys_reach_no_other_tenant_and_are_held_to_their_scopes(world: World):
    with act_for(world.acme.pk):
        whole, bare = make.api_key(world.admin), make.api_key(world.admin, scopes=[])
    before, wrong, body = world.digest(), [], json.dumps(world.body)
    for secret, held in ((whole, set(scopes())), (bare, set())):
        client = Client(headers={"Authorization": f"Bearer {secret}"})
        for route in DESCRIBED:
            for method in METHODS:
                every = bool(held) and hasattr(route.endpoint, method.lower())
                for address in world.addresses(route, "", all_ids=every):
                    answer = send(client, method, address, body, is_json=True)
                    wrong += faults(route, method, answer, "acme")
                    if (need := route.need(method)) is not None:
                        wrong += matrix(route, method, answer, str(need) in held)
    assert sorted(set(wrong)) == []
    assert world.digest() == before


@pytest.mark.case("G4")
@pytest.mark.parametrize("secret", ["", "csom_nonsense", "Bearer"])
def test_no_endpoint_answers_without_a_valid_key(world: World, secret: str):
    client, wrong = Client(headers={"Authorization": f"Bearer {secret}"}), []
    for route in DESCRIBED:
        for method in METHODS:
            answer = send(client, method, next(world.addresses(route, "")), "{}", is_json=True)
            if answer.status_code != 401:
                wrong.append(f"{method} {route} {answer.status_code}")
    assert wrong == []


def test_the_canaries_can_be_heard(world: World):
    """The crawl would notice: to its own key, the rival's rows are there."""
    with act_for(world.rival.pk):
        secret = make.api_key(world.stranger)
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    heard = [
        route.address
        for route in DESCRIBED
        if not route.parameters and "GET" in route.endpoint.needs
        if CANARY in client.get(route.address).content.decode()
    ]
    assert len(heard) >= 8, heard
    account = world.ids["account"]
    assert CANARY in client.get(f"/api/v1/accounts/{account}/").content.decode()


def test_pages_outside_tenants_tell_nothing_of_the_rival(world: World):
    wrong = []
    assert world.admin.user is not None
    for route in OUTSIDE:
        if route in API:
            continue
        for method in ("GET", "POST"):
            client = Client()
            client.force_login(world.admin.user)
            for address in world.addresses(route, ""):
                answer = send(client, method, address, {})
                found = faults(route, method, answer, "acme")
                wrong += [each for each in found if "leads to" not in each]
    assert sorted(set(wrong)) == []


def test_the_crawl_notices_a_request_that_runs_in_the_wrong_tenant(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tenants.middleware.act_for", lambda _: act_for(world.rival.pk))
    client, wrong = Client(), []
    assert world.admin.user is not None
    client.force_login(world.admin.user)
    for route in INSIDE:
        if route.address.startswith("/accounts/"):
            for address in world.addresses(route, "/acme"):
                wrong += faults(route, "GET", send(client, "GET", address, None), "acme")
    assert [each for each in wrong if "the rival's" in each]
