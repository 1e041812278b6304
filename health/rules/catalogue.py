"""The one catalogue of measures: what is known of an account on a day, in words and in SQL.

Each app puts its measures in with `add`; slots are for ever, since stored snapshots hold bare
arrays. A slot is never given to another measure, not even when its measure goes.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from tenants import formats

Unit = Literal["share", "change", "days", "weeks", "count", "points", "ratio", "money", "level"]


@dataclass(frozen=True)
class Source:
    """A statement over all accounts of a run at once, as of a day: one row per account at most.

    It may read `population` (account_id, stage, segment, touch_model, is_live) and the parameters
    day (date), as_of (the moment that day ends), known (facts recorded by then count: as_of, or
    later where history is scored looking back), week (Monday of the last complete week) and
    late_1 to late_4 (opened before it, an open ticket of that priority is beyond its target). The
    accounts of the run are among those from `first` to `last` by id: large tables name that, so
    that a part of a large tenant does not read the facts of all.
    """

    name: str
    sql: str


@dataclass(frozen=True)
class Measure:
    """One number about an account.

    value: SQL over the rows of its sources, each by its name; null where an input is missing.
    age: SQL for the days since the newest input; a value older than stale_after_days is null.
    reads: the sources; needs: in words, what must be connected. tells_outcome: it is written by
    the leaving itself, so a score that reads it proves nothing. is_own: the tenant made it;
    is_retired: it is measured no more, and known for what was stored of it.
    """

    key: str
    slot: int
    name: str
    unit: Unit
    direction: Literal["up", "down", "none"]
    kind: Literal["leading", "lagging"]
    definition: str
    needs: str
    value: str
    reads: tuple[Source, ...] = ()
    age: str = ""
    stale_after_days: int | None = None
    tells_outcome: bool = False
    is_own: bool = False
    is_retired: bool = False

    @property
    def sql(self) -> str:
        """The statements behind the value, for people who check."""
        return "\n\n".join(source.sql.strip() for source in self.reads)


class SlotTaken(Exception):
    """Two measures claim one key or slot."""


class Catalogue(Mapping[str, Measure]):
    """Measures by key: those of the product, and those the tenant at hand made.

    own: gives the tenant's, by key; empty where no tenant is at hand.
    """

    def __init__(self) -> None:
        self.shipped: dict[str, Measure] = {}
        self.own: Callable[[], Mapping[str, Measure]] = dict

    def __getitem__(self, key: str) -> Measure:
        return self.shipped[key] if key in self.shipped else self.own()[key]

    def __iter__(self) -> Iterator[str]:
        yield from self.shipped
        yield from self.own()

    def __len__(self) -> int:
        return len(self.shipped) + len(self.own())


MEASURES = Catalogue()
SOURCES: dict[str, Source] = {}  # of the measures of the product
FIRST_OWN = 65  # slot; those before are kept for the product
MOST_OWN = 64  # slots, retired ones included, for none is given twice
OWN = "own_"  # what their keys begin with

# What a snapshot holds beside the array; read in conditions like any measure.
COLUMNS: dict[str, tuple[str, str, Unit]] = {
    "score": ("score", "Health score", "points"),
    "score_change_28": ("change_28", "Health change in 28 days", "points"),
    "coverage": ("coverage", "Health coverage", "share"),
}

# Dates that "days until" may name, and the measure that counts down to each.
DATES = {"renews_on": "days_to_renewal", "critical_event": "days_to_critical_event"}


def add(measures: Iterable[Measure]) -> None:
    """Put measures in the catalogue. Raises SlotTaken."""
    for measure in measures:
        taken = {known.slot for known in MEASURES.shipped.values()}
        if measure.key in MEASURES.shipped or measure.slot in {*taken, *range(FIRST_OWN, 1 << 15)}:
            raise SlotTaken(f"{measure.key} in slot {measure.slot}")
        MEASURES.shipped[measure.key] = measure
        for source in measure.reads:
            if SOURCES.setdefault(source.name, source) is not source:
                raise SlotTaken(f"source {source.name}")


def sources() -> dict[str, Source]:
    """All that is read of an account, by name."""
    found = dict(SOURCES)
    for measure in MEASURES.own().values():
        found |= {source.name: source for source in measure.reads}
    return found


def width() -> int:
    """How many slots the array of a snapshot has."""
    return max(measure.slot for measure in MEASURES.values())


def by_slot() -> list[Measure]:
    return sorted(MEASURES.values(), key=lambda measure: measure.slot)


def is_known(key: str) -> bool:
    return key in MEASURES or key in COLUMNS


def name_of(key: str) -> str:
    """What people call a measure or a column of the snapshot."""
    return COLUMNS[key][1] if key in COLUMNS else MEASURES[key].name


def unit_of(key: str) -> Unit:
    return COLUMNS[key][2] if key in COLUMNS else MEASURES[key].unit


def shown(key: str, value: float | None) -> str:
    """A value as people read it, in the unit of its measure."""
    return shown_in(unit_of(key), value)


def shown_in(unit: Unit, value: float | None) -> str:
    if value is None:
        return formats.NONE
    match unit:
        case "share":
            return formats.rate(value, 0)
        case "change":
            return f"{formats.signed(value * 100)}%"
        case "days":
            return formats.plural(int(value), "day")
        case "weeks":
            return formats.plural(int(value), "week")
        case "money":
            return formats.number(value / 100)
        case "points":
            return formats.number(value, 0 if value == int(value) else 1)
        case "ratio":
            return formats.number(value, 1)
        case _:
            return formats.number(value, 0 if value == int(value) else 2)
