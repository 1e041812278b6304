"""Replays score past days from what is known today, beside the snapshots and never as one."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import Account, ArrMovement, Contract
from bowtie.models import Stay
from health.actions.replays import BACK, EVERY, ask_replay, replay
from health.actions.snapshots import score_days
from health.models import HealthModel, Replay, Snapshot
from health.queries.backtest import backtest
from health.queries.measuring import slot
from health.queries.replays import replayed
from pulse.models import Feature, Usage, UsageDay
from tenants.jobs import Work
from tenants.models import Job, Tenant
from tests import make
from tests.health.test_backtest import BODY, NOW, TODAY, Told, accounts, version

LAST = TODAY - timedelta(days=1)


@pytest.fixture
def model(inside: Tenant) -> HealthModel:
    return version("plain", 1, BODY, TODAY)


@pytest.fixture
def account(model: HealthModel) -> Account:
    """Brought in today with a year of facts: placed, with ten seats and seven people."""
    account = make.account(touch_model="mid", stage="max_impact")
    Stay.objects.create(
        account=account, lifecycle=1, stage="max_impact", entered_at=NOW, recorded_at=NOW,
        is_imported=True,
    )  # fmt: skip
    Contract.objects.create(
        account=account, external_id="c", starts_on=TODAY - timedelta(days=700), arr_minor=100_00,
        seats=10,
    )  # fmt: skip
    Feature.objects.create(key="approve", name="Approve", is_core=True)
    for back in range(50, 90, 5):
        facts = {"account": account, "day": TODAY - timedelta(days=back), "recorded_at": NOW}
        UsageDay.objects.create(actions=7, active_users=7, features=1, **facts)
        for person in range(7):
            Usage.objects.create(feature="approve", person=f"p{person}", n=1, **facts)
    return account


def run(tenant: Tenant, until: date = LAST) -> int:
    """All steps of the job; returns how many."""
    work, steps = Work(tenant.pk, tenant.pk, None, timezone.now()), 0
    while steps == 0 or work.cursor:
        work.cursor = replay(work, until=until.isoformat())
        steps += 1
    return steps


def test_the_past_is_scored_from_what_is_known_today(account: Account, acme: Tenant):
    steps = run(acme)
    assert steps == BACK // EVERY
    assert not Snapshot.objects.exists()
    assert Replay.objects.count() == 100  # one each week since it was a customer
    near = Replay.objects.get(day=LAST - timedelta(days=56))
    assert near.values[slot("seat_utilisation") - 1] == 0.7
    assert near.capped == pytest.approx(70)
    early = Replay.objects.get(day=LAST - timedelta(days=7 * 80))
    assert early.values[slot("seat_utilisation") - 1] is None


def test_a_snapshot_of_the_same_day_still_knows_nothing(account: Account):
    """Facts count from when they were recorded: only replays look back."""
    day = LAST - timedelta(days=56)
    score_days(days=[day], now=timezone.now())
    assert not Snapshot.objects.exists()  # as known then, the account was not there
    Account.objects.update(customer_since=TODAY - timedelta(days=700))
    score_days(days=[day], now=timezone.now())
    kept = Snapshot.objects.get(day=day)
    assert kept.values[slot("seat_utilisation") - 1] is None
    assert kept.stage == "prospect"


def test_replaying_again_takes_in_what_came_since(account: Account, acme: Tenant):
    run(acme)
    before = Replay.objects.count()
    Contract.objects.update(seats=14)
    run(acme)
    assert Replay.objects.count() == before
    near = Replay.objects.get(day=LAST - timedelta(days=56))
    assert near.values[slot("seat_utilisation") - 1] == 0.5


def test_a_renewal_that_came_later_is_not_seen_from_before(account: Account, acme: Tenant):
    """Looking back, the contract that renewed is not there until it starts."""
    ends = TODAY - timedelta(days=100)
    Contract.objects.update(ends_on=ends)
    Contract.objects.create(
        account=account, external_id="next", starts_on=ends, ends_on=TODAY + timedelta(days=265),
        arr_minor=100_00, seats=10,
    )  # fmt: skip
    run(acme)
    day = LAST - timedelta(days=7 * 20)
    seen = Replay.objects.get(day=day).values[slot("days_to_renewal") - 1]
    assert seen == (ends - day).days


def test_replays_stand_in_where_no_score_of_then_is_and_say_so(model: HealthModel, acme: Tenant):
    [gone] = accounts([Told(0, is_lost=True)])
    Contract.objects.update(created_at=NOW, seats=10)
    ArrMovement.objects.update(recorded_at=NOW)
    Usage.objects.create(
        account=gone, day=TODAY - timedelta(days=190), feature="approve", person="p", n=1,
        recorded_at=NOW,
    )  # fmt: skip
    UsageDay.objects.create(
        account=gone, day=TODAY - timedelta(days=190), actions=1, active_users=1, recorded_at=NOW
    )
    Feature.objects.create(key="approve", name="Approve", is_core=True)
    assert [each.score for each in backtest(TODAY, timezone.now()).main.cases] == [None]
    run(acme)
    [case] = backtest(TODAY, timezone.now()).main.cases
    assert case.is_replayed
    assert case.score is not None


def test_asking_twice_on_one_day_is_done_once(inside: Tenant):
    for _ in range(2):
        ask_replay(author=None, now=datetime.now(UTC))
    assert Job.objects.filter(kind="health.replay").count() == 1
    assert replayed().is_running
    assert (replayed().days, replayed().first) == (0, None)
