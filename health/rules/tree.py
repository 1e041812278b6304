"""The tree that a condition is, and walks through it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class All:
    parts: "tuple[Condition, ...]"


@dataclass(frozen=True)
class Some:
    parts: "tuple[Condition, ...]"


@dataclass(frozen=True)
class Not:
    part: "Condition"


@dataclass(frozen=True)
class ForDays:
    """Held on every snapshot of the last `days` days, today included."""

    days: int
    part: "Condition"


@dataclass(frozen=True)
class Compare:
    """A measure against a number. `until` names the date where the author asked for days until."""

    key: str
    op: str
    value: float
    until: str = ""


@dataclass(frozen=True)
class Is:
    """A field among values, or a text in it. A set: any of them; "": it has none."""

    field: str
    op: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class OnDay:
    """A date of the tenant's own against a day, or against so many days after the day asked for."""

    field: str
    op: str
    day: str = ""
    days: int = 0


@dataclass(frozen=True)
class Known:
    """Whether there is a value at all. is_number: it is a measure."""

    name: str
    is_known: bool
    is_number: bool


@dataclass(frozen=True)
class Changed:
    """Other than on the snapshot before; empty `was` or `now` means anything."""

    field: str
    was: tuple[str, ...] = ()
    now: tuple[str, ...] = ()


@dataclass(frozen=True)
class Moved:
    """A measure other than on the snapshot before, known on both; None means any value."""

    key: str
    was: tuple[str, float] | None = None
    now: tuple[str, float] | None = None


@dataclass(frozen=True)
class Defined:
    """What the charter's definition of that key says on the day asked for."""

    key: str


Condition: TypeAlias = (
    All | Some | Not | ForDays | Compare | Is | OnDay | Known | Changed | Moved | Defined
)
Leaf: TypeAlias = Compare | Is | OnDay | Known | Changed | Moved | Defined


def walk(condition: Condition) -> Iterator[Condition]:
    """The condition and everything inside it, depth first; definitions are not entered."""
    yield condition
    match condition:
        case All(parts) | Some(parts):
            for part in parts:
                yield from walk(part)
        case Not(part) | ForDays(_, part):
            yield from walk(part)


def leaves(condition: Condition) -> list[Leaf]:
    """The comparisons of a condition in the order they are written."""
    return [part for part in walk(condition) if not isinstance(part, All | Some | Not | ForDays)]


def name_of_leaf(leaf: Leaf) -> str:
    """The measure, field or definition a comparison reads."""
    match leaf:
        case Compare(key) | Moved(key) | Defined(key):
            return key
        case Known(name):
            return name
        case Is(field) | Changed(field) | OnDay(field):
            return field


def looks_back(condition: Condition) -> bool:
    """Whether it reads more than one day, or what the day was called by the charter."""
    return any(
        isinstance(part, ForDays | Changed | Moved | Defined)
        or (isinstance(part, OnDay) and not part.day)
        for part in walk(condition)
    )
