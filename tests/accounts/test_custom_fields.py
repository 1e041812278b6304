"""The fields of a tenant's own: what may be defined, who may, and that no value is ever lost."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts.actions import custom as actions
from accounts.actions.upsert import upsert
from accounts.models import Account, CustomField
from accounts.queries.custom import counts, fields_in_use
from accounts.rules import custom as rules
from accounts.targets import ACCOUNTS
from tenants.actor import Actor
from tenants.models import Tenant, TrailEntry
from tenants.roles import Role
from tenants.scope import act_for
from tests import make

pytestmark = pytest.mark.django_db

SignIn = Callable[[Actor], Client]
URL = "/acme/settings/fields/"
HX = {"HX-Request": "true"}
TIER = {"label": "Contract tier", "kind": "choice", "choices": "Gold\nSilver", "key": ""}


@pytest.fixture
def revops(acme: Tenant, sign_in: SignIn) -> Client:
    return sign_in(make.member(acme, Role.REVOPS, "Rosa Vega"))


def define(**fields: Any) -> CustomField:
    told = {"key": "tier", "label": "Tier", "kind": "text"}
    return CustomField.objects.create(**told | fields)


def one(of: Tenant, key: str = "contract_tier") -> CustomField:
    with act_for(of.pk):
        return CustomField.objects.get(key=key)


# -- rules --


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("Contract tier", "contract_tier"),
        ("  Größe (m²) ", "grosse_m2"),
        ("2 regions", "regions"),
        ("42", ""),
        ("地区", ""),
        ("x" * 60, "x" * 40),
        ("a" * 39 + " b", "a" * 39),
    ],
)
def test_a_label_suggests_a_key(label: str, key: str):
    assert rules.key_of(label) == key
    assert bool(rules.key_fault(key)) is (key == "")


@pytest.mark.parametrize(
    "key", ["", "Tier", "1st", "a__b", "a-b", "a.b", "_a", "a_", "x" * 41, "é"]
)
def test_a_key_is_small_letters_and_digits(key: str):
    assert rules.key_fault(key).endswith((".", "contract_tier."))


@pytest.mark.parametrize(
    ("kind", "choices", "told"),
    [
        ("text", ["Gold"], "Only a field of the type Choice"),
        ("choice", [], "at least one"),
        ("choice", ["Gold", "gold"], "twice"),
        ("choice", ["—"], "no letter"),
        ("choice", ["x" * 81], "more than 80"),
        ("choice", [f"Choice {n}" for n in range(101)], "101 choices"),
        ("choice", ["Gold", "Silver"], ""),
        ("number", [], ""),
    ],
)
def test_choices_go_with_their_type(kind: str, choices: list[str], told: str):
    fault = rules.choices_fault(kind, choices)
    assert told in fault and bool(fault) is bool(told)


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("text", "Rail", "Rail"),
        ("number", 2.0, "2"),
        ("number", 1234567.25, "1,234,567.25"),
        ("number", 0, "0"),
        ("date", "2026-11-19", "19 Nov"),
        ("date", "once", "once"),
        ("yes_no", True, "yes"),
        ("yes_no", False, "no"),
        ("choice", None, ""),
    ],
)
def test_values_read_as_people_write_them(kind: str, value: Any, words: str):
    assert rules.in_words(kind, value, make.TODAY) == words


# -- what is recorded, and what is kept --


def test_everything_done_to_a_field_is_in_the_trail(inside: Tenant, csm: Actor):
    assert csm.user is not None
    by: dict[str, Any] = {"actor": csm.user, "now": make.NOW}
    tier = actions.add_field(
        key="tier", label="Tier", kind="choice", choices=["Gold", "Silver"], **by
    )
    actions.add_field(key="since", label="Since", kind="date", choices=[], **by)
    tier = actions.change_field(
        field=tier, seen_version=1, label="Level", choices=["Gold", "Iron"], **by
    )
    actions.move_field(field=tier, earlier=False, **by)
    assert [row.key for row in fields_in_use()] == ["since", "tier"]
    actions.move_field(field=tier, earlier=False, **by)
    actions.retire_field(field=tier, **by)
    actions.retire_field(field=tier, **by)
    actions.restore_field(field=tier, **by)
    own = TrailEntry.objects.filter(object_id=tier.pk).order_by("id")
    assert [(entry.verb.removeprefix("accounts.field_"), entry.actor_id) for entry in own] == [
        (verb, csm.user.pk) for verb in ("added", "changed", "moved", "retired", "restored")
    ]
    assert own[1].facts["label"] == ["Tier", "Level"]
    assert own[1].facts["choices"] == ["Gold, Silver", "Gold, Iron"]
    assert own[2].facts["position"] == [1, 2]


def test_two_fields_of_one_name_at_once_are_one(transactional_db: None, acme: Tenant, csm: Actor):
    def add(key: str) -> CustomField:
        return actions.add_field(
            key=key, label="Tier", kind="text", choices=[], actor=csm.user, now=make.NOW
        )

    def add_another() -> None:
        try:
            with act_for(acme.pk):
                add("tier_2")
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with act_for(acme.pk):
            add("tier")
            other = pool.submit(add_another)
            wait([other], timeout=0.7)
        with pytest.raises(actions.LabelTaken):
            other.result()


def test_what_has_not_changed_is_not_told(inside: Tenant, csm: Actor):
    assert csm.user is not None
    field = define()
    actions.change_field(
        field=field, seen_version=1, label="Tier", choices=[], actor=csm.user, now=make.NOW
    )
    assert not TrailEntry.objects.exists()
    assert CustomField.objects.get().version == 1


@pytest.mark.case("E18")
def test_a_retired_field_keeps_its_values_and_takes_no_more(inside: Tenant, csm: Actor):
    assert csm.user is not None
    define()
    rows = [{"external_id": "A1", "name": "Globex", "custom": {"tier": "Gold"}}]
    upsert(ACCOUNTS, rows, source="crm", now=make.NOW)
    actions.retire_field(field=CustomField.objects.get(), actor=csm.user, now=make.NOW)
    outcome = upsert(ACCOUNTS, rows, source="crm", now=make.NOW)
    [refusal] = outcome.refusals
    assert (refusal.field, refusal.code) == ("custom.tier", "retired_custom_field")
    assert Account.objects.get().custom == {"tier": "Gold"}
    assert counts() == {"tier": 1}


def test_a_row_that_names_a_custom_field_beside_the_others_is_refused(inside: Tenant):
    define()
    outcome = upsert(
        ACCOUNTS,
        [{"external_id": "A1", "name": "Globex", "custom.tier": "Gold"}],
        source="crm",
        now=make.NOW,
    )
    [refusal] = outcome.refusals
    assert (refusal.field, refusal.code, refusal.value) == ("custom.tier", "unknown_field", "Gold")


# -- the screen --


def test_a_field_is_added_and_found_on_its_page(revops: Client, acme: Tenant):
    assert "No field of your own yet" in revops.get(URL).text
    assert revops.post(URL + "new/", TIER).status_code == 302
    with act_for(acme.pk):
        make.account("Globex", custom={"contract_tier": "Gold"})
        make.account("Initech")
    page = revops.get(URL).text
    assert "Contract tier" in page and "contract_tier" in page and "of 2" in page
    page = revops.get(f"{URL}{one(acme).pk}/").text
    assert "Globex" in page and "Initech" not in page
    assert "Rosa Vega added the field “Contract tier”" in page


@pytest.mark.parametrize(
    ("given", "status", "told"),
    [
        ({"label": ""}, 422, "This field is required"),
        ({"kind": "colour"}, 422, "not one of the available choices"),
        ({"choices": ""}, 422, "at least one choice"),
        ({"kind": "text"}, 422, "Only a field of the type Choice"),
        ({"label": "地区"}, 422, "No key can be made from the label"),
        ({"key": "Tier 1"}, 422, "A key begins with a small letter"),
        ({"label": "Plan", "key": "tier"}, 409, "There is a field with the key “tier”"),
        ({"label": "TIER", "key": "other"}, 409, "is called “Tier” already"),
        ({"label": "Plan", "key": "old"}, 409, "The retired field “Old” has the key “old”"),
    ],
)
def test_a_field_that_cannot_be_is_refused_and_nothing_typed_is_lost(
    revops: Client, acme: Tenant, given: dict[str, str], status: int, told: str
):
    with act_for(acme.pk):
        define()
        define(key="old", label="Old", retired_at=make.NOW)
    answer = revops.post(URL + "new/", TIER | given, headers=HX)
    assert answer.status_code == status
    assert told in answer.text
    assert (TIER | given)["label"] in answer.text
    with act_for(acme.pk):
        assert CustomField.objects.count() == 2


def test_more_fields_than_anybody_fills_in_are_refused(revops: Client, acme: Tenant):
    with act_for(acme.pk):
        for n in range(rules.MOST_IN_USE):
            define(key=f"f{n}", label=f"Field {n}")
        old = define(key="old", label="Old", retired_at=make.NOW)
    answer = revops.post(URL + "new/", TIER)
    assert answer.status_code == 409 and "50 fields are in use" in answer.text
    told = revops.post(f"{URL}{old.pk}/restore/", follow=True)
    assert "50 fields are in use" in told.text
    assert one(acme, "old").retired_at is not None


def test_a_label_and_choices_change_and_key_and_type_stand(revops: Client, acme: Tenant):
    revops.post(URL + "new/", TIER)
    field = one(acme)
    edit = f"{URL}{field.pk}/edit/"
    given = {"label": "Level", "choices": "Gold\nSilver\nIron", "version": "1"}
    assert "The type stands" in revops.post(edit, given | {"kind": "text"}).text
    assert "The key stands" in revops.post(edit, given | {"key": "level"}).text
    assert (one(acme).label, one(acme).kind) == ("Contract tier", "choice")
    assert revops.post(edit, given).status_code == 302
    field = one(acme)
    assert (field.label, field.choices) == ("Level", ["Gold", "Silver", "Iron"])


def test_a_choice_that_accounts_hold_stays(revops: Client, acme: Tenant):
    revops.post(URL + "new/", TIER)
    with act_for(acme.pk):
        make.account("Globex", custom={"contract_tier": "Gold"})
        make.account("Gone", custom={"contract_tier": "Gold"}, archived_at=make.NOW)
    edit = f"{URL}{one(acme).pk}/edit/"
    answer = revops.post(edit, {"label": "Contract tier", "choices": "Silver", "version": "1"})
    assert answer.status_code == 409
    assert "“Gold”: 2 accounts" in answer.text
    assert one(acme).choices == ["Gold", "Silver"]
    answer = revops.post(edit, {"label": "Contract tier", "choices": "Gold", "version": "1"})
    assert answer.status_code == 302 and one(acme).choices == ["Gold"]


def test_nobody_overwrites_a_change_they_have_not_seen(revops: Client, acme: Tenant):
    revops.post(URL + "new/", TIER)
    edit = f"{URL}{one(acme).pk}/edit/"
    given = {"label": "Level", "choices": "Gold\nSilver", "version": "1"}
    assert revops.post(edit, given).status_code == 302
    late = revops.post(edit, given | {"label": "Grade"}, headers=HX)
    assert late.status_code == 409
    assert "meanwhile" in late.text and "Grade" in late.text and 'value="Level"' in late.text
    assert one(acme).label == "Level"


def test_a_field_moves_retires_and_comes_back(revops: Client, acme: Tenant):
    for label in ("One", "Two", "Three"):
        revops.post(URL + "new/", {"label": label, "kind": "text"})
    assert revops.post(f"{URL}{one(acme, 'three').pk}/move/", {"way": "up"}).status_code == 302
    assert revops.post(f"{URL}{one(acme, 'three').pk}/move/", {"way": "off"}).status_code == 422
    page = revops.get(URL).text
    assert page.index(">One<") < page.index(">Three<") < page.index(">Two<")
    with act_for(acme.pk):
        account = make.account("Globex", custom={"one": "kept"})
    at = f"{URL}{one(acme, 'one').pk}/"
    assert "Its values are kept" in revops.post(at + "retire/", follow=True).text
    assert "kept" in revops.get(at).text, "a retired field's values can be read"
    form = revops.get(f"/acme/accounts/{account.pk}/edit/").text
    assert 'name="custom.two"' in form and 'name="custom.one"' not in form
    assert "is back" in revops.post(at + "restore/", follow=True).text
    assert "kept" in revops.get(f"/acme/accounts/{account.pk}/edit/").text


def test_only_revops_and_administrators_define(
    acme: Tenant, cast: dict[Role, Actor], sign_in: SignIn
):
    for role, actor in cast.items():
        status = 200 if role in (Role.REVOPS, Role.ADMIN) else 403
        assert sign_in(actor).get(URL).status_code == status, role


def test_another_tenants_fields_are_as_unknown_as_any(revops: Client, acme: Tenant, rival: Tenant):
    with act_for(rival.pk):
        theirs = define(label="Secret")
        make.account("Hidden", custom={"tier": "Gold"})
    assert "Secret" not in revops.get(URL).text
    assert revops.get(f"{URL}{theirs.pk}/").status_code == 404
    assert revops.post(f"{URL}{theirs.pk}/retire/").status_code == 404
    assert revops.post(URL + "new/", TIER | {"key": "tier"}).status_code == 302


def test_pages_of_holders_follow_each_other(revops: Client, acme: Tenant):
    with act_for(acme.pk):
        field = define()
        for n in range(60):
            make.account(f"Account {n:02}", custom={"tier": "x"})
    page = revops.get(f"{URL}{field.pk}/").text
    assert "60 accounts with a value" in page and "Account 49" in page and "Account 50" not in page
    more = revops.get(f"{URL}{field.pk}/?after=50", headers=HX).text
    assert "Account 59" in more and "<html" not in more and "data-more" not in more


@pytest.mark.parametrize(
    ("kind", "held", "others"),
    [
        ("choice", "Gold", "Iron"),
        ("yes_no", False, True),
        ("number", 12.5, 12),
        ("date", "2026-11-19", "2026-11-20"),
    ],
)
def test_a_figure_of_a_field_opens_to_its_accounts(
    revops: Client, acme: Tenant, kind: str, held: Any, others: Any
):
    with act_for(acme.pk):
        field = define(kind=kind, choices=["Gold", "Iron"] if kind == "choice" else [])
        for name, custom in (
            ("Globex", {"tier": held}),
            ("Initech", {"tier": others}),
            ("Bare", {}),
        ):
            make.row(make.account(name, custom=custom))
    page = revops.get(f"{URL}{field.pk}/")
    words = rules.in_words(kind, held)
    [url] = [each["url"] for each in page.context["spread"] if each["words"] == words]
    shown = revops.get(url)
    assert shown.status_code == 200
    assert "Globex" in shown.text and "Initech" not in shown.text and "Bare" not in shown.text
    known, unknown = (revops.get(page.context[name]).text for name in ("known_url", "unknown_url"))
    assert "Globex" in known and "Initech" in known and "Bare" not in known
    assert "Bare" in unknown and "Globex" not in unknown


# -- where values are shown and filled in --


def test_an_account_shows_its_values_those_of_retired_fields_too(revops: Client, acme: Tenant):
    with act_for(acme.pk):
        define(key="size", label="Size", kind="number")
        define(key="live", label="Live", kind="yes_no")
        define(key="old", label="Old one", retired_at=make.NOW)
        account = make.account("Globex", custom={"size": 1200, "old": "kept"})
    page = revops.get(f"/acme/accounts/{account.pk}/").text
    assert "1,200" in page and "not said" in page
    assert "1 retired field" in page and "Old one" in page and "kept" in page


@pytest.mark.parametrize(
    ("kind", "sent", "stored"),
    [
        ("text", " Rail ", "Rail"),
        ("number", "2.5", 2.5),
        ("date", "2026-11-19", "2026-11-19"),
        ("choice", "Gold", "Gold"),
        ("yes_no", "true", True),
        ("yes_no", "false", False),
    ],
)
def test_the_form_takes_each_type_and_clears_it(
    revops: Client, acme: Tenant, kind: str, sent: str, stored: Any
):
    with act_for(acme.pk):
        define(kind=kind, choices=["Gold"] if kind == "choice" else [])
    assert revops.post("/acme/accounts/new/", {"name": "A", "custom.tier": sent}).status_code == 302
    with act_for(acme.pk):
        account = Account.objects.get()
    assert account.custom == {"tier": stored}
    edit = f"/acme/accounts/{account.pk}/edit/"
    shown = revops.get(edit).context["form"]["custom.tier"].value()
    assert shown == stored
    again = {"name": "A", "version": "1", "custom.tier": sent.strip()}
    assert revops.post(edit, again).status_code == 302
    assert revops.post(edit, again | {"custom.tier": ""}).status_code == 302
    with act_for(acme.pk):
        account.refresh_from_db()
    assert (account.custom, account.version) == ({}, 2), "the same again writes nothing"


@pytest.mark.parametrize(
    ("kind", "sent", "told"),
    [
        ("text", "a\x07b", "characters that are not text"),
        ("text", "x" * 501, "at most 500 characters"),
        ("number", "many", "Enter a number"),
        ("number", "1e300", "at most"),
        ("date", "soon", "Enter a valid date"),
        ("date", "1066-10-14", "1990 to 2100"),
        ("choice", "Iron", "not one of the available choices"),
    ],
)
def test_the_form_refuses_what_the_type_does_not_take(
    revops: Client, acme: Tenant, kind: str, sent: str, told: str
):
    with act_for(acme.pk):
        define(kind=kind, choices=["Gold"] if kind == "choice" else [])
    answer = revops.post("/acme/accounts/new/", {"name": "A", "custom.tier": sent})
    assert answer.status_code == 422 and told in answer.text


def test_a_value_that_is_no_choice_any_more_stays_until_another_is_chosen(
    revops: Client, acme: Tenant
):
    with act_for(acme.pk):
        define(kind="choice", choices=["Gold"])
        account = make.account("Globex", custom={"tier": "Bronze"})
    edit = f"/acme/accounts/{account.pk}/edit/"
    given = {"name": "Globex", "version": "1", "industry": "Rail", "custom.tier": "Bronze"}
    assert revops.post(edit, given).status_code == 302
    with act_for(acme.pk):
        account.refresh_from_db()
    assert (account.industry, account.custom) == ("Rail", {"tier": "Bronze"})
