"""Whether people who set a score by hand knew better than the model.

An override that raised the score was right where the account then stayed, one that lowered it
where the account was lost.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from health.rules.proof.decisions import Decision
from health.rules.proof.ranking import wilson
from health.rules.proof.verdict import LEAST_DECISIONS

LEAST_MOVE = 1.0  # points; less says nothing else than the model


@dataclass(frozen=True)
class JudgedOverride:
    """An override with the decision that came after it. computed: what the model said that day."""

    account_id: UUID
    author: str
    reason: str
    set_on: date
    score: float
    computed: float
    decision: Decision

    @property
    def is_raised(self) -> bool:
        return self.score > self.computed

    @property
    def is_right(self) -> bool:
        return self.is_raised != self.decision.is_lost


@dataclass(frozen=True)
class Record:
    """share, low, high: of those right, with the 95% interval; None under 30."""

    judged: tuple[JudgedOverride, ...]

    @property
    def n(self) -> int:
        return len(self.judged)

    @property
    def right(self) -> int:
        return sum(each.is_right for each in self.judged)

    @property
    def share(self) -> float | None:
        return self.right / self.n if self.n >= LEAST_DECISIONS else None

    @property
    def interval(self) -> tuple[float, float] | None:
        return wilson(self.right, self.n) if self.n >= LEAST_DECISIONS else None


def first_after(day: date, decisions: Sequence[Decision]) -> Decision | None:
    """The first decision after a day, of one account, oldest first; None where it is still open."""
    found = next((each for each in decisions if each.decided_on > day), None)
    return found if found is not None and found.outcome != "open" else None
