"""Time to First Impact equals a count by hand, whatever contracts an account has."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Account, Contract
from bowtie.actions.moves import move
from bowtie.models import Stay
from bowtie.queries.board import Asked, Board
from bowtie.rules.stages import Stage
from journeys.queries.reports import ways
from journeys.rules.cohorts import Way, cohorts, within_90
from tenants.actor import Actor
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make

COMMITTED = date(2026, 3, 1)
SOON = date(2026, 3, 11)
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


@pytest.fixture
def four(acme: Tenant, csm: Actor) -> None:
    """Confirmed, by proxy, by a lead's override, and by one that skipped it; all in ten days."""
    with act_for(acme.pk):
        confirmed = {"measurement": "m", "is_proxy": False}
        for name, touch in (("Confirmed", "mid"), ("Proxy", "tech")):
            account = make.account(name, touch_model=touch)
            enter(account, "committed", COMMITTED)
            is_proxy = {"is_proxy": touch == "tech"}
            enter(account, "first_impact", SOON, evidence=confirmed | is_proxy)
        for name, stage in (("Override", Stage.FIRST_IMPACT), ("Skipped", Stage.RECURRING_IMPACT)):
            account = make.account(name, stage="committed")
            enter(account, "committed", COMMITTED)
            move(
                account=account, to_stage=stage, actor=csm.user, is_lead=True,
                now=datetime(SOON.year, SOON.month, SOON.day, 9, tzinfo=UTC),
                override_reason="They say so",
            )  # fmt: skip


def test_first_impact_by_proxy_or_override_is_told_apart(
    acme: Tenant, four: None, sign_in: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(timezone, "now", lambda: make.NOW)
    with act_for(acme.pk):
        found = {each.name: each for each in ways(EVER, make.NOW)}
        zone = ZoneInfo("UTC")
        cr5 = Board(Asked(COMMITTED, make.TODAY, make.NOW, zone)).rates["cr5"]
    assert {name: (each.unproven, each.days, each.is_within) for name, each in found.items()} == {
        "Confirmed": ("", 10, True),
        "Proxy": ("proxy", 10, False),
        "Override": ("override", 10, False),
        "Skipped": ("override", 10, False),
    }
    share = within_90(found.values(), make.TODAY)
    assert (share.met, share.n, share.apart) == (1, 4, 3)
    [quarter] = cohorts(list(found.values()), make.TODAY)
    assert (quarter.reached, quarter.by_proxy, quarter.by_override, quarter.open) == (1, 1, 2, 0)
    assert (cr5.n, cr5.reached, cr5.by_proxy, cr5.by_override) == (4, 1, 1, 2)

    lead = sign_in(make.member(acme, Role.MANAGER))
    report = "/acme/onboarding/report/"
    page = lead.get(f"{report}?cohort=2026-q1&of=apart")
    assert "1 by proxy, 2 by override" in page.text and "3 more by proxy or override" in page.text
    assert {each.name for each in page.context["rows"]} == {"Proxy", "Override", "Skipped"}
    assert lead.get(f"{report}?cohort=2026-q1&of=open").context["rows"] == []
    window = f"since={COMMITTED}&until={make.TODAY}"
    board = lead.get(f"/acme/bowtie/?{window}").text
    assert "and 1 by proxy" in board and "and 2 by override" in board
    part = lead.get(f"/acme/bowtie/parts/cr5/?{window}").text
    assert part.count(">by override<") == 2 and part.count(">by proxy<") == 1
    assert "1 by proxy and 2 by a lead" in part
