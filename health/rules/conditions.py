"""The one language of conditions: a small typed tree over measures and fields of a snapshot.

As JSON: {"all": [..]}, {"any": [..]}, {"not": c}, {"for_days": n, "of": c},
{"measure": key, "op": "<=", "value": -0.3}, {"days_until": "renews_on", "op": "<=", "value": 120},
{"field": "segment", "op": "in", "value": ["mid"]}, {"changed": "band", "from": [..], "to": [..]}.
A comparison with something unknown is false, so its `not` is true.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from health.rules.catalogue import DATES, is_known

COMPARISONS = ("<", "<=", ">", ">=", "=", "!=")
MEMBERSHIPS = ("=", "!=", "in", "not in")
FIELDS = ("segment", "stage", "touch_model", "owner", "band", "tags")
CHANGING = ("band", "stage", "segment", "touch_model", "owner")
DEEPEST = 12
LONGEST_DAYS = 400


class BadCondition(ValueError):
    """A condition that cannot be read; says where and what is expected there."""


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
    """A field among values. tags: any of them."""

    field: str
    op: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Changed:
    """Other than on the snapshot before; empty `was` or `now` means anything."""

    field: str
    was: tuple[str, ...] = ()
    now: tuple[str, ...] = ()


Condition: TypeAlias = All | Some | Not | ForDays | Compare | Is | Changed
Leaf: TypeAlias = Compare | Is | Changed


def parse(data: Any, path: str = "condition", depth: int = 0) -> Condition:
    """Read a condition. Raises BadCondition naming the place and what belongs there."""
    if not isinstance(data, dict):
        raise BadCondition(f'{path}: expected an object such as {{"measure": …}}')
    if depth > DEEPEST:
        raise BadCondition(f"{path}: nested deeper than {DEEPEST} levels")
    for word, read in READERS.items():
        if word in data:
            known = KEYS[word]
            if extra := sorted(set(data) - known):
                raise BadCondition(f"{path}.{extra[0]}: not expected beside “{word}”")
            if lacking := sorted(known - OPTIONAL - set(data)):
                raise BadCondition(f"{path}: “{word}” needs “{lacking[0]}”")
            return read(data, path, depth)
    raise BadCondition(f"{path}: expected one of {', '.join(READERS)}")


def _parts(data: dict[str, Any], path: str, depth: int) -> "Condition":
    word = "all" if "all" in data else "any"
    parts = data[word]
    if not isinstance(parts, list) or not parts:
        raise BadCondition(f"{path}.{word}: expected a list of one condition or more")
    read = tuple(
        parse(part, f"{path}.{word}[{index}]", depth + 1) for index, part in enumerate(parts)
    )
    return All(read) if word == "all" else Some(read)


def _not(data: dict[str, Any], path: str, depth: int) -> Condition:
    return Not(parse(data["not"], f"{path}.not", depth + 1))


def _for_days(data: dict[str, Any], path: str, depth: int) -> Condition:
    days = data["for_days"]
    if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= LONGEST_DAYS:
        raise BadCondition(f"{path}.for_days: expected whole days from 1 to {LONGEST_DAYS}")
    part = parse(data["of"], f"{path}.of", depth + 1)
    if any(isinstance(inner, ForDays) for inner in walk(part)):
        raise BadCondition(f"{path}.of: “for_days” inside “for_days” is not possible")
    return ForDays(days, part)


def _compare(data: dict[str, Any], path: str, depth: int) -> Condition:
    key = data["measure"]
    if not isinstance(key, str) or not is_known(key):
        raise BadCondition(f"{path}.measure: there is no measure “{key}”")
    return Compare(key, *_comparison(data, path))


def _days_until(data: dict[str, Any], path: str, depth: int) -> Condition:
    name = data["days_until"]
    if not isinstance(name, str) or name not in DATES:
        raise BadCondition(f"{path}.days_until: expected one of {', '.join(DATES)}")
    return Compare(DATES[name], *_comparison(data, path), until=name)


def _comparison(data: dict[str, Any], path: str) -> tuple[str, float]:
    op, value = data["op"], data["value"]
    if op not in COMPARISONS:
        raise BadCondition(f"{path}.op: expected one of {' '.join(COMPARISONS)}")
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or value != value or abs(value) == float("inf"):
        raise BadCondition(f"{path}.value: expected a number")
    return op, float(value)


def _is(data: dict[str, Any], path: str, depth: int) -> Condition:
    field, op, value = data["field"], data["op"], data["value"]
    if field not in FIELDS:
        raise BadCondition(f"{path}.field: expected one of {', '.join(FIELDS)}")
    if op not in MEMBERSHIPS:
        raise BadCondition(f"{path}.op: expected one of {', '.join(MEMBERSHIPS)}")
    if op in ("=", "!="):
        if not isinstance(value, str):
            raise BadCondition(f"{path}.value: expected a text for “{op}”")
        return Is(field, op, (value,))
    return Is(field, op, _texts(value, f"{path}.value"))


def _changed(data: dict[str, Any], path: str, depth: int) -> Condition:
    field = data["changed"]
    if field not in CHANGING:
        raise BadCondition(f"{path}.changed: expected one of {', '.join(CHANGING)}")
    was, now = (
        _texts(data[word], f"{path}.{word}") if word in data else () for word in ("from", "to")
    )
    return Changed(field, was, now)


def _texts(value: Any, path: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(v, str) for v in value):
        raise BadCondition(f"{path}: expected a list of texts")
    return tuple(value)


READERS = {
    "all": _parts,
    "any": _parts,
    "not": _not,
    "for_days": _for_days,
    "measure": _compare,
    "days_until": _days_until,
    "field": _is,
    "changed": _changed,
}
KEYS = {
    "all": {"all"},
    "any": {"any"},
    "not": {"not"},
    "for_days": {"for_days", "of"},
    "measure": {"measure", "op", "value"},
    "days_until": {"days_until", "op", "value"},
    "field": {"field", "op", "value"},
    "changed": {"changed", "from", "to"},
}
OPTIONAL = {"from", "to"}


def walk(condition: Condition) -> Iterator[Condition]:
    """The condition and everything inside it, depth first."""
    yield condition
    match condition:
        case All(parts) | Some(parts):
            for part in parts:
                yield from walk(part)
        case Not(part) | ForDays(_, part):
            yield from walk(part)


def leaves(condition: Condition) -> list[Leaf]:
    """The comparisons of a condition in the order they are written."""
    return [part for part in walk(condition) if isinstance(part, Compare | Is | Changed)]
