"""Conditions over stored snapshots: who matches on a day, today or long ago alike, and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from health.queries.compiling import TABLE, compile, value_sql
from health.queries.relations import snapshots
from health.rules.sentences import phrase
from health.rules.tree import Condition, leaves, name_of_leaf


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


def matching(
    condition: Condition,
    day: date,
    among: Iterable[UUID] | None = None,
    *,
    after: UUID | None = None,
    limit: int | None = None,
) -> list[Match]:
    """The accounts that meet a condition on a day, by id. One query, two more for definitions.

    among: only these accounts; after and limit: the next so many behind that id.
    """
    where, params = compile(condition)
    read = {name_of_leaf(leaf): value_sql(leaf, snapshots()) for leaf in leaves(condition)}
    chosen = "".join(f", {sql}" for sql, _ in read.values())
    values = [value for _, given in read.values() for value in given]
    if among is not None:
        where, params = f"{where} AND s.account_id = ANY(%s::uuid[])", [*params, _texts(among)]
    if after is not None:
        where, params = f"{where} AND s.account_id > %s", [*params, after]
    rows = _rows(
        f"SELECT s.account_id{chosen} FROM {TABLE} s WHERE s.day = %s AND {where} "
        "ORDER BY s.account_id LIMIT %s",
        [*values, day, *params, limit],
    )
    return [Match(row[0], dict(zip(read, row[1:], strict=True))) for row in rows]


def explain(condition: Condition, account_id: UUID, day: date) -> list[LeafResult]:
    """Each comparison of a condition with the value it met, in the order written.

    Inside “for n days” the value is that of the day itself. Empty where there is no snapshot.
    """
    parts = leaves(condition)
    if not parts:
        return []
    selected, params = [], []
    for part in parts:
        (value, given), (sql, more) = value_sql(part, snapshots()), compile(part)
        selected.append(f"{value}, {sql}")
        params += [*given, *more]
    rows = _rows(
        f"SELECT {', '.join(selected)} FROM {TABLE} s WHERE s.account_id = %s AND s.day = %s",
        [*params, account_id, day],
    )
    if not rows:
        return []
    return [
        LeafResult(phrase(part), name_of_leaf(part), rows[0][2 * at], rows[0][2 * at + 1])
        for at, part in enumerate(parts)
    ]


def _texts(ids: Iterable[UUID]) -> list[str]:
    return [str(each) for each in ids]


def _rows(sql: str, params: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()
