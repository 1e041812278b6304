"""Conditions over stored snapshots: who matches on a day, today or long ago alike, and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from health.models import Snapshot
from health.rules.catalogue import COLUMNS, MEASURES
from health.rules.conditions import (
    All,
    Changed,
    Compare,
    Condition,
    ForDays,
    Is,
    Leaf,
    Not,
    Some,
    leaves,
)
from health.rules.sentences import phrase

TABLE = Snapshot._meta.db_table
REACH_BACK_DAYS = 7  # how much older than asked for a snapshot may be and still stand for its day
SQL_OPS = {"<": "<", "<=": "<=", ">": ">", ">=": ">=", "=": "=", "!=": "<>"}
FIELD_COLUMNS = {
    "segment": "segment",
    "stage": "stage",
    "touch_model": "touch_model",
    "owner": "coalesce({s}.owner_id::text, '')",
    "band": "band",
}

Sql = tuple[str, list[Any]]


@dataclass(frozen=True)
class Match:
    """An account that meets a condition, with the values of everything the condition reads."""

    account_id: UUID
    values: dict[str, Any]


@dataclass(frozen=True)
class LeafResult:
    """One comparison of a condition on one account and day."""

    words: str
    key: str
    value: Any
    is_met: bool


def compile(condition: Condition, alias: str = "s") -> Sql:
    """A boolean SQL expression over a row of snapshots called `alias`, and its parameters.

    Holds for whatever day the row is of, and is never null.
    """
    match condition:
        case All(parts):
            return _joined(" AND ", parts, alias)
        case Some(parts):
            return _joined(" OR ", parts, alias)
        case Not(part):
            sql, params = compile(part, alias)
            return f"(NOT {sql})", params
        case ForDays(days, part):
            return _held(days, part, alias)
        case Compare(key, op, value):
            return f"coalesce({column(key, alias)} {SQL_OPS[op]} %s::float8, false)", [value]
        case Is():
            return _is(condition, alias)
        case Changed():
            return _changed(condition, alias)


def column(key: str, alias: str = "s") -> str:
    """SQL for the value of a measure in a row of snapshots."""
    if key in COLUMNS:
        return f"{alias}.{COLUMNS[key][0]}"
    return f"{alias}.values[{MEASURES[key].slot}]"


def matching(
    condition: Condition,
    day: date,
    among: Iterable[UUID] | None = None,
    *,
    after: UUID | None = None,
    limit: int | None = None,
) -> list[Match]:
    """The accounts that meet a condition on a day, by id. One query.

    among: only these accounts; after and limit: the next so many behind that id.
    """
    where, params = compile(condition)
    read = _read(condition)
    chosen = "".join(f", {sql}" for sql in read.values())
    if among is not None:
        where, params = f"{where} AND s.account_id = ANY(%s::uuid[])", [*params, _texts(among)]
    if after is not None:
        where, params = f"{where} AND s.account_id > %s", [*params, after]
    rows = _rows(
        f"SELECT s.account_id{chosen} FROM {TABLE} s WHERE s.day = %s AND {where} "
        "ORDER BY s.account_id LIMIT %s",
        [day, *params, limit],
    )
    return [Match(row[0], dict(zip(read, row[1:], strict=True))) for row in rows]


def explain(condition: Condition, account_id: UUID, day: date) -> list[LeafResult]:
    """Each comparison of a condition with the value it met, in the order written. One query.

    Inside “for n days” the value is that of the day itself. Empty where there is no snapshot.
    """
    parts = leaves(condition)
    if not parts:
        return []
    selected, params = [], []
    for part in parts:
        sql, values = compile(part)
        selected.append(f"{_value(part)}, {sql}")
        params += values
    rows = _rows(
        f"SELECT {', '.join(selected)} FROM {TABLE} s WHERE s.account_id = %s AND s.day = %s",
        [*params, account_id, day],
    )
    if not rows:
        return []
    return [
        LeafResult(phrase(part), key_of(part), rows[0][2 * at], rows[0][2 * at + 1])
        for at, part in enumerate(parts)
    ]


def key_of(leaf: Leaf) -> str:
    """The measure or field a comparison reads."""
    return leaf.key if isinstance(leaf, Compare) else leaf.field


def _joined(word: str, parts: tuple[Condition, ...], alias: str) -> Sql:
    compiled = [compile(part, alias) for part in parts]
    return (
        f"({word.join(sql for sql, _ in compiled)})",
        [value for _, values in compiled for value in values],
    )


def _held(days: int, part: Condition, alias: str) -> Sql:
    """True on every snapshot from `days` days back; the oldest may be a week older, not absent."""
    inner, params = compile(part, "h")
    first = f"({alias}.day - {days - 1})"
    return (
        f"coalesce((SELECT bool_and({inner}) FROM {TABLE} h"
        f" WHERE h.account_id = {alias}.account_id AND h.day <= {alias}.day AND h.day >= ("
        f"SELECT max(g.day) FROM {TABLE} g WHERE g.account_id = {alias}.account_id"
        f" AND g.day <= {first} AND g.day > {first} - {REACH_BACK_DAYS})), false)",
        params,
    )


def _is(part: Is, alias: str) -> Sql:
    if part.field == "tags":
        sql = f"({alias}.tags && %s::varchar[])"
    else:
        sql = f"({_field(part.field, alias)} = ANY(%s::varchar[]))"
    return (f"(NOT {sql})" if part.op in ("!=", "not in") else sql), [list(part.values)]


def _changed(part: Changed, alias: str) -> Sql:
    now, before = _field(part.field, alias), _before(part.field, alias)
    sql, params = f"coalesce({before} <> {now}, false)", []
    if part.was:
        sql += f" AND coalesce({before} = ANY(%s::varchar[]), false)"
        params.append(list(part.was))
    if part.now:
        sql += f" AND {now} = ANY(%s::varchar[])"
        params.append(list(part.now))
    return f"({sql})", params


def _before(field: str, alias: str) -> str:
    """The field on the snapshot before this one."""
    return (
        f"(SELECT {_field(field, 'b')} FROM {TABLE} b WHERE b.account_id = {alias}.account_id"
        f" AND b.day < {alias}.day ORDER BY b.day DESC LIMIT 1)"
    )


def _field(field: str, alias: str) -> str:
    known = FIELD_COLUMNS[field]
    return known.format(s=alias) if "{s}" in known else f"{alias}.{known}"


def _value(leaf: Leaf) -> str:
    match leaf:
        case Compare(key):
            return column(key)
        case Is("tags"):
            return "s.tags"
        case Is(field):
            return _field(field, "s")
        case Changed(field):
            now = _field(field, "s")
            return f"coalesce({_before(field, 's')}, '') || ' → ' || {now}"


def _read(condition: Condition) -> dict[str, str]:
    return {key_of(leaf): _value(leaf) for leaf in leaves(condition)}


def _texts(ids: Iterable[UUID]) -> list[str]:
    return [str(each) for each in ids]


def _rows(sql: str, params: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()
