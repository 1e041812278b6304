"""When a handoff is good enough: mandatory items, completeness, automatic return, rating.

Source: the operating model, sections 4.3 and 12.1.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from charter.rules.numbers import COMPLETENESS, Completeness
from journeys.rules.kinds import KINDS, HandoffKind
from journeys.rules.sections import Said, is_said
from spiced.rules.minima import Minimum, reaches
from tenants.formats import joined, plural

RATED = {
    "completeness": "Completeness",
    "promises": "Promises match what was sold",
    "sentiment": "Sentiment carried over",
    "context": "Context",
    "stakeholders": "Stakeholders were right",
}
RATING_TARGET = 4.0


def named(gaps: Iterable[str]) -> str:
    """Gaps in one sentence: “goals, risks and promises”, without how “none” is said in each."""
    return joined([gap.split(", or “")[0] for gap in gaps])


@dataclass(frozen=True)
class Judgement:
    """How complete a handoff is. level: 1 to 5. missing: keys of mandatory items.

    mandatory: keys of those the charter asks for, in the order of the kind; asked: what it says of
    levels and of coming back.
    """

    kind: HandoffKind
    points: int
    level: int
    missing: tuple[str, ...]
    has_nobody: bool
    mandatory: tuple[str, ...]
    asked: Completeness = COMPLETENESS

    @property
    def returns(self) -> list[str]:
        """Why it goes back by itself, in words; empty where a person decides."""
        reasons = []
        if self.level < self.asked.below:
            reasons.append(f"completeness {self.level} of 5")
        if self.has_nobody:
            reasons.append("neither sponsor nor champion")
        if len(self.missing) >= self.asked.missing:
            reasons.append(f"{plural(len(self.missing), 'mandatory item')} missing")
        return reasons

    def lacks_in_short(self, waived: Collection[str]) -> list[str]:
        """The same in one word each, for lists."""
        return [self.kind.items[key][1] for key in self.missing if key not in waived]

    def lacks(self, waived: Collection[str]) -> list[str]:
        """The mandatory items still missing, in words, without those a manager waived."""
        return [self.kind.words(key) for key in self.missing if key not in waived]


def judged(
    said: Said,
    scores: Mapping[str, int],
    least: Minimum,
    *,
    kind: HandoffKind = KINDS["sales_to_cs"],
    mandatory: Collection[str] | None = None,
    completeness: Completeness = COMPLETENESS,
) -> Judgement:
    """Judge what a handoff says. scores: SPICED scores 0-3 by letter; least: what they must be.

    mandatory: keys of items the charter asks for; all of the kind where it says nothing.
    """
    asked = tuple(key for key in kind.items if mandatory is None or key in mandatory)
    missing = [
        key
        for key in asked
        if key != "spiced" and not all(kind.asks[a].is_said(said) for a in kind.asked_for(key))
    ]
    if "spiced" in asked and not reaches(scores, least):
        missing.append("spiced")
    points = max(0, sum(section.score(said) for section in kind.sections) - len(missing))
    has_nobody = kind.needs_people and not (is_said(said, "sponsor") or is_said(said, "champion"))
    level = completeness.level_of(points, kind.most_points)
    return Judgement(kind, points, level, tuple(missing), has_nobody, asked, completeness)


def waived_now(item: str, until: datetime | None, now: datetime) -> tuple[str, ...]:
    """The item a manager's waiver covers at a moment, if any."""
    return (item,) if item and until is not None and now < until else ()


def overdue(item: str, until: datetime | None, missing: Collection[str], now: datetime) -> bool:
    """Whether the time a waiver gave is over and its item is still missing."""
    return bool(item) and until is not None and until <= now and item in missing


def mean_rating(ratings: Mapping[str, int]) -> float | None:
    """The receiver's mean, 1.0-5.0; None where nothing was rated."""
    return sum(ratings.values()) / len(ratings) if ratings else None
