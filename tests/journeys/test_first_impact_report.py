"""Time to First Impact equals a count by hand, whatever contracts an account has."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Account, Contract
from bowtie.models import Stay
from journeys.queries.reports import ways
from journeys.rules.cohorts import Way
from tenants.models import Tenant
from tests import make

COMMITTED = date(2026, 3, 1)
EVER = date(2000, 1, 1)


def enter(account: Account, stage: str, day: date, **more: Any) -> Stay:
    at = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
    Stay.objects.filter(account=account, left_at=None).update(left_at=at)
    return Stay.objects.create(
        account=account, stage=stage, entered_at=at, **{"recorded_at": at} | more
    )


def contract(account: Account, begins: int, ends: int | None, **more: Any) -> None:
    """A contract from and to so many days after commit."""
    Contract.objects.create(
        account=account,
        external_id=f"{account.external_id}-{begins}-{ends}",
        starts_on=COMMITTED + timedelta(days=begins),
        ends_on=None if ends is None else COMMITTED + timedelta(days=ends),
        **{"arr_minor": 1000, "currency": "EUR"} | more,
    )


def only() -> Way:
    [found] = ways(EVER, make.NOW + timedelta(days=900))
    return found


@pytest.mark.parametrize(
    ("contracts", "reached", "took", "is_within"),
    [
        ([(-1, 364), (364, 729)], 300, 300, False),
        ([(0, 365), (365, 730)], 89, 89, True),
        ([(30, 395)], 100, 100, False),
        ([(31, 396)], 100, 69, True),
        ([(60, 425)], 40, 40, True),
        ([(-400, -35), (40, 405)], 140, 100, False),
        ([], 90, 90, True),
    ],
)
def test_the_clock_is_the_contract_in_force_at_commit_or_the_first_after_it(
    inside: Tenant, contracts: list[tuple[int, int]], reached: int, took: int, is_within: bool
):
    account = make.account()
    enter(account, "committed", COMMITTED)
    enter(account, "first_impact", COMMITTED + timedelta(days=reached))
    for begins, ends in contracts:
        contract(account, begins, ends)
    assert (only().took, only().is_within) == (took, is_within)


def test_trials_drafts_and_what_was_cancelled_start_no_clock(inside: Tenant):
    account = make.account()
    enter(account, "committed", COMMITTED)
    contract(account, -30, 300, is_trial=True)
    contract(account, -31, 300, status="pending")
    contract(account, -32, 300, cancelled_on=COMMITTED - timedelta(days=2))
    contract(account, 50, 400)
    assert only().began_on == COMMITTED + timedelta(days=50)
    contract(account, -700, -335, auto_renews=True)
    assert only().began_on == COMMITTED, "what renews by itself still runs"


lengths = st.tuples(st.integers(-500, 500), st.integers(1, 700))


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(lengths, max_size=4, unique_by=lambda each: each[0]), st.integers(0, 400))
def test_the_days_are_never_fewer_than_none_and_equal_a_hand_count(
    inside: Tenant, contracts: list[tuple[int, int]], reached: int
):
    Account.objects.all().delete()
    account = make.account()
    enter(account, "committed", COMMITTED)
    enter(account, "first_impact", COMMITTED + timedelta(days=reached))
    for begins, length in contracts:
        contract(account, begins, begins + length)
    runs = any(begins <= 0 < begins + length for begins, length in contracts)
    coming = [begins for begins, _ in contracts if begins > 0]
    late = 0 if runs or not coming else min(coming)
    expected = reached - late if 30 < late <= reached else reached
    assert only().took == expected >= 0
