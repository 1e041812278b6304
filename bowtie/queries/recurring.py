"""Which accounts past First Impact got impact again this quarter, and how often in a row."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

from bowtie.models import Stay
from bowtie.queries.first_impact import first_impact_days
from bowtie.rules.stages import Stage
from charter.queries import body_at
from charter.rules.numbers import Lapse
from spiced.queries.readings import readings_of
from spiced.rules.impact import is_delivered, is_lapsed
from spiced.rules.recurring import Period, quarter, rate, streak

IMPACT_STAGES = (Stage.FIRST_IMPACT, Stage.RECURRING_IMPACT, Stage.MAX_IMPACT)


@dataclass(frozen=True)
class Recurring:
    """Impact that came again. accounts: those past First Impact as the period began.

    lapse, version: when impact has lapsed, and of the charter's chapter that says so.
    """

    period: Period
    as_of: date
    streaks: Mapping[UUID, int]
    delivered: frozenset[UUID]
    lapsed: frozenset[UUID]
    lapse: Lapse
    version: int

    @property
    def n(self) -> int:
        return len(self.streaks)

    @property
    def rate(self) -> float | None:
        return rate(len(self.delivered), self.n)


def recurring(accounts: Collection[UUID], today: date, zone: str) -> Recurring:
    """Of some accounts, the quarter of a day. Four queries."""
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
    ends = datetime.combine(today, time.max, ZoneInfo(zone))
    first = first_impact_days(past, ends)
    version, told = body_at("bowtie", ends)
    lapse = Lapse.from_body(told)
    return Recurring(
        period,
        today,
        {account: streak(readings[account], today) for account in past},
        frozenset(
            account for account in past if is_delivered(readings[account], period.start, period.end)
        ),
        frozenset(pk for pk in past if is_lapsed(readings[pk], first.get(pk), today, lapse)),
        lapse,
        version,
    )
