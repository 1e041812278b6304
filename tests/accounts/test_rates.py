"""ARR of contracts in several currencies: heights converted, at one rate for a fiscal year."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.actions.conversion import convert_all, follow_rates
from accounts.actions.revenue import keep_all
from accounts.actions.upsert import upsert
from accounts.models import Account, ArrMovement, Contract
from accounts.queries.rates import awaited, rates
from accounts.rules.ledger import Term, arr_on, movements
from accounts.rules.rates import Conversion, NoRate, Rates
from accounts.targets import CONTRACTS
from charter.actions import InvalidChapter, install_defaults, publish
from charter.models import Document
from charter.queries import in_force
from tenants.actions.tenants import CurrencyInUse, change_tenant
from tenants.actor import Actor
from tenants.jobs import Work
from tenants.models import Job, Tenant
from tests import make
from tests.make import NOW


def usual(day: date) -> int:
    """Days within which whoever is back did not leave."""
    return 90


START = date(2024, 1, 1)
USD = {2024: "0.5", 2025: "0.8", 2026: "1"}


def abroad(rates: dict[int, str], code: str = "USD", to: str = "EUR", month: int = 1) -> Conversion:
    return Conversion(code, to, month, {year: Decimal(rate) for year, rate in rates.items()})


def term(number: int, start: date, end: date | None, arr: int, *rated: Conversion) -> Term:
    return Term(UUID(int=number), start, end, arr, (), *rated)


def told(*terms: Term, until: date = date(2026, 12, 31)) -> list[tuple[str, str, int]]:
    found = movements(terms, until=until, restored_within=usual)
    return [(f"{move.effective_on}", move.kind, move.amount_minor) for move in found]


@pytest.mark.parametrize(
    ("code", "to", "rate", "amount", "ours"),
    [
        ("USD", "EUR", "0.92", 100_00, 92_00),
        ("USD", "EUR", "0.5", 1, 1),  # half a cent, away from zero
        ("USD", "EUR", "0.5", -1, -1),
        ("USD", "EUR", "0.49", 1, 0),
        ("JPY", "EUR", "0.0061", 1_000_000, 6_100_00),
        ("EUR", "JPY", "163.5", 1_00, 164),
        ("KWD", "EUR", "3.01", 1_000, 3_01),
        ("EUR", "KWD", "0.3332", 1_00, 333),
        ("USD", "EUR", "0.123456789012", 10**15, 123_456_789_012_000),
    ],
)
def test_heights_are_converted_with_the_decimals_of_both_currencies(
    code: str, to: str, rate: str, amount: int, ours: int
):
    assert abroad({2026: rate}, code, to).minor(amount, date(2026, 6, 1)) == ours


def test_a_year_without_a_rate_is_named_and_never_taken_as_one():
    dollars = abroad({2025: "0.8"})
    with pytest.raises(NoRate, match="USD to EUR"):
        dollars.minor(1, date(2026, 1, 1))
    assert dollars.missing(date(2024, 5, 1), date(2026, 1, 1)) == ["2024", "2026"]
    april = abroad({2025: "0.8"}, month=4)
    assert april.minor(100, date(2026, 3, 31)) == 80
    assert april.missing(date(2025, 3, 31), date(2026, 4, 1)) == ["2024/25", "2026/27"]
    assert Rates("EUR").of("EUR") is None and Rates("EUR").of("USD") is not None


def test_a_new_years_rate_is_a_move_of_its_own():
    assert told(term(1, date(2024, 5, 1), None, 100, abroad(USD))) == [
        ("2024-05-01", "new", 50),
        ("2025-01-01", "fx", 30),
        ("2026-01-01", "fx", 20),
    ]


def test_what_renews_or_ends_as_a_year_begins_does_so_at_its_rate():
    first = term(1, date(2024, 1, 1), date(2025, 1, 1), 100, abroad(USD))
    flat, more = (term(2, date(2025, 1, 1), None, arr, abroad(USD)) for arr in (100, 110))
    begun = [("2024-01-01", "new", 50), ("2025-01-01", "fx", 30)]
    assert told(first, flat)[:3] == [*begun, ("2026-01-01", "fx", 20)]
    assert told(first, more)[:3] == [*begun, ("2025-01-01", "expansion", 8)]
    assert told(first) == [*begun, ("2025-01-01", "churn", -80)]


def test_a_return_over_the_turn_of_a_year_gains_nothing_from_the_rate():
    gone = term(1, date(2024, 1, 1), date(2024, 12, 15), 100, abroad(USD))
    back = term(2, date(2025, 1, 10), None, 100, abroad(USD))
    assert told(gone, back, until=date(2025, 6, 1))[2:] == [
        ("2025-01-10", "restore", 50),
        ("2025-01-10", "fx", 30),
    ]
    elsewhere = term(2, date(2027, 1, 10), None, 60)
    late = term(1, date(2024, 1, 1), date(2026, 12, 15), 100, abroad(USD))
    assert told(late, elsewhere, until=date(2027, 2, 1))[-1] == ("2027-01-10", "contraction", -40)


days = st.integers(0, 1000).map(lambda n: START + timedelta(days=n))
rate = st.decimals("0.0001", "200", places=4).map(str)


@st.composite
def some_terms(draw: Any) -> tuple[list[Term], list[Term]]:
    """Contracts of one account in several currencies; and the same at rates that stand still."""
    month = draw(st.integers(1, 12))
    moving, still = [], []
    for number in range(draw(st.integers(1, 5))):
        start = draw(days)
        length = draw(st.one_of(st.none(), st.integers(1, 500)))
        end = start + timedelta(days=length) if length else None
        changes = tuple(sorted(draw(st.lists(st.tuples(days, st.integers(0, 50)), max_size=2))))
        arr = sum(delta for _, delta in changes) + draw(st.integers(0, 10_000_000))
        given = (UUID(int=number), start, end, arr, changes)
        code = draw(st.sampled_from(["EUR", "USD", "JPY", "KWD"]))
        if code == "EUR":
            moving.append(Term(*given))
            still.append(Term(*given))
            continue
        yearly = {year: draw(rate) for year in range(2022, 2031)}
        moving.append(Term(*given, abroad(yearly, code, month=month)))
        still.append(Term(*given, abroad(dict.fromkeys(yearly, "1"), code, month=month)))
    return moving, still


@settings(max_examples=300, deadline=None)
@given(some_terms(), days, days)
def test_opening_and_movements_make_closing_in_any_currency(
    terms: tuple[list[Term], list[Term]], one: date, other: date
):
    low, high = sorted((one, other))
    for book in terms:
        ledger = movements(book, until=date(2029, 1, 1), restored_within=usual)
        inside = sum(move.amount_minor for move in ledger if low < move.effective_on <= high)
        assert arr_on(book, low) + inside == arr_on(book, high)
        assert ledger == [move for move in ledger if move.amount_minor]
    assert not [
        move for move in movements(terms[1], until=high, restored_within=usual) if move.kind == "fx"
    ]


@settings(max_examples=100, deadline=None)
@given(
    st.integers(1, 10**9), st.lists(rate, min_size=3, max_size=3), st.sampled_from(["USD", "KWD"])
)
def test_a_contract_that_stays_as_it_is_moves_by_rates_alone(
    arr: int, yearly: list[str], code: str
):
    dollars = abroad(dict(zip((2024, 2025, 2026), yearly, strict=True)), code)
    kinds = [kind for _, kind, _ in told(term(1, START, None, arr, dollars))]
    if dollars.minor(arr, START) and dollars.minor(arr, date(2025, 1, 1)):
        assert kinds[0] == "new" and set(kinds[1:]) <= {"fx"}


pytestmark = pytest.mark.django_db
Rated = dict[tuple[int, str], str]


@pytest.fixture
def charter(inside: Tenant) -> Document:
    install_defaults(author=None, now=NOW - timedelta(days=400))
    return in_force("rates")


def fix(csm: Actor, known: Rated, *, note: str = "", at: datetime = NOW, month: int = 1) -> None:
    body = {
        "first_month": month,
        "rates": [
            {"year": year, "currency": code, "rate": rate} for (year, code), rate in known.items()
        ],
    }
    seen = in_force("rates").version
    publish(kind="rates", body=body, note=note, seen_version=seen, author=csm.user, now=at)


def bring(*rows: dict[str, Any], now: datetime = NOW) -> Any:
    return upsert(CONTRACTS, rows, source="crm", now=now)


def contract(external_id: str = "K1", **fields: Any) -> dict[str, Any]:
    defaults: dict[str, Any] = {"account": "A1", "arr_minor": 100_00, "currency": "USD"}
    return {"external_id": external_id, "starts_on": date(2025, 6, 1)} | defaults | fields


def ledger() -> list[tuple[str, str, int]]:
    rows = ArrMovement.objects.order_by("effective_on", "recorded_at", "pk")
    return [(row.effective_on.isoformat(), row.kind, row.amount_minor) for row in rows]


BOTH = {(2025, "USD"): "0.8", (2026, "USD"): "0.9"}


@pytest.mark.case("M15")
def test_a_contract_without_a_rate_for_its_years_is_refused_by_name(charter: Document, csm: Actor):
    make.account(external_id="A1")
    fix(csm, {(2026, "USD"): "0.9"})
    outcome = bring(
        contract(),
        contract("K2", currency="GBP", starts_on=date(2026, 1, 1)),
        contract("K3", starts_on=date(2026, 2, 1)),
        contract("K4", currency="GBP", starts_on=date(2027, 2, 1)),
        contract("K5", starts_on=date(2027, 2, 1)),
    )
    assert [(each.index, each.code) for each in outcome.refusals] == [
        (0, "no_rate"), (1, "no_rate"), (3, "no_rate"),
    ]  # fmt: skip
    assert "from USD to EUR for 2025." in outcome.refusals[0].reason
    assert "from GBP to EUR for 2027." in outcome.refusals[2].reason
    assert ledger() == [("2026-02-01", "new", 90_00)]


def test_contracts_come_in_at_the_rates_of_their_years(charter: Document, csm: Actor):
    make.account(external_id="A1")
    fix(csm, BOTH)
    assert not bring(contract(), contract("K2", currency="EUR")).refusals
    assert ledger() == [("2025-06-01", "new", 180_00), ("2026-01-01", "fx", 10_00)]
    assert Account.objects.get().arr_minor == 190_00
    bring(contract(arr_minor=150_00), now=NOW + timedelta(days=1))
    assert ledger()[2:] == [("2026-11-20", "expansion", 45_00)]


def test_a_currency_that_becomes_another_is_a_correction(charter: Document, csm: Actor):
    make.account(external_id="A1")
    fix(csm, BOTH)
    bring(contract(currency="EUR"))
    bring(contract(), now=NOW + timedelta(days=2))
    assert sum(amount for _, _, amount in ledger()) == Account.objects.get().arr_minor == 90_00
    assert {kind for _, kind, _ in ledger()} == {"new", "fx"}
    bring(contract(arr_minor=120_00), now=NOW + timedelta(days=3))
    outcome = bring(contract(arr_minor=120_00, currency="EUR"), now=NOW + timedelta(days=4))
    assert [each.code for each in outcome.refusals] == ["other_currency"]


def test_an_account_is_held_until_the_new_years_rate_is_there(charter: Document, csm: Actor):
    make.account(external_id="A1")
    fix(csm, BOTH)
    bring(contract(), contract("K2", currency="EUR", ends_on=date(2026, 12, 30)))
    before = ledger()
    later = NOW + timedelta(days=60)
    work = Work(csm.tenant.pk, make.some_id(), None, later)
    keep_all(work, day="2027-01-18")
    assert ledger() == before and Account.objects.get().arr_minor == 190_00
    assert awaited(later.date()) == {("USD", "2027"): 1}
    assert awaited(NOW.date()) == {}
    outcome = bring(contract("K3", starts_on=date(2027, 1, 2)), now=later)
    assert "USD to EUR for 2027" in outcome.refusals[0].reason
    fix(csm, BOTH | {(2027, "USD"): "1.1"}, at=later)
    follow_rates(since=NOW, now=later)
    assert Job.objects.filter(kind="accounts.rates").count() == 1
    assert convert_all(work) is None
    assert ledger()[-2:] == [("2026-12-30", "contraction", -100_00), ("2027-01-01", "fx", 20_00)]
    assert Account.objects.get().arr_minor == 110_00


@pytest.mark.case("M15")
def test_a_used_rate_is_corrected_with_a_reason_and_what_was_known_stays(
    charter: Document, csm: Actor
):
    make.account(external_id="A1")
    fix(csm, BOTH)
    bring(contract())
    known = ledger()
    wrong = BOTH | {(2025, "USD"): "0.85"}
    with pytest.raises(InvalidChapter, match="USD of 2025: say why"):
        fix(csm, wrong)
    with pytest.raises(InvalidChapter, match="not removed: USD of 2025"):
        fix(csm, {(2026, "USD"): "0.9"}, note="No longer needed")
    with pytest.raises(InvalidChapter, match="beginning of the fiscal year"):
        fix(csm, BOTH, month=4)
    with pytest.raises(InvalidChapter, match="EUR is the currency all is kept in"):
        fix(csm, BOTH | {(2026, "EUR"): "1"})
    fix(csm, BOTH | {(2027, "USD"): "2"})  # a year to come says nothing of what was counted
    fix(csm, BOTH | {(2027, "USD"): "3"})
    later = NOW + timedelta(days=5)
    fix(csm, wrong, note="The budget had 0.85", at=later)
    convert_all(Work(csm.tenant.pk, make.some_id(), None, later))
    assert sorted(ledger()) == sorted(
        [*known, ("2025-06-01", "new", 5_00), ("2026-01-01", "fx", -5_00)]
    )
    past = ArrMovement.objects.filter(recorded_at__lte=NOW).order_by("effective_on")
    assert [row.amount_minor for row in past] == [80_00, 10_00]
    assert rates(NOW).by_currency["USD"][2025] == Decimal("0.8")
    assert rates().by_currency["USD"][2025] == Decimal("0.85")


def test_the_tenants_currency_stands_once_something_is_kept_in_it(charter: Document, csm: Actor):
    of = csm.tenant
    wanted: dict[str, Any] = {"name": of.name, "time_zone": of.time_zone, "now": NOW}
    assert change_tenant(tenant=of, currency="GBP", author=csm.user, **wanted).currency == "GBP"
    fix(csm, BOTH)
    with pytest.raises(CurrencyInUse, match="kept in GBP"):
        change_tenant(tenant=of, currency="EUR", author=csm.user, **wanted)
    assert not Contract.objects.exists()
