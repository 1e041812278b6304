"""What became of rows that were brought in: one answer for the API, the wizard and the demo."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID


class State(StrEnum):
    """What became of one row."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"

    __hash__ = str.__hash__  # that of Enum is Python, and rows are counted by the thousand


@dataclass(frozen=True)
class Refusal:
    """Why one row was not taken: which field, the value it held, a code and a plain reason."""

    index: int
    field: str
    value: Any
    code: str
    reason: str


@dataclass(slots=True)
class Row:
    """One row of the batch and where it went."""

    index: int
    external_id: str
    state: State
    id: UUID | None = None


@dataclass
class Outcome:
    """What a batch did, row by row.

    accounts: ids of the accounts whose facts changed.
    before: for changed rows, the columns that changed with their former values, by row id.
    """

    rows: list[Row] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    accounts: set[UUID] = field(default_factory=set)
    before: dict[UUID, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._counts = Counter(row.state for row in self.rows)

    @property
    def new(self) -> int:
        return self._counts[State.NEW]

    @property
    def changed(self) -> int:
        return self._counts[State.CHANGED]

    @property
    def unchanged(self) -> int:
        return self._counts[State.UNCHANGED]

    @property
    def refused(self) -> int:
        return self._counts[State.REFUSED]

    @property
    def summary(self) -> dict[str, int]:
        """How many rows went which way."""
        return {str(state): self._counts[state] for state in State}
