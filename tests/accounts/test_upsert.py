"""Rows from outside, brought in set by set."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actions.upsert import upsert
from accounts.models import Account, Contact, Contract, CustomField, Product
from accounts.rules.outcome import Outcome, State
from accounts.targets import ACCOUNTS, CONTACTS, CONTRACTS
from tenants.models import Tenant, TrailEntry
from tenants.scope import act_for
from tests import make

pytestmark = pytest.mark.django_db


def bring(target: Any, *rows: dict[str, Any], source: str = "crm", **more: Any) -> Outcome:
    return upsert(target, rows, source=source, now=make.NOW, **more)


def states(outcome: Outcome) -> list[str]:
    return [str(row.state) for row in outcome.rows]


def codes(outcome: Outcome) -> list[tuple[int, str, str]]:
    return [(refusal.index, refusal.field, refusal.code) for refusal in outcome.refusals]


def test_new_rows_are_stored_with_their_defaults(inside: Tenant):
    outcome = bring(
        ACCOUNTS,
        {"external_id": "A1", "name": "  Globex  Corp ", "tags": ["pilot"], "employees": 12},
        {"external_id": "A2", "name": "Initech", "custom": {}},
    )
    assert states(outcome) == ["new", "new"]
    globex = Account.objects.get(external_id="A1")
    assert (globex.pk, globex.source, globex.name_norm) == (
        outcome.rows[0].id,
        "crm",
        "globex corp",
    )
    assert (globex.tags, globex.employees, globex.version) == (["pilot"], 12, 1)
    assert globex.created_at == make.NOW


def test_a_segment_set_by_hand_is_left_alone_and_the_rest_of_the_row_taken(inside: Tenant):
    held = make.account(source="crm", external_id="A1", segment="enterprise", name="Globex")
    Account.objects.filter(pk=held.pk).update(segment_set_at=make.NOW, segment_reason="Pilot")
    bring(
        ACCOUNTS,
        {"external_id": "A1", "name": "Globex", "segment": "small", "region": "EMEA"},
        {"external_id": "A2", "name": "Initech", "segment": "small"},
    )
    found = Account.objects.order_by("external_id").values_list("segment", "region")
    assert list(found) == [("enterprise", "EMEA"), ("small", "")]


def test_the_same_rows_again_write_nothing(inside: Tenant):
    rows = [{"external_id": f"A{n}", "name": f"Account {n}", "region": "EMEA"} for n in range(20)]
    first = bring(ACCOUNTS, *rows)
    before = list(Account.objects.order_by("pk").values())
    second = bring(ACCOUNTS, *rows)
    assert second.summary == {"new": 0, "changed": 0, "unchanged": 20, "refused": 0}
    assert [row.id for row in second.rows] == [row.id for row in first.rows]
    assert not second.accounts
    assert list(Account.objects.order_by("pk").values()) == before


def test_rows_may_be_judged_without_being_stored(inside: Tenant):
    bring(ACCOUNTS, {"external_id": "A1", "name": "Globex"}, {"external_id": "A2", "name": "Hooli"})
    before = list(Account.objects.order_by("pk").values())
    entries = TrailEntry.objects.count()
    rows: list[dict[str, Any]] = [
        {"external_id": "A1", "name": "Globex"},
        {"external_id": "A2", "name": "Hooli", "region": "EMEA"},
        {"external_id": "A3", "name": "Initech"},
        {"external_id": "A4"},
    ]
    judged = bring(ACCOUNTS, *rows, writes=False)
    assert states(judged) == ["unchanged", "changed", "new", "refused"]
    assert list(Account.objects.order_by("pk").values()) == before
    assert TrailEntry.objects.count() == entries
    assert states(bring(ACCOUNTS, *rows)) == states(judged)


def test_absent_fields_are_left_alone_and_null_clears(inside: Tenant):
    bring(ACCOUNTS, {"external_id": "A1", "name": "Globex", "region": "EMEA", "employees": 5})
    bring(ACCOUNTS, {"external_id": "A2", "name": "Initech", "region": "EMEA", "employees": 5})
    outcome = bring(
        ACCOUNTS,
        {"external_id": "A1", "region": None, "employees": None},
        {"external_id": "A2", "industry": "Paper"},
        {"external_id": "A3", "name": "New", "region": "APAC"},
    )
    assert states(outcome) == ["changed", "changed", "new"]
    globex, initech, new = Account.objects.order_by("external_id")
    assert (globex.name, globex.region, globex.employees, globex.version) == ("Globex", "", None, 2)
    assert (initech.region, initech.employees, initech.industry) == ("EMEA", 5, "Paper")
    assert (new.region, new.industry) == ("APAC", "")


def test_changed_rows_tell_what_stood_there_before(inside: Tenant):
    bring(ACCOUNTS, {"external_id": "A1", "name": "Globex", "region": "EMEA"})
    outcome = bring(ACCOUNTS, {"external_id": "A1", "region": "APAC"}, before=True)
    assert outcome.before == {outcome.rows[0].id: {"region": "EMEA"}}
    assert outcome.accounts == {outcome.rows[0].id}


def test_large_batches_travel_by_copy_and_keep_every_letter(inside: Tenant):
    odd = ['back\\slash "quoted"', "tab\tand\nline", "Ünïcode 漢字 🙂", "{a,b}", "NULL", "\\N"]
    rows = [
        {
            "external_id": f"A{n}",
            "name": f"Account {n}",
            "industry": odd[n % 6],
            "tags": [odd[n % 6]],
        }
        for n in range(1500)
    ]
    assert bring(ACCOUNTS, *rows).new == 1500
    stored = dict(Account.objects.values_list("external_id", "industry"))
    assert stored == {row["external_id"]: row["industry"] for row in rows}
    assert Account.objects.get(external_id="A4").tags == ["NULL"]
    again = [row | {"region": "EMEA"} if n % 10 == 0 else row for n, row in enumerate(rows)]
    outcome = bring(ACCOUNTS, *again)
    assert outcome.summary == {"new": 0, "changed": 150, "unchanged": 1350, "refused": 0}


def test_references_are_found_by_the_keys_of_the_source(inside: Tenant):
    bring(ACCOUNTS, {"external_id": "A1", "name": "Globex"})
    outcome = bring(
        CONTACTS,
        {"external_id": "P1", "account": "A1", "name": "Priya Raman", "roles": ["Champion"]},
        {"external_id": "P2", "account": "A9", "name": "Nobody"},
        source="crm",
    )
    assert codes(outcome) == [(1, "account", "unknown_account")]
    assert Contact.objects.get().roles == ["champion"]
    assert outcome.accounts == {Account.objects.get().pk}


def test_another_source_may_name_an_account_that_only_one_system_has(inside: Tenant):
    bring(ACCOUNTS, {"external_id": "A1", "name": "Globex"}, source="crm")
    bring(ACCOUNTS, {"external_id": "A2", "name": "Left"}, source="crm")
    bring(ACCOUNTS, {"external_id": "A2", "name": "Right"}, source="billing")
    outcome = bring(
        CONTACTS,
        {"external_id": "P1", "account": "A1", "name": "Priya"},
        {"external_id": "P2", "account": "A2", "name": "Sam"},
        source="support",
    )
    assert codes(outcome) == [(1, "account", "ambiguous_account")]


@pytest.mark.case("C8", "M18")
def test_a_repeated_key_is_refused_everywhere_in_the_batch(inside: Tenant):
    outcome = bring(
        ACCOUNTS,
        {"external_id": "A1", "name": "One"},
        {"external_id": "A2", "name": "Two"},
        {"external_id": " A1", "name": "Other"},
    )
    assert codes(outcome) == [(0, "external_id", "repeated"), (2, "external_id", "repeated")]
    assert states(outcome) == ["refused", "new", "refused"]


@pytest.mark.case("M17")
def test_parents_may_follow_their_children(inside: Tenant):
    outcome = bring(
        ACCOUNTS,
        {"external_id": "A1", "name": "Child", "parent": "A2"},
        {"external_id": "A2", "name": "Parent"},
        {"external_id": "A3", "name": "Orphan", "parent": "A7"},
        {"external_id": "A4", "name": "Child of the orphan", "parent": "A3"},
    )
    assert codes(outcome) == [(2, "parent", "unknown_account"), (3, "parent", "parent_refused")]
    assert Account.objects.get(external_id="A1").parent == Account.objects.get(external_id="A2")


@pytest.mark.case("M16")
def test_circles_of_parents_are_refused_over_stored_rows_too(inside: Tenant):
    bring(
        ACCOUNTS,
        {"external_id": "A1", "name": "Top"},
        {"external_id": "A2", "name": "Middle", "parent": "A1"},
    )
    outcome = bring(
        ACCOUNTS,
        {"external_id": "A1", "parent": "A2"},
        {"external_id": "A3", "name": "Self", "parent": "A3"},
    )
    assert codes(outcome) == [(0, "parent", "circular_parent"), (1, "parent", "circular_parent")]
    assert Account.objects.get(external_id="A1").parent is None


def test_products_are_added_when_first_named(inside: Tenant):
    account = make.account(external_id="A1")
    outcome = bring(
        CONTRACTS,
        contract(account="A1", product="core"),
        contract("K2", account="A1", product="core"),
    )
    assert states(outcome) == ["new", "new"]
    assert Product.objects.get().key == "core"
    assert set(Contract.objects.values_list("account_id", flat=True)) == {account.pk}


def contract(external_id: str = "K1", **fields: Any) -> dict[str, Any]:
    defaults = {
        "account": "A1",
        "starts_on": date(2026, 1, 1),
        "ends_on": date(2027, 1, 1),
        "arr_minor": 12_000_00,
    }
    return {"external_id": external_id} | defaults | fields


@pytest.mark.case("M13", "M14", "M15")
@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"arr_minor": -1}, "arr_minor", "negative"),
        ({"arr_minor": 10**16}, "arr_minor", "out_of_range"),
        ({"arr_minor": 12.5}, "arr_minor", "not_whole"),
        ({"arr_minor": "12"}, "arr_minor", "wrong_type"),
        ({"arr_minor": None}, "arr_minor", "missing"),
        ({"arr_minor": float("nan")}, "arr_minor", "not_a_number"),
        ({"ends_on": date(2026, 1, 1)}, "ends_on", "end_before_start"),
        ({"ends_on": "2026-02-31"}, "ends_on", "not_a_date"),
        ({"ends_on": "31.12.2026"}, "ends_on", "not_a_date"),
        ({"ends_on": date(9999, 12, 31)}, "ends_on", "impossible_date"),
        ({"currency": "USD"}, "currency", "no_rate"),
        ({"currency": "dollar"}, "currency", "not_a_currency"),
        ({"status": "sleeping"}, "status", "not_a_choice"),
        ({"plan": "x" * 81}, "plan", "too_long"),
        ({"plan": "a\x00b"}, "plan", "unreadable_text"),
        ({"colour": "red"}, "colour", "unknown_field"),
        ({"discount_share": 15}, "discount_share", "out_of_range"),
        ({"account": "B7"}, "account", "unknown_account"),
    ],
)
def test_impossible_values_are_refused_with_a_reason(
    inside: Tenant, fields: dict[str, Any], field: str, code: str
):
    make.account(external_id="A1")
    outcome = bring(CONTRACTS, contract() | fields, contract("K2"))
    assert codes(outcome) == [(0, field, code)]
    assert states(outcome) == ["refused", "new"]
    assert outcome.refusals[0].reason.endswith(".")


def test_a_new_row_needs_what_every_row_has(inside: Tenant):
    outcome = bring(ACCOUNTS, {"external_id": "A1"}, {"name": "No key"}, {"external_id": " "})
    assert codes(outcome) == [
        (0, "name", "missing"),
        (1, "external_id", "missing"),
        (2, "external_id", "missing"),
    ]


def test_checks_see_what_the_row_leaves_alone(inside: Tenant):
    make.account(external_id="A1")
    bring(CONTRACTS, contract())
    outcome = bring(CONTRACTS, {"external_id": "K1", "ends_on": date(2025, 12, 31)})
    assert codes(outcome) == [(0, "ends_on", "end_before_start")]


def test_custom_fields_are_typed_and_merged(inside: Tenant):
    CustomField.objects.create(key="tier", label="Tier", kind="choice", choices=["Gold", "Silver"])
    CustomField.objects.create(key="since", label="Since", kind="date")
    bring(ACCOUNTS, {"external_id": "A1", "name": "Globex", "custom": {"tier": "gold"}})
    bring(ACCOUNTS, {"external_id": "A1", "custom": {"since": date(2024, 5, 1)}})
    assert Account.objects.get().custom == {"tier": "Gold", "since": "2024-05-01"}
    bring(ACCOUNTS, {"external_id": "A1", "custom": {"tier": None}})
    assert Account.objects.get().custom == {"since": "2024-05-01"}
    outcome = bring(
        ACCOUNTS,
        {"external_id": "A1", "custom": {"since": "soon"}},
        {"external_id": "A2", "name": "X", "custom": {"colour": "red"}},
    )
    assert codes(outcome) == [
        (0, "custom.since", "not_a_date"),
        (1, "custom.colour", "unknown_custom_field"),
    ]
    assert [refusal.value for refusal in outcome.refusals] == ["soon", "red"]


@pytest.mark.case("M19")
def test_members_are_found_by_address_and_only_in_this_tenant(inside: Tenant, rival: Tenant):
    maya = make.member(inside, "csm", "Maya Okafor").user
    stranger = make.member(rival, "csm", "Stranger").user
    assert maya is not None
    assert stranger is not None
    outcome = bring(
        ACCOUNTS,
        {"external_id": "A1", "name": "Globex", "owner": maya.email.upper()},
        {"external_id": "A2", "name": "Initech", "owner": stranger.email},
    )
    assert codes(outcome) == [(1, "owner", "unknown_member")]
    assert Account.objects.get().owner == maya


def test_another_tenants_rows_are_as_unknown_as_any(acme: Tenant, rival: Tenant):
    with act_for(rival.pk):
        make.account(external_id="A1", source="crm")
    with act_for(acme.pk):
        outcome = bring(CONTACTS, {"external_id": "P1", "account": "A1", "name": "Priya"})
        assert codes(outcome) == [(0, "account", "unknown_account")]
        assert bring(ACCOUNTS, {"external_id": "A1", "name": "Ours"}).new == 1


def test_a_batch_leaves_one_line_and_one_on_each_account(inside: Tenant):
    bring(ACCOUNTS, *({"external_id": f"A{n}", "name": f"Account {n}"} for n in range(3)))
    lines = TrailEntry.objects.filter(verb="accounts.accounts_brought_in")
    assert lines.filter(account_id=None).get().facts == {
        "source": "crm",
        "new": 3,
        "changed": 0,
        "unchanged": 0,
        "refused": 0,
        "is_told_singly": True,
    }
    assert lines.exclude(account_id=None).count() == 3


def test_statements_do_not_grow_with_the_batch(inside: Tenant):
    make.account(external_id="A1")
    make.account(external_id="A2")

    def statements(count: int, offset: int) -> int:
        rows = [
            contract(f"K{offset + n}", account=f"A{1 + n % 2}", product=f"p{offset}")
            for n in range(count)
        ]
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert bring(CONTRACTS, *rows).new == count
        return len(captured)

    statements(1, 5000)  # the first batch also queues that news are told
    assert statements(3, 0) == statements(300, 1000)


def test_a_moved_row_touches_both_accounts(inside: Tenant):
    one, two = make.account(external_id="A1"), make.account(external_id="A2")
    bring(CONTACTS, {"external_id": "P1", "account": "A1", "name": "Priya"})
    outcome = bring(CONTACTS, {"external_id": "P1", "account": "A2"})
    assert outcome.accounts == {one.pk, two.pk}


def test_an_empty_batch_does_nothing(inside: Tenant):
    assert bring(ACCOUNTS).summary == {str(state): 0 for state in State}
    assert not TrailEntry.objects.exists()


def test_rows_date_a_new_sponsor_but_not_those_an_account_comes_with(inside: Tenant):
    def person(key: str, account: str, *roles: str) -> dict[str, Any]:
        return {"external_id": key, "account": account, "name": key, "roles": list(roles)}

    bring(
        ACCOUNTS,
        {"external_id": "A1", "name": "Globex"},
        {"external_id": "A2", "name": "Initech"},
    )
    bring(CONTACTS, person("P1", "A1", "champion"), person("P2", "A1", "end_user"))
    later = make.NOW + timedelta(days=7)
    upsert(
        CONTACTS,
        [
            person("P2", "A1", "exec_sponsor"),
            person("P3", "A1", "champion"),
            person("P4", "A2", "champion"),
            person("P5", "A1", "end_user"),
        ],
        source="crm",
        now=later,
    )
    dated = set(Contact.objects.exclude(sponsor_since=None).values_list("external_id", flat=True))
    assert dated == {"P2", "P3"}
    assert set(Contact.objects.values_list("sponsor_since", flat=True)) == {None, later.date()}
