"""Conditions evaluated in plain Python over stored snapshots: what the SQL must agree with."""

import operator
from datetime import timedelta

from health.models import Snapshot
from health.rules.catalogue import COLUMNS, MEASURES
from health.rules.conditions import All, Changed, Compare, Condition, ForDays, Is, Not, Some

OPS = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "!=": operator.ne,
}


def value_of(row: Snapshot, key: str) -> float | None:
    if key in COLUMNS:
        return getattr(row, COLUMNS[key][0])
    return row.values[MEASURES[key].slot - 1]


def field_of(row: Snapshot, field: str) -> str:
    return str(row.owner_id or "") if field == "owner" else getattr(row, field)


def holds(condition: Condition, row: Snapshot, history: list[Snapshot]) -> bool:
    """history: all snapshots of the account, oldest first."""
    match condition:
        case All(parts):
            return all(holds(part, row, history) for part in parts)
        case Some(parts):
            return any(holds(part, row, history) for part in parts)
        case Not(part):
            return not holds(part, row, history)
        case Compare(key, op, value):
            known = value_of(row, key)
            return known is not None and OPS[op](known, value)
        case Is(field, op, values):
            found = set(row.tags) if field == "tags" else {field_of(row, field)}
            return bool(found & set(values)) is (op in ("=", "in"))
        case Changed(field, was, now):
            before = [past for past in history if past.day < row.day]
            if not before or field_of(before[-1], field) == field_of(row, field):
                return False
            return (not was or field_of(before[-1], field) in was) and (
                not now or field_of(row, field) in now
            )
        case ForDays(days, part):
            first = row.day - timedelta(days=days - 1)
            near = [past.day for past in history if first - timedelta(days=7) < past.day <= first]
            return bool(near) and all(
                holds(part, past, history) for past in history if near[-1] <= past.day <= row.day
            )
