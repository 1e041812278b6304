"""A past day that is scored again gives what it gave, whatever was changed in place since."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import charter.actions
from accounts.actions.accounts import edit_account
from accounts.actions.contacts import mark_departed, save_contact
from accounts.actions.ownership import assign_accounts
from accounts.actions.segments import place
from accounts.actions.upsert import bring_in
from accounts.models import Account, Contact, FormerFact
from accounts.targets import TARGETS
from health.actions.models import install_defaults
from health.actions.snapshots import COLUMNS, keep_snapshots, score_days
from health.models import Replay, Snapshot
from health.queries.measuring import Moment
from health.queries.models import published
from pulse.actions.activities import log_activity
from pulse.actions.usage_undo import take_back
from spiced.actions.confirming import confirm_element
from spiced.actions.endings import close_event, reopen_event, restore_goal, retire_goal
from spiced.actions.events import change_event, confirm_event, save_event
from spiced.actions.goals import change_goal, save_rational_goal
from spiced.actions.measurements import confirm_measurement, measure_goal
from spiced.actions.moves import move_event, take_back_move
from spiced.models import CriticalEvent, ImpactGoal, ImpactMeasurement
from tenants.actor import Actor
from tenants.errors import Refused
from tenants.models import Tenant
from tenants.roles import Role
from tests import make

DAY = date(2026, 11, 12)
BEFORE = datetime(2026, 11, 10, 9, 0, tzinfo=UTC)
AFTER = datetime(2026, 11, 14, 9, 0, tzinfo=UTC)
ONE = timedelta(days=1)


def bring(key: str, now: datetime, *rows: dict[str, Any]) -> None:
    outcome = bring_in(TARGETS[key], rows, source="crm", now=now)
    assert not outcome.refusals, outcome.refusals


def usage(now: datetime, n: int, days: range = range(1, 90)) -> None:
    rows = [
        {"account": "A", "day": DAY - at * ONE, "feature": "approve", "person": person, "n": n}
        for at in days
        for person in ("p1", "p2", "p3", "p4")
    ]
    bring("usage", now, *rows)


@pytest.fixture
def account(inside: Tenant, csm: Actor) -> Account:
    """Everything a measure reads, known two days before the day."""
    charter.actions.install_defaults(author=None, now=BEFORE - 30 * ONE)
    install_defaults(author=None, now=BEFORE - 30 * ONE)
    bring("accounts", BEFORE, {"external_id": "A", "name": "Globex", "tags": ["pilot"]})
    bring(
        "contacts",
        BEFORE,
        {"external_id": "C1", "account": "A", "name": "Priya", "roles": ["champion"]},
        {"external_id": "C2", "account": "A", "name": "Ola", "roles": ["economic_buyer"]},
    )
    bring(
        "contracts",
        BEFORE,
        {
            **{"external_id": "K", "account": "A", "starts_on": date(2026, 1, 1), "seats": 8},
            **{"ends_on": date(2027, 1, 1), "arr_minor": 12_000_00},
        },
    )
    tickets = [
        {
            **{"external_id": f"T{at}", "account": "A", "priority": 1 + at % 4, "status": "open"},
            "opened_at": BEFORE - at * 6 * ONE,
        }
        for at in range(6)
    ]
    bring("tickets", BEFORE, *tickets)
    bring(
        "invoices",
        BEFORE,
        {"external_id": "I", "account": "A", "amount_minor": 100_00, "due_on": DAY - 20 * ONE},
    )
    bring(
        "answers",
        BEFORE,
        {
            **{"external_id": "S", "account": "A", "kind": "nps", "score": 9},
            "answered_at": BEFORE - ONE,
        },
    )
    usage(BEFORE, 3)
    account = Account.objects.get()
    Account.objects.filter(pk=account.pk).update(
        **{"sentiment": 4, "sentiment_at": BEFORE, "stage": "first_impact", "touch_model": "mid"},
        segment="mid_market",
        customer_since=date(2026, 1, 1),
        owner=csm.user,
    )
    priya = Contact.objects.get(external_id="C1")
    goal = save_rational_goal(
        **{"account": account, "actor": csm, "now": BEFORE, "statement": "Sooner"},
        **{"measure": "Response", "unit": "h", "baseline": 8.0, "target": 2.0},
        **{"baseline_on": DAY - 60 * ONE, "deadline_on": DAY + 60 * ONE},
    )
    measured = {"goal": goal, "actor": csm, "measured_on": DAY - 5 * ONE}
    measure_goal(**measured, now=BEFORE, value=5.5, confirmed_by=priya)
    measure_goal(**measured | {"measured_on": DAY - 2 * ONE}, now=BEFORE, value=4.5)
    save_event(
        **{"account": account, "actor": csm, "now": BEFORE, "statement": "Audit"},
        on=DAY + 40 * ONE,
        consequence="The finding goes to the board",
    )
    log_activity(
        **{"account": account, "actor": csm, "now": BEFORE, "kind": "call", "contacts": [priya]},
        **{"at": BEFORE - ONE, "purpose": "Plan", "outcome": "Agreed"},
    )
    make.whole_note(account, csm, priya)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE spiced_note SET saved_at = %s", [BEFORE])
    FormerFact.objects.all().delete()
    return account


def scored_again() -> dict[str, Any]:
    keep_snapshots(
        moment=Moment(DAY, "UTC"),
        in_force=published().in_force(DAY),
        recorded_at=AFTER,
        kept_in=Replay,
    )
    return plain(Replay)


def plain(model: type[Snapshot] | type[Replay]) -> dict[str, Any]:
    names = [*(name for name in COLUMNS if name != "recorded_at"), "arr_minor"]
    return dict(model.objects.values(*names).get(day=DAY))


Edit = Callable[[Account, Actor, datetime, int], None]
EDITS: dict[str, Edit] = {}


def edit(act: Edit) -> Edit:
    EDITS[act.__name__] = act
    return act


@edit
def a_goal_becomes_another(account: Account, csm: Actor, now: datetime, n: int) -> None:
    given = {"baseline": 9.0 + n, "target": 1.5, "deadline_on": DAY + (n + 3) * ONE}
    change_goal(goal=ImpactGoal.objects.get(statement="Sooner"), actor=csm, now=now, given=given)


@edit
def a_goal_is_retired(account: Account, csm: Actor, now: datetime, n: int) -> None:
    retire_goal(goal=ImpactGoal.objects.order_by("kind", "is_in_note")[n % 3], actor=csm, now=now)


@edit
def a_goal_is_taken_up(account: Account, csm: Actor, now: datetime, n: int) -> None:
    restore_goal(goal=ImpactGoal.objects.order_by("kind", "is_in_note")[n % 3], actor=csm, now=now)


@edit
def a_value_is_measured(account: Account, csm: Actor, now: datetime, n: int) -> None:
    goal = ImpactGoal.objects.get(statement="Sooner")
    priya = Contact.objects.get(external_id="C1")
    at = {"now": now, "measured_on": DAY - n * ONE, "confirmed_by": priya}
    measure_goal(goal=goal, actor=csm, value=2.0 + n, **at)


@edit
def a_value_is_confirmed(account: Account, csm: Actor, now: datetime, n: int) -> None:
    found = ImpactMeasurement.objects.filter(confirmed_at=None).first()
    if found:
        priya = Contact.objects.get(external_id="C1")
        confirm_measurement(measurement=found, actor=csm, now=now, confirmed_by=priya)


def event_of(n: int) -> CriticalEvent:
    return CriticalEvent.objects.order_by("statement", "pk")[n % 2]


@edit
def an_event_moves(account: Account, csm: Actor, now: datetime, n: int) -> None:
    move_event(event=event_of(n), actor=csm, now=now, on=DAY + (50 + n) * ONE, reason="Late")


@edit
def a_move_is_taken_back(account: Account, csm: Actor, now: datetime, n: int) -> None:
    take_back_move(event=event_of(n), actor=csm, now=now)


@edit
def an_event_is_over(account: Account, csm: Actor, now: datetime, n: int) -> None:
    close_event(event=event_of(n), actor=csm, now=now, status=["met", "missed", "invalid"][n % 3])


@edit
def an_event_goes_on(account: Account, csm: Actor, now: datetime, n: int) -> None:
    reopen_event(event=event_of(n), actor=csm, now=now)


@edit
def an_event_is_confirmed(account: Account, csm: Actor, now: datetime, n: int) -> None:
    priya = Contact.objects.get(external_id="C1")
    more = {"confirmed_by": priya, "confirmed_on": DAY - n * ONE}
    confirm_event(event=event_of(n), actor=csm, now=now, **more)


@edit
def an_event_is_edited(account: Account, csm: Actor, now: datetime, n: int) -> None:
    change_event(event=event_of(n), actor=csm, now=now, given={"consequence": "x" * (n % 2)})


@edit
def the_note_says_another(account: Account, csm: Actor, now: datetime, n: int) -> None:
    said = {"text": "Audit", "on": (DAY + n * ONE).isoformat(), "consequence": "Loss"}
    make.note(account, csm, CE=said, I={"baseline": n, "target": 99}, is_draft=n % 2 == 0)


@edit
def the_note_is_confirmed(account: Account, csm: Actor, now: datetime, n: int) -> None:
    priya = Contact.objects.get(external_id="C1")
    letter = ["I", "CE", "D"][n % 3]
    at = {"now": now, "heard_on": DAY - ONE}
    confirm_element(account=account, actor=csm, letter=letter, heard_from=priya, **at)


@edit
def a_contact_has_other_roles(account: Account, csm: Actor, now: datetime, n: int) -> None:
    roles = [["champion", "exec_sponsor"], ["end_user"], ["economic_buyer"], []][n % 4]
    contact = Contact.objects.order_by("external_id")[n % 2]
    save_contact(
        **{"account": account, "actor": csm, "now": now, "name": contact.name, "roles": roles},
        contact=contact,
    )


@edit
def a_contact_leaves(account: Account, csm: Actor, now: datetime, n: int) -> None:
    contact = Contact.objects.order_by("external_id")[n % 2]
    mark_departed(contact=contact, actor=csm, now=now, on=DAY - n * ONE)


@edit
def a_file_says_otherwise_of_contacts(account: Account, csm: Actor, now: datetime, n: int) -> None:
    row = {"external_id": "C1", "account": "A", "name": "Priya"}
    bring("contacts", now, row | {"status": ["passive", "departed", "active"][n % 3]})


@edit
def somebody_was_met(account: Account, csm: Actor, now: datetime, n: int) -> None:
    ola = Contact.objects.get(external_id="C2")
    log_activity(
        **{"account": account, "actor": csm, "now": now, "kind": "call", "contacts": [ola]},
        **{"at": BEFORE + n * timedelta(hours=1), "purpose": "x", "outcome": "y"},
    )


@edit
def a_ticket_ends(account: Account, csm: Actor, now: datetime, n: int) -> None:
    row = {"external_id": f"T{n % 6}", "account": "A", "opened_at": BEFORE - n % 6 * 6 * ONE}
    more = {"status": "resolved", "resolved_at": BEFORE + ONE, "csat": 1 + n % 5}
    bring("tickets", now, row | more | {"priority": 1 + n % 4})


@edit
def an_invoice_is_paid(account: Account, csm: Actor, now: datetime, n: int) -> None:
    row = {"external_id": "I", "account": "A", "amount_minor": 100_00, "due_on": DAY - n * ONE}
    bring("invoices", now, row | {"paid_on": DAY - ONE, "status": "paid"})


@edit
def an_answer_is_corrected(account: Account, csm: Actor, now: datetime, n: int) -> None:
    row = {"external_id": "S", "account": "A", "kind": "nps", "score": n % 10}
    bring("answers", now, row | {"answered_at": BEFORE - ONE})


@edit
def usage_is_corrected(account: Account, csm: Actor, now: datetime, n: int) -> None:
    usage(now, n, range(1, 20 + 5 * n))


@edit
def usage_of_a_file_is_taken_back(account: Account, csm: Actor, now: datetime, n: int) -> None:
    days = [(DAY - at * ONE).isoformat() for at in range(1, 30)]
    people = [f"p{who}" for who in range(1, 2 + n % 4)]
    values = [[account.pk, day, "approve", who, 3, 1, None, None] for day in days for who in people]
    kept = [[str(account.pk), day, None, None, False] for day in days]
    take_back({"values": values, "days": kept}, now=now)


@edit
def a_contract_is_another(account: Account, csm: Actor, now: datetime, n: int) -> None:
    row = {"external_id": "K", "account": "A", "starts_on": date(2026, 1, 1), "seats": 3 + n}
    ends = {"ends_on": date(2027, 1, 1) - n * ONE, "cancelled_on": DAY - ONE if n % 2 else None}
    bring("contracts", now, row | ends | {"arr_minor": 9_000_00 + n * 100})


@edit
def an_account_is_edited(account: Account, csm: Actor, now: datetime, n: int) -> None:
    version = Account.objects.get(pk=account.pk).version
    values = {"region": f"R{n}", "sentiment": 1 + n % 5}
    edit_account(account=account, seen_version=version, values=values, actor=csm, now=now)


@edit
def an_account_changes_hands(account: Account, csm: Actor, now: datetime, n: int) -> None:
    lead = make.member(csm.tenant, Role.MANAGER)
    owner = csm.user if n % 2 else lead.user
    assign_accounts(account_ids=[account.pk], owner=owner, actor=lead, now=now)


@edit
def a_file_says_otherwise_of_the_account(
    account: Account, csm: Actor, now: datetime, n: int
) -> None:
    bring("accounts", now, {"external_id": "A", "name": "Globex", "tags": [f"t{n}"]})


@edit
def the_rules_place_it_elsewhere(account: Account, csm: Actor, now: datetime, n: int) -> None:
    place(segments={account.pk: (["enterprise", "small"][n % 2], "high")}, now=now)


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    edits=st.lists(
        st.tuples(st.sampled_from(sorted(EDITS)), st.integers(0, 11)), min_size=1, max_size=6
    )
)
def test_edits_after_a_day_never_change_it(account: Account, csm: Actor, edits: list[Any]):
    with transaction.atomic():
        score_days(days=[DAY], now=AFTER - ONE)
        stored = plain(Snapshot)
        for step, (name, n) in enumerate(edits):
            try:
                with transaction.atomic():
                    EDITS[name](account, csm, AFTER + step * timedelta(hours=1), n)
            except Refused:
                continue
        assert scored_again() == stored
        transaction.set_rollback(True)


# What these change is new or dated by itself, or undoes what none of them did before.
ALONE_NOTHING = {
    *("a_goal_is_taken_up", "a_move_is_taken_back", "a_value_is_measured", "an_event_goes_on"),
    *("a_value_is_confirmed", "the_note_says_another", "the_note_is_confirmed"),
}


@pytest.mark.parametrize("name", sorted(EDITS.keys() - ALONE_NOTHING))
def test_each_edit_would_change_the_day_if_nothing_were_kept(
    account: Account, csm: Actor, name: str
):
    score_days(days=[DAY], now=AFTER - ONE)
    stored, found = plain(Snapshot), []
    for n in range(4):
        with transaction.atomic():
            try:
                EDITS[name](account, csm, AFTER, n)
            except Refused:
                transaction.set_rollback(True)
                continue
            assert scored_again() == stored
            FormerFact.objects.all().delete()
            found.append(scored_again())
            transaction.set_rollback(True)
    assert any(each != stored for each in found)
