"""Time to First Impact by cohort, and the share within 90 days (operating model, 6 and 14)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

WITHIN = 90  # days
TARGET = 0.9
OLDEST = 455  # days: accounts committed 90 to 455 days ago are judged
LATE_CONTRACT = 30  # days: a contract that starts later than this starts the clock
SMALL = 30


@dataclass(frozen=True)
class Way:
    """One account's way from commit to First Impact. began_on: where its clock starts.

    unproven: why its First Impact is told apart: proxy, override; "" where a decider confirmed it.
    """

    account_id: object
    name: str
    began_on: date
    reached_on: date | None
    unproven: str = ""

    @property
    def days(self) -> int | None:
        """Days to First Impact, confirmed or not; None so far."""
        return None if self.reached_on is None else (self.reached_on - self.began_on).days

    @property
    def took(self) -> int | None:
        """Days to a First Impact that a decider confirmed; None so far."""
        return None if self.unproven else self.days

    @property
    def is_within(self) -> bool:
        return self.took is not None and self.took <= WITHIN


@dataclass(frozen=True)
class Share:
    """How many of n were within 90 days. share is None where there are none.

    apart: of these, how many were so by proxy or override; they are not among those that met.
    """

    met: int
    n: int
    apart: int = 0

    @property
    def share(self) -> float | None:
        return self.met / self.n if self.n else None

    @property
    def is_low_n(self) -> bool:
        return self.n < SMALL

    @property
    def is_under(self) -> bool:
        return self.share is not None and self.share < TARGET


@dataclass(frozen=True)
class Cohort:
    """The accounts whose clock started in one quarter.

    within: of those old enough to be judged; by_proxy, by_override: told apart, without a time;
    open: without First Impact so far.
    """

    label: str
    key: str
    n: int
    reached: int
    median_days: float | None
    slowest: int | None
    within: Share
    open: int
    by_proxy: int = 0
    by_override: int = 0


def clock_start(committed_on: date, contract_on: date | None, reached_on: date | None) -> date:
    """Commit, or the contract's start where that is more than 30 days later.

    Where First Impact came before that start, nobody waited for it, and commit stays the start.
    """
    if contract_on is None or (contract_on - committed_on).days <= LATE_CONTRACT:
        return committed_on
    return committed_on if reached_on and reached_on < contract_on else contract_on


def within_90(ways: Iterable[Way], today: date) -> Share:
    """Of accounts whose clock started 90 to 455 days ago, those that reached it within 90."""
    first, last = today - timedelta(days=OLDEST), today - timedelta(days=WITHIN)
    judged = [each for each in ways if first <= each.began_on <= last]
    return _share(judged)


def _share(judged: Sequence[Way]) -> Share:
    apart = sum(bool(w.unproven) and w.days is not None and w.days <= WITHIN for w in judged)
    return Share(sum(each.is_within for each in judged), len(judged), apart)


def key_of(day: date) -> str:
    """The quarter of a day: 2026-q4."""
    return f"{day.year}-q{(day.month - 1) // 3 + 1}"


def cohorts(ways: Sequence[Way], today: date) -> list[Cohort]:
    """One cohort for each quarter, the newest first."""
    keys = sorted({key_of(each.began_on) for each in ways}, reverse=True)
    return [_cohort(key, [w for w in ways if key_of(w.began_on) == key], today) for key in keys]


def _cohort(key: str, ways: Sequence[Way], today: date) -> Cohort:
    took = [each.took for each in ways if each.took is not None]
    old = [w for w in ways if w.is_within or (today - w.began_on).days >= WITHIN]
    year, quarter = key.split("-")
    return Cohort(
        label=f"{quarter.upper()} {year}",
        key=key,
        n=len(ways),
        reached=len(took),
        median_days=median(took) if took else None,
        slowest=max(took, default=None),
        within=_share(old),
        open=sum(each.reached_on is None for each in ways),
        by_proxy=sum(each.unproven == "proxy" for each in ways),
        by_override=sum(each.unproven == "override" for each in ways),
    )
