"""Measures from facts: each noun once, as of the day asked for and as known by then."""

import math
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from accounts.models import Account, ArrMovement, Contact, Contract
from bowtie.models import Stay
from health.actions.snapshots import score_days
from health.models import Snapshot
from health.rules.catalogue import MEASURES
from pulse.models import Activity, Feature, Invoice, SurveyAnswer, Ticket, Usage, UsageDay
from spiced.models import CriticalEvent, ImpactGoal, ImpactMeasurement
from tenants.models import Tenant
from tests import make
from tests.make import NOW, TODAY

LONG_AGO = NOW - timedelta(days=400)
SINCE = date(2025, 1, 1)
Value = Callable[..., float | None]


def at(days_ago: int) -> datetime:
    return datetime.combine(TODAY - timedelta(days=days_ago), time(8), UTC)


@pytest.fixture
def account(inside: Tenant) -> Account:
    """A live account with ten seats."""
    made = make.account(stage="first_impact", touch_model="mid", customer_since=SINCE)
    Stay.objects.create(
        account=made, stage="first_impact", entered_at=LONG_AGO, recorded_at=LONG_AGO
    )
    contract = Contract.objects.create(
        account=made, external_id="k", starts_on=SINCE, ends_on=TODAY + timedelta(days=100),
        arr_minor=1000, seats=10,
    )  # fmt: skip
    Contract.objects.filter(pk=contract.pk).update(created_at=LONG_AGO)
    return made


@pytest.fixture
def value(account: Account) -> Value:
    """Measures an account as of a day."""

    def measured(key: str, day: date = TODAY) -> float | None:
        Snapshot.objects.filter(account=account, day=day).delete()
        score_days(days=[day], now=NOW)
        return Snapshot.objects.get(account=account, day=day).values[MEASURES[key].slot - 1]

    return measured


def used(account: Account, person: str, days_ago: int, n: int = 1, **fields: Any) -> None:
    day, known = TODAY - timedelta(days=days_ago), {"recorded_at": LONG_AGO} | fields
    Usage.objects.create(account=account, day=day, person=person, n=n, **known)
    row, _ = UsageDay.objects.get_or_create(
        account=account, day=day, defaults={"recorded_at": known["recorded_at"]}
    )
    UsageDay.objects.filter(account=account, day=day).update(
        actions=row.actions + n, active_users=(row.active_users or 0) + 1
    )


def test_people_are_counted_once_and_regulars_by_their_days(account: Account, value: Value):
    for days_ago in range(8):
        used(account, "regular", days_ago, n=2)
        used(account, "regular", days_ago, n=1, feature="other") if days_ago == 0 else None
    used(account, "rare", 27)
    used(account, "gone", 28)
    assert value("seat_utilisation") == 0.2
    assert value("depth") == 0.5
    assert value("concentration") == pytest.approx(17 / 18)


def test_weeks_of_habit_are_those_with_a_quarter_of_the_seats(account: Account, value: Value):
    monday = TODAY.weekday()
    for week in (1, 2, 5):
        for person in ("a", "b", "c"):
            used(account, person, monday + 7 * week)
    used(account, "a", monday + 7 * 3)
    assert value("habit_weeks") is None  # the newest use is more than a week old
    used(account, "a", 0)
    assert value("habit_weeks") == 3


def test_use_before_go_live_is_not_expected(account: Account, value: Value):
    used(account, "a", 1)
    Stay.objects.update(stage="onboarding")
    assert value("seat_utilisation") is None


def test_breadth_is_the_share_of_core_features_three_people_use(account: Account, value: Value):
    for key in ("approve", "match"):
        Feature.objects.create(key=key, name=key)
    for person in ("a", "b", "c"):
        used(account, person, 2, feature="approve")
    used(account, "a", 3, feature="match")
    assert value("breadth") == 0.5


def test_what_was_learned_later_changes_no_day_before(account: Account, value: Value):
    used(account, "a", 3)
    late = NOW - timedelta(hours=1)
    used(account, "b", 2, recorded_at=late)
    assert value("seat_utilisation") == 0.2
    assert value("seat_utilisation", TODAY - timedelta(days=1)) == 0.1


def test_days_since_two_way_contact(account: Account, value: Value):
    assert value("days_since_two_way") is None
    for number, (kind, days_ago, is_two_way) in enumerate(
        [("call", 12, True), ("email", 3, False), ("note", 1, True)]
    ):
        Activity.objects.create(
            account=account, external_id=str(number), kind=kind, at=at(days_ago),
            is_two_way=is_two_way, recorded_at=at(days_ago),
        )  # fmt: skip
    assert value("days_since_two_way") == 12


def test_key_roles_and_the_champion(account: Account, value: Value):
    champion = make.contact(account, roles=["champion", "user_lead"], last_two_way_at=at(10))
    make.contact(account, "Old", roles=["exec_sponsor"], last_two_way_at=at(100))
    Contact.objects.update(created_at=LONG_AGO)
    assert value("key_roles_met") == 2
    assert value("champion_status") == 100
    left_on = TODAY - timedelta(days=1)
    Contact.objects.filter(pk=champion.pk).update(departed_on=left_on)
    assert value("champion_status") == 0
    assert value("key_roles_met") == 0


def test_tickets_open_and_beyond_target(account: Account, value: Value):
    for number, (priority, days_ago, status) in enumerate(
        [(1, 1, "open"), (3, 20, "open"), (3, 20, "waiting"), (3, 1, "open"), (2, 30, "resolved")]
    ):
        Ticket.objects.create(
            account=account, external_id=str(number), priority=priority, status=status,
            opened_at=at(days_ago), recorded_at=at(days_ago),
            resolved_at=at(days_ago - 1) if status == "resolved" else None,
        )  # fmt: skip
    assert value("sev1_open") == 1
    assert value("open_late_tickets") == 2
    assert value("tickets_7d") == 2


def test_nps_takes_each_contacts_latest_answer(account: Account, value: Value):
    priya, jonas = make.contact(account), make.contact(account, "Jonas")
    for number, (contact, score, days_ago) in enumerate(
        [(priya, 3, 90), (priya, 9, 30), (jonas, 7, 20), (jonas, 0, 200)]
    ):
        SurveyAnswer.objects.create(
            account=account, contact=contact, external_id=str(number), kind="nps", score=score,
            answered_at=at(days_ago), recorded_at=at(days_ago),
        )  # fmt: skip
    assert value("nps_mean") == 50
    assert value("nps_last") == 7


def test_money_owed_and_growth(account: Account, value: Value):
    Invoice.objects.create(account=account, external_id="1", amount_minor=100,
                           due_on=TODAY - timedelta(days=31), recorded_at=LONG_AGO)  # fmt: skip
    ArrMovement.objects.create(account=account, kind="new", amount_minor=1000,
                               effective_on=SINCE, recorded_at=LONG_AGO)  # fmt: skip
    nine_ago = TODAY - timedelta(days=9)
    ArrMovement.objects.create(account=account, kind="contraction", amount_minor=-250,
                               effective_on=nine_ago, recorded_at=at(9))  # fmt: skip
    assert value("days_overdue") == 31
    assert value("arr_change_12m") == -0.25
    assert value("arr_change_12m", TODAY - timedelta(days=10)) == 0
    assert value("days_to_renewal") == 100


def test_impact_counts_once_it_is_confirmed(account: Account, value: Value):
    goal = ImpactGoal.objects.create(
        account=account, kind="rational", statement="Less paper", baseline=0, target=100,
        baseline_on=TODAY - timedelta(days=100), deadline_on=TODAY + timedelta(days=100),
        status="active", recorded_at=LONG_AGO,
    )  # fmt: skip
    measurement = ImpactMeasurement.objects.create(
        goal=goal, value=30, measured_on=TODAY, recorded_at=NOW
    )
    assert value("goal_on_track") is None
    measurement.confirmed_at = NOW
    measurement.save()
    assert value("goal_on_track") == pytest.approx(0.6)
    assert value("days_since_impact") == 0


def test_the_next_critical_event(account: Account, value: Value):
    fields = {"account": account, "statement": "Audit", "recorded_at": LONG_AGO}
    CriticalEvent.objects.create(on=TODAY + timedelta(days=9), **fields)
    assert (value("critical_event_class"), value("days_to_critical_event")) == (1, None)
    CriticalEvent.objects.create(on=TODAY + timedelta(days=26), consequence="Finding", **fields)
    assert (value("critical_event_class"), value("days_to_critical_event")) == (2, 26)


@pytest.mark.parametrize(
    ("stays", "pace"),
    [
        ([("committed", 30)], 1.0),
        ([("committed", 84)], 0.5),
        ([("committed", 84), ("live", 63)], 2.0),
    ],
)
def test_onboarding_pace(account: Account, value: Value, stays: list[tuple[str, int]], pace: float):
    Stay.objects.all().delete()
    for number, (stage, days_ago) in enumerate(stays):
        is_last = number == len(stays) - 1
        Stay.objects.create(account=account, stage=stage, entered_at=at(days_ago),
                            left_at=None if is_last else NOW, recorded_at=at(days_ago))  # fmt: skip
    assert value("onboarding_pace") == pace


@pytest.mark.case("E4")
@pytest.mark.parametrize(
    ("ago", "n", "trend"),
    [
        ([], 0, None),  # nothing at all
        ([3], 1, None),  # a first day
        ([5], 100_000_000, None),  # one spike, and nothing to compare it with
        (range(7, 84, 9), 1, None),  # with gaps, fewer than five actions a week
        (range(35, 84, 7), 40, -1.0),  # it stopped
        ([*range(35, 84, 7), *range(7, 35, 7)], 40, 0.0),  # weeks with gaps that go on
    ],
)
def test_usage_with_gaps_of_nothing_and_with_a_spike(
    account: Account, value: Value, ago: Any, n: int, trend: float | None
):
    used(make.account("Another, whose usage still comes"), "Bo", 0)
    for days in ago:
        used(account, "Ada", days, n)
    found = value("usage_trend")
    assert (found if found is None else round(found, 1)) == trend
    row = Snapshot.objects.get(account=account, day=TODAY).values
    assert all(each is None or math.isfinite(each) for each in row)
