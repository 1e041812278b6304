"""When a contract was up for renewal, by all that was said of its term, and that it stays known."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from accounts.actions.terms import keep_terms
from accounts.actions.upsert import bring_in
from accounts.models import Account, Contract, ContractChange, ContractTerms
from accounts.queries.due_days import due
from accounts.rules.due_days import due_days
from accounts.targets import CONTRACTS
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.accounts.wizard import Wizard

FIRST, SECOND, THIRD = date(2025, 1, 1), date(2026, 1, 1), date(2027, 1, 1)
HORIZON = date(2026, 6, 1)


@dataclass(frozen=True)
class Told:
    said_on: date = date(2024, 1, 1)
    ends_on: date | None = FIRST
    arr_minor: int = 100
    cancelled_on: date | None = None
    auto_renews: bool = False
    term_months: int | None = 12
    starts_on: date = date(2024, 1, 1)
    currency: str = "EUR"
    is_trial: bool = False
    status: str = "active"
    signed_on: date | None = None


def days(*said: Told, horizon: date = HORIZON) -> list[date]:
    return [each.due_on for each in due_days(said, horizon)]


def later(day: date, **more: Any) -> Told:
    return Told(said_on=day, **more)


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ([Told()], [FIRST]),
        ([Told(ends_on=None)], []),
        ([Told(is_trial=True)], []),
        ([Told(status="pending")], []),
        ([Told(auto_renews=True)], [FIRST, SECOND, THIRD]),
        ([Told(auto_renews=True, cancelled_on=SECOND)], [FIRST, SECOND]),
        ([Told(auto_renews=True, cancelled_on=date(2025, 9, 1))], [FIRST, SECOND]),
        ([Told(auto_renews=True, status="ended", cancelled_on=SECOND)], [FIRST]),
        ([Told(), later(date(2024, 12, 1), ends_on=SECOND)], [FIRST, SECOND]),
        ([Told(), later(date(2025, 1, 20), ends_on=SECOND)], [FIRST, SECOND]),
        ([Told(), later(date(2024, 12, 1), ends_on=None)], [FIRST]),
        ([Told(), later(date(2024, 12, 1), ends_on=date(2025, 1, 20))], [date(2025, 1, 20)]),
        ([Told(), later(date(2024, 1, 2), ends_on=SECOND)], [SECOND]),
        ([Told(), later(date(2024, 3, 1), ends_on=date(2024, 9, 1))], [date(2024, 9, 1)]),
        (
            [Told(auto_renews=True), later(date(2025, 1, 2), auto_renews=True, ends_on=SECOND)],
            [FIRST, SECOND, THIRD],
        ),
        (
            [Told(auto_renews=True), later(date(2024, 6, 1), ends_on=date(2030, 1, 1))],
            [FIRST, date(2030, 1, 1)],
        ),
        (  # brought in, taken back, and brought in again
            [
                Told(),
                later(date(2024, 11, 1), ends_on=SECOND),
                later(date(2024, 11, 2), ends_on=FIRST),
                later(date(2024, 11, 2), ends_on=SECOND),
            ],
            [FIRST, SECOND],
        ),
        (  # a wrong end, and back
            [
                Told(ends_on=SECOND),
                later(date(2024, 5, 1), ends_on=FIRST),
                later(date(2024, 5, 2), ends_on=SECOND),
            ],
            [SECOND],
        ),
        (  # a draft is no term
            [Told(status="pending"), later(date(2024, 1, 9), ends_on=SECOND)],
            [SECOND],
        ),
    ],
)
def test_a_contract_is_due_at_the_end_of_each_term(said: list[Told], wanted: list[date]):
    assert days(*said) == wanted


def test_what_rolls_from_month_to_month_is_never_due():
    month, two = date(2024, 2, 1), date(2024, 3, 1)
    assert days(Told(ends_on=month, auto_renews=True, term_months=1)) == []
    assert days(Told(ends_on=month), later(date(2024, 1, 30), ends_on=two)) == []
    told = [Told(ends_on=month), later(date(2024, 1, 30), ends_on=SECOND)]
    assert days(*told) == [SECOND], "from there on it is a contract with a term"
    committed = Told(ends_on=FIRST, auto_renews=True, term_months=1)
    assert days(committed) == [FIRST], "a year that rolls on by the month was due once"


def test_what_was_due_is_worth_what_it_was_before_it_was_decided():
    less = later(date(2024, 12, 1), ends_on=SECOND, arr_minor=80)
    dearer = later(date(2024, 6, 1), arr_minor=120)
    first, second = due_days([Told(), dearer, less], HORIZON)
    assert (first.arr_minor, first.decided_on) == (120, date(2024, 12, 1))
    assert (second.arr_minor, second.decided_on) == (80, SECOND)
    [gone] = due_days([Told(cancelled_on=date(2024, 12, 20))], HORIZON)
    assert (gone.due_on, gone.decided_on, gone.is_cancelled) == (FIRST, date(2024, 12, 20), True)


somewhen = st.dates(date(2024, 1, 1), date(2027, 1, 1))
tellings = st.builds(
    Told,
    said_on=somewhen,
    ends_on=st.one_of(st.none(), somewhen.map(lambda day: day + timedelta(days=1))),
    cancelled_on=st.one_of(st.none(), somewhen),
    auto_renews=st.booleans(),
    term_months=st.sampled_from([None, 0, 1, 3, 12]),
    status=st.sampled_from(["active", "ended", "pending"]),
)


@given(st.lists(tellings, max_size=5).map(lambda some: sorted(some, key=lambda s: s.said_on)))
def test_due_days_go_up_and_are_decided_by_then_whatever_was_said(said: list[Told]):
    found = due_days(said, HORIZON)
    assert [each.due_on for each in found] == sorted({each.due_on for each in found})
    assert all(each.decided_on <= each.due_on for each in found)
    assert sum(each.due_on >= HORIZON for each in found) <= 2
    if said and found and said[-1].ends_on and not said[-1].auto_renews:
        assert found[-1].due_on <= said[-1].ends_on


pytestmark = pytest.mark.django_db
NOW = datetime(2024, 1, 1, 9, tzinfo=UTC)


def bring(day: date, **fields: Any) -> None:
    row = {"external_id": "K1", "account": "A1"} | fields
    now = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
    assert not bring_in(CONTRACTS, [row], source="crm", now=now).refusals


def kept() -> list[tuple[Any, ...]]:
    rows = ContractTerms.objects.order_by("version")
    return [(t.version, t.ends_on, t.arr_minor, t.recorded_at.date()) for t in rows]


def test_what_a_contract_said_is_kept_and_a_past_day_knows_no_more(inside: Tenant):
    make.account(external_id="A1")
    bring(date(2024, 1, 1), starts_on=date(2024, 1, 1), ends_on=FIRST, arr_minor=100)
    bring(date(2024, 2, 1), plan="Gold")
    bring(date(2024, 12, 1), ends_on=SECOND, arr_minor=80)
    assert kept() == [
        (1, FIRST, 100, date(2024, 1, 1)), (2, SECOND, 80, date(2024, 12, 1))
    ]  # fmt: skip

    def known(day: date) -> list[tuple[date, int]]:
        at = datetime(day.year, day.month, day.day, tzinfo=UTC)
        return [(each.day.due_on, each.day.arr_minor) for each in due(at, HORIZON)]

    assert known(date(2025, 2, 1)) == [(FIRST, 100), (SECOND, 80)]
    assert known(date(2024, 11, 1)) == [(FIRST, 100)]
    assert known(date(2023, 12, 1)) == []


def test_contracts_of_before_are_known_with_each_price_they_had(inside: Tenant):
    account = make.account()
    plain = {"starts_on": date(2024, 1, 1), "ends_on": FIRST, "currency": "EUR"}
    contract = Contract.objects.create(account=account, external_id="1", arr_minor=150, **plain)
    Contract.objects.create(account=account, external_id="2", arr_minor=7, **plain)
    Contract.objects.update(created_at=NOW)
    for day, amount in ((100, 30), (200, 20)):
        at = NOW + timedelta(days=day)
        ContractChange.objects.create(
            contract=contract, effective_on=at.date(), amount_minor=amount, recorded_at=at
        )
    prices = [(1, 100), (2, 130), (3, 150)]
    for fill in (keep, migrate):
        ContractTerms.objects.all().delete()
        fill(account)
        own = ContractTerms.objects.filter(contract=contract).order_by("version")
        assert list(own.values_list("version", "arr_minor")) == prices
        assert [each.recorded_at for each in own] == [
            NOW, NOW + timedelta(days=100), NOW + timedelta(days=200)
        ]  # fmt: skip
        assert ContractTerms.objects.count() == 4
        keep(account)
        assert ContractTerms.objects.count() == 4, "said again, it adds nothing"


def keep(account: Account) -> None:
    keep_terms(account_ids=[account.pk], now=make.NOW)


def migrate(account: Account) -> None:
    """As the migration does for what was there before it."""
    migration = import_module("accounts.migrations.0007_terms_of_contracts")
    with connection.cursor() as cursor:
        cursor.execute(migration.KNOWN)


def test_an_import_taken_back_is_said_as_well(
    acme: Tenant, sign_in: Any, settings: Any, tmp_path: Path
):
    settings.MEDIA_ROOT = tmp_path
    wizard = Wizard(sign_in(make.member(acme, Role.REVOPS)), acme)
    head = "contract id,account id,start date,end date,arr\n"
    first, moved = (f"{head}c1,a1,2026-02-01,{end},1200\n" for end in ("2027-02-01", "2028-02-01"))
    wizard.bring_in(b"id,name\na1,Globex\n")
    fresh = wizard.bring_in(first.encode(), target="contracts")
    wizard.post(fresh, "undo")
    wizard.work()
    with act_for(acme.pk):
        assert not Contract.objects.exists() and not ContractTerms.objects.exists()
    wizard.bring_in(first.encode(), target="contracts")
    item = wizard.bring_in(moved.encode(), target="contracts")
    wizard.post(item, "undo")
    wizard.work()
    with act_for(acme.pk):
        ends = ContractTerms.objects.order_by("version").values_list("ends_on", flat=True)
        assert [day.year for day in ends if day] == [2027, 2028, 2027]
        said = [each.day.due_on for each in due(datetime(2099, 1, 1, tzinfo=UTC), HORIZON)]
        assert said == [date(2027, 2, 1)]
