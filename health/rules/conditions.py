"""The one language of conditions, read from JSON: a small typed tree over facts of accounts.

{"all": [..]}, {"any": [..]}, {"not": c}, {"for_days": n, "of": c}, {"definition": "at_risk"},
{"measure": key, "op": "<=", "value": -0.3}, {"days_until": "renews_on", "op": "<=", "value": 120},
{"field": "segment", "op": "in", "value": ["mid"]}, {"changed": "band", "from": [..], "to": [..]},
{"changed": "usage_trend", "from": {"op": ">=", "value": 0}, "to": {"op": "<", "value": 0}}.
"known" and "unknown" are operators without a value. A field of the tenant's own is custom.key:
a measure where it is a number, else a field; its dates compare with a day as text, yes and no with
true and false. A comparison with something unknown is false, so its `not` is true.
"""

from datetime import date
from typing import Any

from health.rules.catalogue import DATES, is_known
from health.rules.tree import (
    All,
    Changed,
    Compare,
    Condition,
    Defined,
    ForDays,
    Is,
    Known,
    Leaf,
    Moved,
    Not,
    OnDay,
    Some,
    leaves,
    looks_back,
    name_of_leaf,
    walk,
)
from health.rules.vocabulary import FIELDS, is_date, is_field, is_number, may_change, own_key

COMPARISONS = ("<", "<=", ">", ">=", "=", "!=")
MEMBERSHIPS = ("=", "!=", "in", "not in")
KNOWING = ("known", "unknown")
CONTAINS = "contains"
DEEPEST = 12
LONGEST_DAYS = 400
FARTHEST_DAYS = 4000
LONGEST_VALUE = 200
MOST_VALUES = 100

__all__ = [
    "All",
    "BadCondition",
    "Changed",
    "Compare",
    "Condition",
    "Defined",
    "ForDays",
    "Is",
    "Known",
    "Leaf",
    "Moved",
    "Not",
    "OnDay",
    "Some",
    "leaves",
    "looks_back",
    "name_of_leaf",
    "parse",
    "walk",
]


class BadCondition(ValueError):
    """A condition that cannot be read; says where and what is expected there."""


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
            optional = OPTIONAL | ({"value"} if data.get("op") in KNOWING else set())
            if lacking := sorted(known - optional - set(data)):
                raise BadCondition(f"{path}: “{word}” needs “{lacking[0]}”")
            return read(data, path, depth)
    raise BadCondition(f"{path}: expected one of {', '.join(READERS)}")


def _parts(data: dict[str, Any], path: str, depth: int) -> Condition:
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


def _definition(data: dict[str, Any], path: str, depth: int) -> Condition:
    if not isinstance(data["definition"], str) or not data["definition"]:
        raise BadCondition(f"{path}.definition: expected the key of a definition")
    return Defined(data["definition"])


def _compare(data: dict[str, Any], path: str, depth: int) -> Condition:
    key = data["measure"]
    if not is_number(key):
        raise BadCondition(f"{path}.measure: there is no measure “{key}”")
    if (known := _known(data, path, key, is_number=True)) is not None:
        return known
    return Compare(key, *_comparison(data, path))


def _days_until(data: dict[str, Any], path: str, depth: int) -> Condition:
    name = data["days_until"]
    if not is_date(name):
        raise BadCondition(f"{path}.days_until: expected one of {', '.join(DATES)}")
    is_own = bool(own_key(name))
    if (
        known := _known(data, path, name if is_own else DATES[name], is_number=not is_own)
    ) is not None:
        return known
    op, value = _comparison(data, path)
    if not is_own:
        return Compare(DATES[name], op, value, until=name)
    if not value.is_integer() or abs(value) > FARTHEST_DAYS:
        raise BadCondition(f"{path}.value: expected whole days, {FARTHEST_DAYS} at most")
    return OnDay(name, op, days=int(value))


def _known(data: dict[str, Any], path: str, name: str, *, is_number: bool) -> Known | None:
    if data["op"] not in KNOWING:
        return None
    if "value" in data:
        raise BadCondition(f"{path}.value: not expected beside “{data['op']}”")
    return Known(name, data["op"] == "known", is_number)


def _comparison(data: dict[str, Any], path: str) -> tuple[str, float]:
    op, value = data["op"], data["value"]
    if op not in COMPARISONS:
        raise BadCondition(f"{path}.op: expected one of {' '.join(COMPARISONS)}")
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or value != value or abs(value) > 1e300:
        raise BadCondition(f"{path}.value: expected a number")
    return op, float(value)


def _is(data: dict[str, Any], path: str, depth: int) -> Condition:
    field, op = data["field"], data["op"]
    if not is_field(field):
        raise BadCondition(f"{path}.field: expected one of {', '.join(FIELDS)}")
    if (known := _known(data, path, field, is_number=False)) is not None:
        return known
    is_own, is_set, value = (
        bool(own_key(field)),
        field in FIELDS and FIELDS[field].is_set,
        data["value"],
    )
    if is_own and isinstance(value, bool) and op in ("=", "!="):
        return Is(field, op, ("true" if value else "false",))
    if is_own and op in COMPARISONS and op not in MEMBERSHIPS:
        return OnDay(field, op, day=_day(value, f"{path}.value"))
    if op == CONTAINS and not is_set:
        if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_VALUE:
            raise BadCondition(f"{path}.value: expected a text of at most {LONGEST_VALUE} letters")
        return Is(field, op, (value,))
    if op not in MEMBERSHIPS:
        raise BadCondition(f"{path}.op: expected one of {', '.join(MEMBERSHIPS)}")
    if op in ("=", "!="):
        if not isinstance(value, str):
            raise BadCondition(f"{path}.value: expected a text for “{op}”")
        return Is(field, op, _texts([value], f"{path}.value"))
    return Is(field, op, _texts(value, f"{path}.value"))


def _day(value: Any, path: str) -> str:
    try:
        if isinstance(value, str) and date.fromisoformat(value).isoformat() == value:
            return value
    except ValueError:
        pass
    raise BadCondition(f"{path}: expected a day such as 2026-01-31")


def _changed(data: dict[str, Any], path: str, depth: int) -> Condition:
    name = data["changed"]
    if not may_change(name):
        raise BadCondition(
            f"{path}.changed: expected a measure or one of "
            f"{', '.join(field for field in FIELDS if may_change(field))}"
        )
    if is_known(name):
        was, now = (
            _bound(data[word], f"{path}.{word}") if word in data else None
            for word in ("from", "to")
        )
        return Moved(name, was, now)
    before, after = (
        _texts(data[word], f"{path}.{word}") if word in data else () for word in ("from", "to")
    )
    return Changed(name, before, after)


def _bound(value: Any, path: str) -> tuple[str, float]:
    if not isinstance(value, dict) or set(value) != {"op", "value"}:
        raise BadCondition(f"{path}: expected an object with “op” and “value”")
    return _comparison(value, path)


def _texts(value: Any, path: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(v, str) for v in value):
        raise BadCondition(f"{path}: expected a list of texts")
    if len(value) > MOST_VALUES or any(len(each) > LONGEST_VALUE or "\0" in each for each in value):
        raise BadCondition(f"{path}: at most {MOST_VALUES} texts of {LONGEST_VALUE} letters")
    return tuple(value)


READERS = {
    "all": _parts,
    "any": _parts,
    "not": _not,
    "for_days": _for_days,
    "definition": _definition,
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
    "definition": {"definition"},
    "measure": {"measure", "op", "value"},
    "days_until": {"days_until", "op", "value"},
    "field": {"field", "op", "value"},
    "changed": {"changed", "from", "to"},
}
OPTIONAL = {"from", "to"}
