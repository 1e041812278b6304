"""Conditions evaluated in plain Python over stored snapshots: what the SQL must agree with."""

import operator
from datetime import timedelta
from typing import Any

from health.models import Snapshot
from health.rules.catalogue import COLUMNS, MEASURES
from health.rules.definitions import Definitions
from health.rules.tree import (
    All,
    Changed,
    Compare,
    Condition,
    Defined,
    ForDays,
    Is,
    Known,
    Moved,
    Not,
    OnDay,
    Some,
)
from health.rules.vocabulary import FIELDS

OPS = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "!=": operator.ne,
}


def number_of(row: Snapshot, key: str) -> float | None:
    if key.startswith("custom."):
        value = row.traits.get("own", {}).get(key.removeprefix("custom."))
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return value if is_number else None
    if key in COLUMNS:
        return getattr(row, COLUMNS[key][0])
    return row.values[MEASURES[key].slot - 1]


def text_of(row: Snapshot, name: str) -> str | None:
    if name.startswith("custom."):
        value: Any = row.traits.get("own", {}).get(name.removeprefix("custom."))
        if isinstance(value, bool):
            return "true" if value else "false"
        return value if isinstance(value, str) and value else None
    if name in ("team", "region"):
        return row.traits.get(name)
    return str(row.owner_id or "") or None if name == "owner" else getattr(row, name) or None


def many_of(row: Snapshot, name: str) -> set[str]:
    return set(getattr(row, name) if name in ("tags", "caps") else row.traits.get(name, ()))


def is_there(row: Snapshot, name: str) -> bool:
    if name.startswith("custom."):
        return row.traits.get("own", {}).get(name.removeprefix("custom.")) not in (None, "")
    return bool(many_of(row, name)) if FIELDS[name].is_set else text_of(row, name) is not None


def holds(
    condition: Condition,
    row: Snapshot,
    history: list[Snapshot],
    told: list[tuple[Any, Definitions]] | None = None,
) -> bool:
    """history: all snapshots of the account, oldest first; told: definitions, the newest first."""

    def also(part: Condition, at: Snapshot = row) -> bool:
        return holds(part, at, history, told)

    before = next((past for past in reversed(history) if past.day < row.day), None)
    match condition:
        case All(parts):
            return all(also(part) for part in parts)
        case Some(parts):
            return any(also(part) for part in parts)
        case Not(part):
            return not also(part)
        case Defined(key):
            now = next(each for since, each in told or [] if since is None or since <= row.day)
            return also(now[key])
        case Compare(key, op, value):
            known = number_of(row, key)
            return known is not None and OPS[op](known, value)
        case Known(name, is_known, is_number):
            there = number_of(row, name) is not None if is_number else is_there(row, name)
            return there is is_known
        case Is(field, op, values) if field in FIELDS and FIELDS[field].is_set:
            found = many_of(row, field)
            among = bool(found & set(values)) or ("" in values and not found)
            return among is (op in ("=", "in"))
        case Is(field, "contains", values):
            return values[0].lower() in (text_of(row, field) or "").lower()
        case Is(field, op, values):
            text = text_of(row, field)
            if op in ("=", "in"):
                return (text or "") in values
            return text is not None and text not in values
        case OnDay(field, op, day, days):
            text = text_of(row, field)
            limit = day or (row.day + timedelta(days=days)).isoformat()
            return text is not None and OPS[op](text, limit)
        case Changed(field, was, now):
            if before is None:
                return False
            then, here = text_of(before, field) or "", text_of(row, field) or ""
            return then != here and (not was or then in was) and (not now or here in now)
        case Moved(key, was, now):
            old, new = before and number_of(before, key), number_of(row, key)
            if old is None or new is None or old == new:
                return False
            return (not was or OPS[was[0]](old, was[1])) and (not now or OPS[now[0]](new, now[1]))
        case ForDays(days, part):
            first = row.day - timedelta(days=days - 1)
            near = [past.day for past in history if first - timedelta(days=7) < past.day <= first]
            return bool(near) and all(
                also(part, past) for past in history if near[-1] <= past.day <= row.day
            )
