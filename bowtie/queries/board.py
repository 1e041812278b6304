"""The whole bowtie of a window: volumes, conversions, times and flows, as known at a moment."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Sum

from accounts.models import Account
from accounts.rules.renewal import months_after
from bowtie.queries.heights import expansions, heights_of
from bowtie.queries.money import growth, renewals
from bowtie.queries.ways import ALL, Slice, account_ways, deal_ways
from bowtie.rules.funnel import COHORT, COUNTED, OF_DEALS, Passage, Rate, rate, timed
from bowtie.rules.heights import NONE, Heights, since_impact
from bowtie.rules.lifetime import gain
from bowtie.rules.lines import Flow, Way, flows
from bowtie.rules.money import Due, Growth, Renewal, by_account, growth_rate, retention_rate
from bowtie.rules.stages import LEFT, LINE, Stage
from charter.queries import body_at

OURS = {
    "selected": "Marketing qualified to sales accepted",
    "again": "First Impact to Recurring Impact",
    "most": "Recurring Impact to Max Impact",
}
FIRST_RENEWAL, FIRST_EXPANSION = "first_renewal", "first_expansion"
FIRST_REFERRAL = "first_referral"
BEFORE_IMPACT, AFTER_IMPACT = "onboarding_churn", "usage_churn"
UNPROVEN_IMPACT = "unproven_churn"


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

    def beginning(self, day: date) -> datetime:
        """The moment a local day begins."""
        return datetime.combine(day, time(), self.zone).astimezone(UTC)

    @property
    def start(self) -> datetime:
        return self.beginning(self.since)

    @property
    def end(self) -> datetime:
        """The moment after the window."""
        return self.beginning(self.until + timedelta(days=1))

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
    """The figures of a window; each is computed from rows that its properties hold."""

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
    def renewals(self) -> list[Renewal]:
        """All that there ever were."""
        asked = self.asked
        return renewals(date.min, asked.today, asked.as_of, asked.today, asked.chosen)

    @cached_property
    def dues(self) -> list[Due]:
        """What was due in the window, by account."""
        asked = self.asked
        return by_account([r for r in self.renewals if asked.since <= r.due_on <= asked.until])

    @cached_property
    def growth(self) -> list[Growth]:
        asked = self.asked
        return growth(asked.eve, asked.until, asked.as_of, asked.today, asked.chosen)

    @cached_property
    def waits(self) -> dict[str, list[Passage]]:
        """How long it took from First Impact to the first renewal, and to the first expansion;
        and from Recurring Impact to the first prospect that an account referred.
        """
        asked = self.asked
        renewed: dict[UUID, list[date]] = {}
        for each in self.renewals:
            if each.renewed_minor > 0:
                renewed.setdefault(each.account_id, []).append(each.due_on)
        grown = expansions(asked.as_of, asked.today, asked.chosen)
        moments = {
            key: {pk: [asked.beginning(day) for day in days] for pk, days in happened.items()}
            for key, happened in ((FIRST_RENEWAL, renewed), (FIRST_EXPANSION, grown))
        }
        window = asked.start, asked.end, asked.as_of
        return {
            key: since_impact(self.accounts, found, *window) for key, found in moments.items()
        } | {
            FIRST_REFERRAL: since_impact(
                self.accounts, self._referrals(), *window, Stage.RECURRING_IMPACT
            )
        }

    def _referrals(self) -> dict[UUID, list[datetime]]:
        """When prospects began that an account referred, whichever account they became."""
        asked = self.asked
        deals = self.deals if asked.chosen.is_whole else deal_ways(asked.as_of, asked.zone)
        found: dict[UUID, list[datetime]] = {}
        for way in deals:
            at = way.reached(Stage.PROSPECT)
            if way.referred_by is not None and at is not None:
                found.setdefault(way.referred_by, []).append(at)
        return found

    @cached_property
    def _heights(self) -> dict[UUID, Heights]:
        """ARR of every account that a conversion counts."""
        wanted = {
            way.id
            for key in COUNTED
            if key not in OF_DEALS
            for way in (
                *(each.way for each in self.rates[key].passages),
                *(way for way, _ in self.rates[key].went_on),
            )
        }
        return heights_of(wanted, self.asked.as_of)

    def arr_at(self, way: Way, at: datetime) -> int:
        """An account's ARR at the end of the day on which it came to a stage."""
        height = self._heights.get(way.id, NONE)
        return height.on(at.astimezone(self.asked.zone).date())

    def arr(self, made: Rate) -> tuple[int, int] | None:
        """ARR of the accounts that entered a step, and of those that went on; None for deals."""
        if made.key not in COUNTED or made.key in OF_DEALS:
            return None
        return (
            sum(self.arr_at(each.way, each.entered_at) for each in made.passages),
            sum(self.arr_at(way, at) for way, at in made.went_on),
        )

    @property
    def gain(self) -> float | None:
        """What the result grows to where each of the seven conversions is ten percent better.

        Those of counts end at all of them. None while one is not known.
        """
        values = [self.rates[f"cr{n}"].value for n in range(1, 8)]
        known = [each for each in values if each]
        return gain(known[:6], most=1) * gain(known[6:]) if len(known) == 7 else None

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
        found["cr6"] = timed(
            retention_rate(self.dues, self.targets["cr6"]), self.waits[FIRST_RENEWAL]
        )
        found["cr7"] = timed(
            growth_rate(self.growth, self.targets["cr7"]), self.waits[FIRST_EXPANSION]
        )
        if self.charter["counts_advocacy"]:
            found["cr8"] = timed(self._advocacy(), self.waits[FIRST_REFERRAL])
        return found

    def _advocacy(self) -> Rate:
        """CR8: prospects that were referred ÷ accounts with Recurring Impact."""
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
        """Deals that customer success or an account brought, and that began in the window."""
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
        """Who left in the window: before First Impact, after it, and after one that no decider of
        the account confirmed, which is neither.
        """
        asked = self.asked
        left = [(way, way.ended()) for way in self.accounts]
        gone = [way for way, at in left if at and asked.start <= at < asked.end]
        reached = [way for way in gone if way.reached(Stage.FIRST_IMPACT) or way.is_imported]
        return {
            BEFORE_IMPACT: [way for way in gone if way not in reached],
            AFTER_IMPACT: [way for way in reached if not way.unproven],
            UNPROVEN_IMPACT: [way for way in reached if way.unproven],
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
