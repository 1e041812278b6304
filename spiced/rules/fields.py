"""What a part of SPICED is made of: fields, and records with columns of their own."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

LONGEST = 4000
LINE = 200
MOST = 50  # entries of a list, and rows of a field
LEVELS = range(1, 6)

Row = Mapping[str, Any]


class Kind(StrEnum):
    """What a field holds. Stored as JSON: dates as ISO text, money as minor units.

    LIST: short texts. ROWS: records, each with an `id` that it keeps through the versions, and
    with what is known of its columns. GOAL: the id of an impact goal. LEVEL: 1 to 5.
    """

    TEXT = "text"
    LINE = "line"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    CHOICE = "choice"
    PERSON = "person"
    LEVEL = "level"
    LIST = "list"
    ROWS = "rows"
    GOAL = "goal"


@dataclass(frozen=True)
class Field:
    """One field of a part, or column of its records. name: what it is called when it is missing.

    columns: of a record; the first is what it is about. sign: what stands before it in a line.
    default: what a record has where nothing is said.
    """

    key: str
    label: str
    kind: Kind = Kind.LINE
    needed: bool = False
    name: str = ""
    hint: str = ""
    choices: tuple[str, ...] = ()
    columns: "tuple[Field, ...]" = ()
    sign: str = ""
    default: str = ""

    @property
    def called(self) -> str:
        return self.name or self.label.lower()

    @property
    def defaults(self) -> dict[str, str]:
        """What a record has where nothing is said."""
        return {column.key: column.default for column in self.columns if column.default}

    @property
    def asked(self) -> "tuple[Field, ...]":
        """What one can ask for: the needed columns of records that need several, else itself."""
        needed = tuple(column for column in self.columns if column.needed)
        return needed if len(needed) > 1 else (self,)


@dataclass(frozen=True)
class Part:
    """One of the five letters. The text is its first field, or what its records are about."""

    letter: str
    name: str
    fields: tuple[Field, ...]

    @property
    def lead(self) -> Field | None:
        """The records the text follows from, where the part has no text of its own."""
        return self.fields[0] if self.fields[0].columns else None

    @property
    def asked(self) -> tuple[Field, ...]:
        """The fields and columns one can ask for."""
        return tuple(
            each for field in self.fields if field.kind is not Kind.GOAL for each in field.asked
        )

    @property
    def records(self) -> tuple[Field, ...]:
        """The fields that hold records."""
        return tuple(field for field in self.fields if field.columns)

    def field(self, key: str) -> Field:
        return next(field for field in (*self.fields, *self.asked) if field.key == key)
