"""The whole bowtie of a window: volumes, conversions, times and flows, as known at a moment."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Sum

from accounts.models import Account
from accounts.rules.renewal import months_after
from bowtie.queries.money import dues, growth
from bowtie.queries.ways import ALL, Slice, account_ways, deal_ways
from bowtie.rules.funnel import COHORT, COUNTED, OF_DEALS, Rate, rate
from bowtie.rules.lines import Flow, Way, flows
from bowtie.rules.money import Due, Growth, growth_rate, retention_rate
from bowtie.rules.stages import LEFT, LINE, Stage
from charter.queries import body_at

OURS = {
    "selected": "Marketing qualified to sales accepted",
    "again": "First Impact to Recurring Impact",
    "most": "Recurring Impact to Max Impact",
}
BEFORE_IMPACT, AFTER_IMPACT = "onboarding_churn", "usage_churn"


@dataclass(frozen=True)
class Asked:
    """What a board is asked for. since, until: local days, both included; as_of: what was known.

    method: cohort, or period.
    """

    since: date
    until: date
    as_of: datetime
    zone: ZoneInfo
    method: str = COHORT
    chosen: Slice = ALL

    @property
    def eve(self) -> date:
        """The day before the window: what stood then is what it begins with."""
        return self.since - timedelta(days=1)

    @property
    def start(self) -> datetime:
        return datetime.combine(self.since, time(), self.zone).astimezone(UTC)

    @property
    def end(self) -> datetime:
        """The moment after the window."""
        return datetime.combine(self.until + timedelta(days=1), time(), self.zone).astimezone(UTC)

    @property
    def today(self) -> date:
        return self.as_of.astimezone(self.zone).date()

    @property
    def days(self) -> int:
        """How many days of the window there have been; at least one."""
        return max(1, (min(self.until, self.today) - self.eve).days)


def year_to(day: date) -> date:
    """The first day of the twelve months that end with a day."""
    return months_after(day, -12) + timedelta(days=1)


class Board:
    """The figures of a window; each is computed from rows that `ways`, `dues` and `growth` hold."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.charter_version, self.charter = body_at("bowtie", asked.as_of)
        said = self.charter["conversions"]
        self.labels = OURS | {each["key"]: each["label"] for each in said}
        self.targets: dict[str, float | None] = {each["key"]: each["target"] for each in said}

    @cached_property
    def deals(self) -> list[Way]:
        return deal_ways(self.asked.as_of, self.asked.zone, self.asked.chosen)

    @cached_property
    def accounts(self) -> list[Way]:
        return account_ways(self.asked.as_of, self.asked.chosen)

    @cached_property
    def dues(self) -> list[Due]:
        return dues(*self._money)

    @cached_property
    def growth(self) -> list[Growth]:
        return growth(*self._money)

    @property
    def _money(self) -> tuple[date, date, datetime, date, Slice]:
        asked = self.asked
        return asked.eve, asked.until, asked.as_of, asked.today, asked.chosen

    def ways_of(self, key: str) -> list[Way]:
        """The objects that a conversion counts."""
        return self.deals if key in OF_DEALS else self.accounts

    @cached_property
    def rates(self) -> dict[str, Rate]:
        """Every conversion by its key, in the order of the bowtie."""
        asked = self.asked
        found = {
            key: rate(
                key,
                self.ways_of(key),
                asked.start,
                asked.end,
                asked.as_of,
                method=asked.method,
                mature_after=self.charter["mature_after"],
                target=self.targets.get(key),
            )
            for key in COUNTED
        }
        found["cr6"] = retention_rate(self.dues, self.targets["cr6"])
        found["cr7"] = growth_rate(self.growth, self.targets["cr7"])
        if self.charter["counts_advocacy"]:
            found["cr8"] = self._advocacy()
        return found

    def _advocacy(self) -> Rate:
        """CR8: prospects that customer success brought ÷ accounts with Recurring Impact."""
        advocates = [
            way
            for stage in (Stage.RECURRING_IMPACT, Stage.MAX_IMPACT)
            for way in self.flows[stage].closing
        ]
        n = len(advocates)
        value = len(self.referred) / n if n else None
        return Rate("cr8", n, len(self.referred), value, n, target=self.targets["cr8"])

    @cached_property
    def referred(self) -> list[Way]:
        """Deals that customer success brought and that began in the window."""
        asked = self.asked
        begun = [(way, way.reached(Stage.PROSPECT)) for way in self.deals if way.is_referred]
        return [way for way, at in begun if at and asked.start <= at < asked.end]

    @cached_property
    def flows(self) -> dict[str, Flow]:
        """What stood in, came to and left each stage: deals on the left, accounts on the right."""
        asked = self.asked
        left = flows(self.deals, asked.start, asked.end)
        right = flows(self.accounts, asked.start, asked.end)
        return {stage: (left if stage in LEFT else right)[stage] for stage in LINE}

    @cached_property
    def churn(self) -> dict[str, list[Way]]:
        """Who left in the window: before First Impact, and after it."""
        asked = self.asked
        left = [(way, way.ended()) for way in self.accounts]
        gone = [way for way, at in left if at and asked.start <= at < asked.end]
        after = [way for way in gone if way.reached(Stage.FIRST_IMPACT) or way.is_imported]
        return {
            BEFORE_IMPACT: [way for way in gone if way not in after],
            AFTER_IMPACT: after,
        }


def standing() -> list[dict[str, Any]]:
    """How many accounts stand in each stage now, and their ARR. One query."""
    found: dict[str, dict[str, Any]] = {
        row["stage"]: dict(row)
        for row in Account.objects.filter(archived_at=None)
        .values("stage")
        .annotate(n=Count("pk"), arr=Sum("arr_minor"))
    }
    return [
        {
            "stage": stage,
            "label": stage.label,
            "n": found.get(stage, {}).get("n", 0),
            "arr_minor": found.get(stage, {}).get("arr", 0),
        }
        for stage in Stage
    ]
