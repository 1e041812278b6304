"""Which item is worth the next hour: ARR at stake × risk × nearness × how movable it is."""

from dataclasses import dataclass
from datetime import date

HALF_DAYS = 45  # an event this far away counts half of one today
NO_DATE = 0.2  # nothing on the horizon
UNSCORED = 0.5
LEAST_RISK = 0.05
PRIOR_RUNS = 4  # a play without a record moves half of its accounts
MOST_RISK = 1.0


@dataclass(frozen=True)
class Factor:
    """One part of a rank: its name, its value in words, and the number it multiplies by."""

    name: str
    words: str
    value: float


@dataclass(frozen=True)
class Rank:
    """The product of its factors, in minor units of ARR."""

    arr: Factor
    risk: Factor
    nearness: Factor
    movability: Factor

    @property
    def value(self) -> float:
        return self.arr.value * self.risk.value * self.nearness.value * self.movability.value

    @property
    def factors(self) -> tuple[Factor, ...]:
        return (self.arr, self.risk, self.nearness, self.movability)


def risk(score: float | None) -> Factor:
    """100 less the health score, as a share."""
    if score is None:
        return Factor("Risk", "no health score yet", UNSCORED)
    return Factor("Risk", f"health {score:.0f}", max(LEAST_RISK, min(MOST_RISK, 1 - score / 100)))


def nearness(today: date, event_on: date | None, renews_on: date | None) -> Factor:
    """How close the next date that matters is: the critical event, else the renewal."""
    ahead = [
        (on, words)
        for on, words in ((event_on, "critical event"), (renews_on, "renewal"))
        if on is not None and on >= today
    ]
    if not ahead:
        return Factor("Nearness", "no critical event or renewal ahead", NO_DATE)
    on, words = min(ahead)
    days = (on - today).days
    return Factor(
        "Nearness", f"{words} in {days} days", max(NO_DATE, HALF_DAYS / (HALF_DAYS + days))
    )


def movability(succeeded: int, closed: int) -> Factor:
    """The share of runs of the same play that worked, drawn towards a half while they are few."""
    value = (succeeded + PRIOR_RUNS / 2) / (closed + PRIOR_RUNS)
    words = f"{succeeded} of {closed} runs of this play worked" if closed else "no record yet"
    return Factor("Movable", words, value)
