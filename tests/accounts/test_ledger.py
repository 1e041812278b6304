"""ARR from contracts: its height, its moves, and a ledger that is only added to."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.actions.revenue import keep_all, keep_ledger
from accounts.actions.upsert import upsert
from accounts.models import Account, ArrMovement
from accounts.rules.ledger import (
    Agreement,
    Movement,
    Term,
    arr_on,
    corrections,
    movements,
    standing,
)
from accounts.rules.renewal import next_end
from accounts.targets import CONTRACTS
from tenants.jobs import Work
from tenants.models import Tenant, TrailEntry
from tests import make


def usual(day: date) -> int:
    """Days within which whoever is back did not leave."""
    return 90


UNTIL = date(2027, 1, 1)
START = date(2024, 1, 1)


def term(number: int, start: date, end: date | None, arr: int, *changes: Any) -> Term:
    return Term(UUID(int=number), start, end, arr, tuple(changes))


def told(*terms: Term, until: date = UNTIL) -> list[tuple[str, str, int]]:
    return [
        (move.effective_on.isoformat(), move.kind, move.amount_minor)
        for move in movements(terms, until=until, restored_within=usual)
    ]


def test_a_first_contract_is_new_and_its_end_is_churn():
    assert told(term(1, date(2024, 1, 1), date(2025, 1, 1), 100)) == [
        ("2024-01-01", "new", 100),
        ("2025-01-01", "churn", -100),
    ]


def test_what_lies_ahead_has_not_happened():
    assert told(term(1, date(2026, 6, 1), date(2027, 6, 1), 100)) == [("2026-06-01", "new", 100)]


def test_one_product_ending_while_others_stay_is_contraction():
    assert told(
        term(1, date(2024, 1, 1), None, 300), term(2, date(2024, 1, 1), date(2025, 1, 1), 100)
    ) == [("2024-01-01", "new", 400), ("2025-01-01", "contraction", -100)]


def test_a_renewal_at_another_price_moves_by_the_difference():
    first = term(1, date(2024, 1, 1), date(2025, 1, 1), 100)
    assert told(first, term(2, date(2025, 1, 1), None, 130))[1:] == [
        ("2025-01-01", "expansion", 30)
    ]
    assert told(first, term(2, date(2025, 1, 1), None, 100))[1:] == []
    assert told(first, term(2, date(2025, 1, 1), None, 80))[1:] == [
        ("2025-01-01", "contraction", -20)
    ]


@pytest.mark.parametrize(
    ("days", "arr", "moves"),
    [
        (90, 100, [("restore", 100)]),
        (90, 120, [("restore", 100), ("expansion", 20)]),
        (1, 80, [("restore", 100), ("contraction", -20)]),
        (91, 100, [("reactivation", 100)]),
    ],
)
def test_a_return_within_ninety_days_cancels_the_loss(days: int, arr: int, moves: list[Any]):
    back = date(2025, 1, 1) + timedelta(days=days)
    found = told(term(1, date(2024, 1, 1), date(2025, 1, 1), 100), term(2, back, None, arr))
    assert [(kind, amount) for _, kind, amount in found[2:]] == moves


def test_a_price_that_changed_while_it_ran_is_a_move_of_that_day():
    changed = term(1, date(2024, 1, 1), None, 150, (date(2024, 7, 1), 50))
    assert told(changed) == [("2024-01-01", "new", 100), ("2024-07-01", "expansion", 50)]
    assert changed.arr_on(date(2024, 6, 30)) == 100


def test_the_worked_example_of_retention_comes_out_of_the_ledger():
    """Operating model 10.1: NRR 87.0 %, GRR 81.0 %, five accounts from 1,000."""
    begin, end = date(2025, 1, 1), date(2026, 1, 1)
    pairs = {"A": (100, 130), "B": (200, 160), "C": (300, 300), "D": (150, 0), "E": (250, 280)}
    opening = closing = kept = 0
    for number, (before, after) in enumerate(pairs.values()):
        half_way = date(2025, 7, 1)
        terms = [term(number * 2, START, half_way, before)]
        terms += [term(number * 2 + 1, half_way, None, after)] if after else []
        ledger = movements(terms, until=end, restored_within=usual)
        low = sum(move.amount_minor for move in ledger if move.effective_on <= begin)
        high = sum(move.amount_minor for move in ledger if move.effective_on <= end)
        opening, closing, kept = opening + low, closing + high, kept + min(low, high)
    assert (opening, closing / opening, kept / opening) == (1000, 0.87, 0.81)


days = st.integers(0, 900).map(lambda n: START + timedelta(days=n))


@st.composite
def some_terms(draw: Any) -> list[Term]:
    terms = []
    for number in range(draw(st.integers(1, 6))):
        start = draw(days)
        length = draw(st.one_of(st.none(), st.integers(1, 500)))
        end = start + timedelta(days=length) if length else None
        changes = tuple(sorted(draw(st.lists(st.tuples(days, st.integers(0, 50)), max_size=3))))
        floor = sum(delta for _, delta in changes)
        arr = floor + draw(st.integers(0, 10_000_000))
        terms.append(Term(UUID(int=number), start, end, arr, changes))
    return terms


@settings(max_examples=300, deadline=None)
@given(some_terms(), days, days)
def test_opening_and_movements_make_closing_in_any_window(
    terms: list[Term], one: date, other: date
):
    low, high = sorted((one, other))
    ledger = movements(terms, until=date(2030, 1, 1), restored_within=usual)
    inside = sum(move.amount_minor for move in ledger if low < move.effective_on <= high)
    assert arr_on(terms, low) + inside == arr_on(terms, high)
    assert ledger == [move for move in ledger if move.amount_minor]
    assert movements(terms, until=low, restored_within=usual) == [
        m for m in ledger if m.effective_on <= low
    ]


@settings(max_examples=150, deadline=None)
@given(some_terms(), some_terms())
def test_corrections_bring_any_ledger_to_what_it_should_say(was: list[Term], is_now: list[Term]):
    recorded: dict[tuple[date, str], int] = {}

    def add(moves: list[Movement]) -> None:
        for move in moves:
            place = move.effective_on, move.kind
            recorded[place] = recorded.get(place, 0) + move.amount_minor

    add(movements(was, until=UNTIL, restored_within=usual))
    add(corrections(movements(is_now, until=UNTIL, restored_within=usual), recorded))
    assert corrections(movements(is_now, until=UNTIL, restored_within=usual), recorded) == []
    for day in (START, date(2025, 6, 1), UNTIL):
        assert sum(amount for (on, _), amount in recorded.items() if on <= day) == arr_on(
            is_now, day
        )


def test_the_next_renewal_is_the_first_end_that_nothing_takes_over():
    old = Agreement(term(1, date(2026, 1, 1), date(2027, 1, 1), 100), None, date(2027, 1, 1))
    new = Agreement(term(2, date(2027, 1, 1), date(2028, 1, 1), 100), None, date(2028, 1, 1))
    today = date(2026, 11, 19)
    assert standing([old], [], today).renews_on == date(2027, 1, 1)
    assert standing([old, new], [], today).renews_on == date(2028, 1, 1)


@pytest.mark.case("E6")
@pytest.mark.parametrize(
    ("ends", "months", "today", "renews"),
    [
        (date(2024, 2, 29), 12, date(2024, 3, 1), date(2025, 2, 28)),
        (date(2024, 2, 29), 12, date(2027, 6, 1), date(2028, 2, 29)),
        (date(2024, 2, 29), 48, date(2025, 1, 1), date(2028, 2, 29)),
        (date(2026, 1, 31), 1, date(2026, 2, 1), date(2026, 2, 28)),
        (date(2020, 1, 1), 12, date(2026, 1, 1), date(2027, 1, 1)),
        (date(2027, 1, 1), 12, date(2026, 1, 1), date(2027, 1, 1)),
    ],
)
def test_what_renews_by_itself_has_its_next_day_in_every_kind_of_year(
    ends: date, months: int, today: date, renews: date
):
    told = {"starts_on": date(2019, 1, 1), "cancelled_on": None, "status": "active"}
    contract: Any = SimpleNamespace(ends_on=ends, term_months=months, auto_renews=True, **told)
    assert next_end(contract, today) == renews
    contract.auto_renews = False
    assert next_end(contract, today) == ends, "an end in the past stays where it is"
    contract.ends_on = None
    assert next_end(contract, today) is None


pytestmark = pytest.mark.django_db


def bring(*rows: dict[str, Any], now: Any = make.NOW) -> Any:
    return upsert(CONTRACTS, rows, source="crm", now=now)


def contract(external_id: str = "K1", account: str = "A1", **fields: Any) -> dict[str, Any]:
    defaults = {"starts_on": date(2026, 1, 1), "ends_on": date(2027, 1, 1), "arr_minor": 100_00}
    return {"external_id": external_id, "account": account} | defaults | fields


def ledger() -> list[tuple[str, str, int]]:
    rows = ArrMovement.objects.order_by("effective_on", "recorded_at", "pk")
    return [(row.effective_on.isoformat(), row.kind, row.amount_minor) for row in rows]


def test_contracts_that_come_in_move_the_ledger_and_the_account(inside: Tenant):
    make.account(external_id="A1")
    bring(contract(), contract("K2", arr_minor=50_00, starts_on=date(2026, 6, 1)))
    assert ledger() == [("2026-01-01", "new", 100_00), ("2026-06-01", "expansion", 50_00)]
    account = Account.objects.get()
    assert (account.arr_minor, account.customer_since, account.renews_on) == (
        150_00,
        date(2026, 1, 1),
        date(2027, 1, 1),
    )
    assert TrailEntry.objects.filter(verb="accounts.arr_moved", account_id=account.pk).count() == 1


def test_bringing_them_in_again_adds_nothing(inside: Tenant):
    make.account(external_id="A1")
    bring(contract())
    bring(contract())
    keep_ledger(account_ids=[Account.objects.get().pk], now=make.NOW)
    assert len(ledger()) == 1


def test_a_price_changed_on_the_day_it_was_recorded_is_a_correction(inside: Tenant):
    make.account(external_id="A1")
    bring(contract(arr_minor=1))
    bring(contract(arr_minor=100_00))
    assert ledger() == [("2026-01-01", "new", 1), ("2026-01-01", "new", 100_00 - 1)]


def test_a_price_changed_later_is_an_expansion_of_that_day(inside: Tenant):
    make.account(external_id="A1")
    bring(contract())
    bring(contract(arr_minor=120_00), now=make.NOW + timedelta(days=3))
    assert ledger() == [("2026-01-01", "new", 100_00), ("2026-11-22", "expansion", 20_00)]
    keep_ledger(account_ids=[Account.objects.get().pk], now=make.NOW + timedelta(days=4))
    assert len(ledger()) == 2


def test_a_contract_learned_late_is_put_right_without_rewriting(inside: Tenant):
    make.account(external_id="A1")
    bring(contract())
    bring(contract("K0", starts_on=date(2025, 1, 1), ends_on=date(2026, 1, 1), arr_minor=90_00))
    assert ledger() == [
        ("2025-01-01", "new", 90_00),
        ("2026-01-01", "new", 100_00),
        ("2026-01-01", "expansion", 10_00),
        ("2026-01-01", "new", -100_00),
    ]
    assert Account.objects.get().customer_since == date(2025, 1, 1)


def test_the_night_records_what_ended(inside: Tenant):
    make.account(external_id="A1")
    bring(contract(ends_on=date(2026, 11, 21)))
    later = make.NOW + timedelta(days=3)
    work = Work(inside.pk, make.some_id(), None, later)
    assert keep_all(work, day="2026-11-22") is None
    assert ledger()[1:] == [("2026-11-21", "churn", -100_00)]
    assert Account.objects.get().arr_minor == 0
    assert work.statistics == {"entries": 1}


def test_trials_and_unsigned_contracts_do_not_count(inside: Tenant):
    make.account(external_id="A1")
    bring(contract(is_trial=True), contract("K2", status="pending"))
    assert ledger() == []


def test_what_renews_by_itself_goes_on_until_it_is_cancelled(inside: Tenant):
    make.account(external_id="A1")
    bring(contract(ends_on=date(2026, 7, 1), auto_renews=True, term_months=6))
    account = Account.objects.get()
    assert (account.arr_minor, account.renews_on) == (100_00, date(2027, 1, 1))
    bring({"external_id": "K1", "cancelled_on": date(2026, 11, 1)})
    assert ledger()[1:] == [("2026-11-01", "churn", -100_00)]
