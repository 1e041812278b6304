"""When a handoff is good enough: mandatory items, completeness, automatic return, rating.

Source: the operating model, sections 4.3 and 12.1.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from journeys.rules.sections import SECTIONS, Said, is_said
from spiced.rules.minima import Minimum, reaches
from tenants.formats import joined

MOST_POINTS = 2 * len(SECTIONS)
LEVELS = ((20, 5), (16, 4), (11, 3), (6, 2))  # at least so many points, level
LEAST_LEVEL = 3
RATED = {
    "completeness": "Completeness",
    "promises": "Promises match what was sold",
    "sentiment": "Sentiment carried over",
    "context": "Context",
    "stakeholders": "Stakeholders were right",
}
RATING_TARGET = 4.0


MANDATORY: dict[str, tuple[str, tuple[str, ...]]] = {
    "goals": (
        "two goals with success criteria",
        ("goal_1", "criterion_1", "goal_2", "criterion_2"),
    ),
    "stakeholders": ("a sponsor and a champion", ("sponsor", "champion")),
    "risks": ("risks, or “none”", ("risks",)),
    "commitments": ("promises made, or “none”", ("commitments",)),
    "terms": ("ARR, term and renewal date", ("terms",)),
    "discount": ("the discount and when it ends, or “none”", ("discount",)),
}
SHORT = {
    "goals": "goals",
    "stakeholders": "stakeholders",
    "risks": "risks",
    "commitments": "promises",
    "terms": "terms",
    "discount": "discount",
    "spiced": "SPICED",
}
ITEMS = {key: words for key, (words, _) in MANDATORY.items()} | {"spiced": "SPICED at its minimum"}


def named(gaps: Iterable[str]) -> str:
    """Gaps in one sentence: “goals, risks and promises”, without how “none” is said in each."""
    return joined([gap.split(", or “")[0] for gap in gaps])


@dataclass(frozen=True)
class Judgement:
    """How complete a handoff is. level: 1 to 5. missing: keys of mandatory items."""

    points: int
    level: int
    missing: tuple[str, ...]
    has_nobody: bool

    @property
    def returns(self) -> list[str]:
        """Why it goes back by itself, in words; empty where a person decides."""
        reasons = []
        if self.level < LEAST_LEVEL:
            reasons.append(f"completeness {self.level} of 5")
        if self.has_nobody:
            reasons.append("neither sponsor nor champion")
        if len(self.missing) > 1:
            reasons.append(f"{len(self.missing)} mandatory items missing")
        return reasons

    def lacks_in_short(self, waived: Collection[str]) -> list[str]:
        """The same in one word each, for lists."""
        return [SHORT[key] for key in self.missing if key not in waived]

    def lacks(self, waived: Collection[str]) -> list[str]:
        """The mandatory items still missing, in words, without those a manager waived."""
        return [ITEMS[key] for key in self.missing if key not in waived]


def level_of(points: int) -> int:
    """Points as a level from 1 to 5."""
    return next((level for least, level in LEVELS if points >= least), 1)


def judged(said: Said, scores: Mapping[str, int], least: Minimum) -> Judgement:
    """Judge what a handoff says. scores: SPICED scores 0-3 by letter; least: what they must be."""
    missing = [
        key for key, (_, asks) in MANDATORY.items() if not all(is_said(said, each) for each in asks)
    ]
    if not reaches(scores, least):
        missing.append("spiced")
    points = max(0, sum(section.score(said) for section in SECTIONS) - len(missing))
    has_nobody = not is_said(said, "sponsor") and not is_said(said, "champion")
    return Judgement(points, level_of(points), tuple(missing), has_nobody)


def waived_now(item: str, until: datetime | None, now: datetime) -> tuple[str, ...]:
    """The item a manager's waiver covers at a moment, if any."""
    return (item,) if item and until is not None and now < until else ()


def overdue(item: str, until: datetime | None, missing: Collection[str], now: datetime) -> bool:
    """Whether the time a waiver gave is over and its item is still missing."""
    return bool(item) and until is not None and until <= now and item in missing


def mean_rating(ratings: Mapping[str, int]) -> float | None:
    """The receiver's mean, 1.0-5.0; None where nothing was rated."""
    return sum(ratings.values()) / len(ratings) if ratings else None
