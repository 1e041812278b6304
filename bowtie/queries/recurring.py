"""Which accounts past First Impact got impact again this quarter, and how often in a row."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

from bowtie.models import Stay
from bowtie.rules.stages import Stage
from spiced.models import ImpactGoal, ImpactMeasurement
from spiced.rules.impact import (
    Reading,
    achievement,
    expected,
    is_delivered,
    is_lapsed,
    on_track_ratio,
)
from spiced.rules.recurring import Period, quarter, rate, streak

IMPACT_STAGES = (Stage.FIRST_IMPACT, Stage.RECURRING_IMPACT, Stage.MAX_IMPACT)


@dataclass(frozen=True)
class Recurring:
    """Impact that came again. accounts: those past First Impact as the period began."""

    period: Period
    as_of: date
    streaks: Mapping[UUID, int]
    delivered: frozenset[UUID]
    lapsed: frozenset[UUID]

    @property
    def n(self) -> int:
        return len(self.streaks)

    @property
    def rate(self) -> float | None:
        return rate(len(self.delivered), self.n)


def recurring(accounts: Collection[UUID], today: date, zone: str) -> Recurring:
    """Of some accounts, the quarter of a day. Two queries."""
    period = quarter(today)
    begun = datetime.combine(period.start, time(), ZoneInfo(zone))
    past = set(
        Stay.objects.filter(
            Q(left_at=None) | Q(left_at__gt=begun),
            account_id__in=accounts,
            entered_at__lte=begun,
            stage__in=IMPACT_STAGES,
        ).values_list("account_id", flat=True)
    )
    readings = readings_of(past, today)
    return Recurring(
        period,
        today,
        {account: streak(readings[account], today) for account in past},
        frozenset(
            account for account in past if is_delivered(readings[account], period.start, period.end)
        ),
        frozenset(account for account in past if is_lapsed(readings[account], today)),
    )


def readings_of(accounts: Collection[UUID], today: date) -> Mapping[UUID, list[Reading]]:
    """The confirmed measurements of open goals, each judged on its day. One query."""
    found: defaultdict[UUID, list[Reading]] = defaultdict(list)
    measured = ImpactMeasurement.objects.filter(
        goal__account_id__in=accounts, confirmed_at__isnull=False, measured_on__lte=today
    ).exclude(goal__status=ImpactGoal.Status.RETIRED)
    for each in measured.select_related("goal").order_by("measured_on", "recorded_at"):
        goal = each.goal
        achieved = achievement(goal.baseline, goal.target, each.value)
        due = expected(goal.baseline_on, goal.deadline_on, each.measured_on)
        found[goal.account_id].append(
            Reading(each.measured_on, achieved, on_track_ratio(achieved, due))
        )
    return found
