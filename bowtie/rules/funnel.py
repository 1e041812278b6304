"""Volume, conversion and time along the bowtie (operating model, 3.4)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import median

from bowtie.rules.lines import BY_OVERRIDE, BY_PROXY, Way
from bowtie.rules.stages import Stage
from bowtie.rules.survival import median_time, percentile

SMALL = 30
DAY = 86_400
COHORT, PERIOD = "cohort", "period"

COUNTED = {  # conversion -> the stage that is entered, and the one that is reached
    "cr1": (Stage.PROSPECT, Stage.MQL),
    "cr2": (Stage.MQL, Stage.SQL),
    "cr3": (Stage.SQL, Stage.SAL),
    "cr4": (Stage.SAL, Stage.COMMITTED),
    "cr5": (Stage.COMMITTED, Stage.FIRST_IMPACT),
    "cr5a": (Stage.COMMITTED, Stage.LIVE),
    "cr5b": (Stage.LIVE, Stage.FIRST_IMPACT),
    "selected": (Stage.MQL, Stage.SAL),
    "again": (Stage.FIRST_IMPACT, Stage.RECURRING_IMPACT),
    "most": (Stage.RECURRING_IMPACT, Stage.MAX_IMPACT),
}
OF_DEALS = ("cr1", "cr2", "cr3", "cr4", "selected")


@dataclass(frozen=True)
class Passage:
    """One object that entered a step. days: how long it took, None where a stage was skipped.

    open_days: how long it has waited, or waited before it left; None once it went on.
    unproven: it went on to a First Impact that is told apart, so it has no time to it.
    """

    way: Way
    entered_at: datetime
    went_on_at: datetime | None
    days: float | None
    open_days: float | None
    unproven: str = ""


@dataclass(frozen=True)
class Rate:
    """A conversion and its times.

    n, reached: counts, or minor units where is_money. value: reached ÷ n, None where n is 0; a
    share for the period method and for growth may exceed 1. accounts: how many stand behind it.
    median_days, p90_days: of completed passages; km_days: the median with those still open.
    is_mature: the youngest of the cohort is older than so many median times; None where no time
    is known. by_proxy, by_override: reached a First Impact that no decider confirmed, at a
    tech-touch account or by a lead's word; not in `reached`, nor in its times. went_on: who was
    reached, and when.
    """

    key: str
    n: int
    reached: int
    value: float | None
    accounts: int
    is_money: bool = False
    target: float | None = None
    median_days: float | None = None
    p90_days: float | None = None
    km_days: float | None = None
    is_mature: bool | None = None
    by_proxy: int = 0
    by_override: int = 0
    went_on: tuple[tuple[Way, datetime], ...] = ()
    passages: tuple[Passage, ...] = ()

    @property
    def times(self) -> int:
        """How many completed passages its median and P90 are of."""
        return sum(each.days is not None for each in self.passages)

    @property
    def is_low_n(self) -> bool:
        return self.accounts < SMALL

    @property
    def gap(self) -> float | None:
        """Points under target as a part of it, 0.0 where met; None without either."""
        if self.value is None or not self.target:
            return None
        return max(0.0, 1 - self.value / self.target)


def passages(
    key: str, ways: Sequence[Way], start: datetime, end: datetime, as_of: datetime
) -> list[Passage]:
    """Everything that entered a step in a window and where it stands as of a moment.

    What was imported past its gates is no part of it.
    """
    first, then = COUNTED[key]
    found = []
    for way in ways:
        entered = None if way.is_imported else way.reached(first)
        if entered is None or not start <= entered < end:
            continue
        went_on = way.reached(then)
        exact = way.entered(first)
        unproven = _unproven(way, then) if went_on else ""
        days = open_days = None
        if exact is not None and (went_on is None or unproven):
            open_days = ((went_on or way.ended() or as_of) - exact).total_seconds() / DAY
        elif exact is not None and (arrived := way.entered(then)) is not None:
            days = (arrived - exact).total_seconds() / DAY
        found.append(Passage(way, entered, went_on, days, open_days, unproven))
    return found


def _unproven(way: Way, then: Stage) -> str:
    return way.unproven if then is Stage.FIRST_IMPACT else ""


def rate(
    key: str,
    ways: Sequence[Way],
    start: datetime,
    end: datetime,
    as_of: datetime,
    *,
    method: str = COHORT,
    mature_after: float = 2,
    target: float | None = None,
) -> Rate:
    """A conversion of a window. cohort: of those that entered, how many went on by `as_of`.

    period: how many went on in the window ÷ how many entered in it, whoever they are.
    """
    cohort = passages(key, ways, start, end, as_of)
    then = COUNTED[key][1]
    moved = [(each.way, each.went_on_at) for each in cohort]
    if method == PERIOD:
        moments = [(way, None if way.is_imported else way.reached(then)) for way in ways]
        moved = [(way, at) for way, at in moments if at and start <= at < end]
    went_on = [(way, at, _unproven(way, then)) for way, at in moved if at is not None]
    proven = tuple((way, at) for way, at, unproven in went_on if not unproven)
    apart = [unproven for _, _, unproven in went_on]
    made = Rate(
        key=key,
        n=len(cohort),
        reached=len(proven),
        value=len(proven) / len(cohort) if cohort else None,
        accounts=len(cohort),
        target=target,
        by_proxy=apart.count(BY_PROXY),
        by_override=apart.count(BY_OVERRIDE),
        went_on=proven,
    )
    made = timed(made, cohort)
    waited = (as_of - min(end, as_of)).total_seconds() / DAY
    middle = made.median_days
    return replace(made, is_mature=None if middle is None else waited > mature_after * middle)


def timed(made: Rate, cohort: Sequence[Passage]) -> Rate:
    """A conversion with the times of its passages."""
    days = [each.days for each in cohort if each.days is not None]
    still = [(each.open_days, False) for each in cohort if each.open_days is not None]
    return replace(
        made,
        median_days=median(days) if days else None,
        p90_days=percentile(days, 0.9),
        km_days=median_time([*((each, True) for each in days), *still]),
        passages=tuple(cohort),
    )


def weakest(rates: Sequence[Rate]) -> Rate | None:
    """The conversion furthest under its target, as a part of it; None where all are met."""
    known = [each for each in rates if each.gap]
    return max(known, key=lambda each: (each.gap or 0.0, each.accounts)) if known else None
