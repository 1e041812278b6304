"""The one compiler: a condition as a boolean SQL expression with bound parameters."""

from datetime import date
from functools import cached_property
from math import ceil, floor
from typing import Any

from health.models import Snapshot
from health.queries.definitions import Versions, all_versions
from health.queries.relations import Relation, Sql, accounts, nothing, rows, snapshots
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
)
from health.rules.vocabulary import FIELDS

TABLE = Snapshot._meta.db_table
REACH_BACK_DAYS = 7  # how much older than asked for a snapshot may be and still stand for its day
SQL_OPS = {"<": "<", "<=": "<=", ">": ">", ">=": ">=", "=": "=", "!=": "<>"}
FALSE: Sql = ("false", [])
WHOLE_DAYS = {"<": ceil, "<=": floor, ">": floor, ">=": ceil}  # of a bound in parts of a day
FARTHEST_DAYS = 1_000_000  # within what a date can hold


def compile(condition: Condition, alias: str = "s") -> Sql:
    """A boolean SQL expression over a row of snapshots called `alias`, and its parameters.

    Holds for whatever day the row is of, and is never null. One query where it refers to a
    definition of the charter.
    """
    return _certain(Compiler().over(condition, snapshots(alias)))


def compile_for_rows(condition: Condition, alias: str, today: date) -> Sql:
    """The same over a row of lists as of today, null where it does not hold.

    What the row does not hold is looked up in the account, else in the newest snapshots.
    """
    return Compiler(today).over(condition, rows(alias, today))


class Compiler:
    """Compiles a condition over relations. today: for rows of lists only."""

    def __init__(self, today: date | None = None) -> None:
        self.today = today

    @cached_property
    def versions(self) -> Versions:
        return all_versions()

    def over(self, condition: Condition, on: Relation) -> Sql:
        """A condition that is null or false where it does not hold."""
        match condition:
            case All(parts):
                return self._joined(" AND ", parts, on)
            case Some(parts):
                return self._joined(" OR ", parts, on)
            case Not(part):
                sql, params = _certain(self.over(part, on))
                return f"(NOT {sql})", params
            case Defined(key):
                return self._defined(key, on)
            case ForDays() if self.today is None:
                return self._held(condition, on)
        if not isinstance(condition, ForDays) and (found := leaf_sql(condition, on)) is not None:
            return found
        return self._elsewhere(condition, on)

    def _joined(self, word: str, parts: tuple[Condition, ...], on: Relation) -> Sql:
        if not parts:
            return FALSE
        compiled = [self.over(part, on) for part in parts]
        return (
            f"({word.join(sql for sql, _ in compiled)})",
            [value for _, values in compiled for value in values],
        )

    def _elsewhere(self, part: Condition, on: Relation) -> Sql:
        """What a row of lists does not hold: by its account, else by its newest snapshot."""
        if self.today is None:
            return FALSE
        if not isinstance(part, ForDays | Changed | Moved):
            by_account = leaf_sql(part, accounts(self.today))  # type: ignore[arg-type]
            if by_account is not None:
                sql, params = by_account
                return (
                    f"({on.alias}.account_id IN (SELECT a.id FROM accounts_account a WHERE {sql}))",
                    params,
                )
        sql, params = Compiler().over(part, snapshots("s"))
        newest = f"(SELECT max(n.day) FROM {TABLE} n WHERE n.day <= %s)"
        return (
            f"({on.alias}.account_id IN (SELECT s.account_id FROM {TABLE} s WHERE s.day = {newest}"
            f" AND {sql}))",
            [self.today, *params],
        )

    def _defined(self, key: str, on: Relation) -> Sql:
        """What a definition says on the day of the row: each version on its own days."""
        told = self.versions.of(key)
        if len(told) == 1:
            return self.over(told[0][1], on)
        (day, given), cases, params = on.day, list[str](), list[Any]()
        for since, condition in told:
            sql, more = self.over(condition, on)
            cases.append(f"WHEN {day} >= %s THEN {sql}" if since else f"ELSE {sql}")
            params += [*given, since, *more] if since else more
        return f"(CASE {' '.join(cases)} END)", params

    def _held(self, part: ForDays, on: Relation) -> Sql:
        """True on every snapshot from `days` days back; the oldest may be a week older."""
        alias, first = on.alias, f"({on.alias}.day - {part.days - 1})"
        past, near = f"{alias}h", f"{alias}g"  # of their own, since a definition may nest them
        inner, params = _certain(self.over(part.part, snapshots(past)))
        return (
            f"(SELECT bool_and({inner}) FROM {TABLE} {past} WHERE"
            f" {past}.account_id = {alias}.account_id AND {past}.day <= {alias}.day"
            f" AND {past}.day >= (SELECT max({near}.day) FROM {TABLE} {near}"
            f" WHERE {near}.account_id = {alias}.account_id AND {near}.day <= {first}"
            f" AND {near}.day > {first} - {REACH_BACK_DAYS}))",
            params,
        )


def _by_date(leaf: Compare, on: Relation) -> Sql | None:
    """Days until a date as a bound on the date itself: the same, and an index finds it."""
    column, whole = on.date_of(leaf.key), WHOLE_DAYS.get(leaf.op)
    if column is None or whole is None or abs(leaf.value) > FARTHEST_DAYS:
        return None
    sql = f"({column} {leaf.op} {on.day[0]} + %s)"
    return sql, [*on.day[1], whole(leaf.value)]


def leaf_sql(leaf: Leaf, on: Relation) -> Sql | None:
    """A comparison over a relation; None where the relation does not hold what it reads."""
    match leaf:
        case Compare(key, op, value):
            if by_date := _by_date(leaf, on):
                return by_date
            found = on.number(key)
            return found and (f"({found[0]} {SQL_OPS[op]} %s::float8)", [*found[1], value])
        case Is(name) if name in FIELDS and FIELDS[name].is_set:
            found = on.texts_of(name)
            return found and _among_many(leaf, found)
        case Is(name):
            found = on.text(name)
            return found and _among(leaf, found)
        case OnDay(name, op, day, days):
            found = on.text(name)
            if found is None:
                return None
            limit = ("%s", [day]) if day else _shifted(on, days)
            return f'({found[0]} COLLATE "C" {SQL_OPS[op]} {limit[0]})', [*found[1], *limit[1]]
        case Known(name, is_known, is_number):
            number = on.number(name) if is_number else None
            found = (
                on.is_there(name)
                if not is_number
                else number and (f"({number[0]} IS NOT NULL)", number[1])
            )
            return found and (found[0] if is_known else f"(NOT {found[0]})", found[1])
        case Changed(name, was, now):
            return _changed(name, [list(was)] if was else [], [list(now)] if now else [], on)
        case Moved(key, before, after):
            return _moved(key, before, after, on)
    raise TypeError(leaf)


def value_sql(leaf: Leaf, on: Relation) -> Sql:
    """The value a comparison looks at, for people who ask why."""
    match leaf:
        case Compare(key) | Known(key, _, True):
            return on.number(key) or nothing(key, is_number=True)
        case Is(name) if name in FIELDS and FIELDS[name].is_set:
            return on.texts_of(name) or nothing(name, is_number=False)
        case Is(name) | OnDay(name):
            return on.text(name) or nothing(name, is_number=False)
        case Known(name):
            return on.texts_of(name) or on.text(name) or nothing(name, is_number=False)
        case Changed(name):
            now, before = _or_empty(on.text(name)), _before(name, on, is_number=False)
            return f"(coalesce({before[0]}, '') || ' → ' || {now[0]})", [*before[1], *now[1]]
        case Moved(key):
            return on.number(key) or nothing(key, is_number=True)
        case Defined():
            sql, params = _certain(Compiler().over(leaf, on))
            return f"(CASE WHEN {sql} THEN 'yes' ELSE 'no' END)", params
    raise TypeError(leaf)


def _certain(sql: Sql) -> Sql:
    return f"coalesce({sql[0]}, false)", sql[1]


def _among(part: Is, text: Sql) -> Sql:
    sql, params = text
    if part.op == "contains":
        return f"(strpos(lower({sql}), lower(%s)) > 0)", [*params, part.values[0]]
    some = [value for value in part.values if value]
    if part.op in ("!=", "not in"):
        known = "" if some else f"{sql} IS NOT NULL AND "  # nothing differs from none of nothing
        return f"({known}{sql} <> ALL(%s::text[]))", [*params, *(() if some else params), some]
    if len(some) == len(part.values):
        return f"({sql} = ANY(%s::text[]))", [*params, some]
    return f"({sql} IS NULL OR {sql} = ANY(%s::text[]))", [*params, *params, some]


def _among_many(part: Is, texts: Sql) -> Sql:
    sql, params = texts
    found, values = f"({sql} && %s::text[])", [*params, [v for v in part.values if v]]
    if "" in part.values:
        found, values = f"({found} OR cardinality({sql}) = 0)", [*values, *params]
    return (f"(NOT {found})" if part.op in ("!=", "not in") else found), values


def _shifted(on: Relation, days: int) -> Sql:
    sql, params = on.day
    return f"to_char({sql} + %s, 'YYYY-MM-DD')", [*params, days]


def _changed(name: str, was: list[Any], now: list[Any], on: Relation) -> Sql | None:
    if on.text(name) is None or not on.day[0].endswith(".day"):
        return None
    after, before = _or_empty(on.text(name)), _before(name, on, is_number=False)
    sql, params = f"{before[0]} <> {after[0]}", [*before[1], *after[1]]
    for side, given in ((before, was), (after, now)):
        if given:
            sql += f" AND {side[0]} = ANY(%s::text[])"
            params += [*side[1], *given]
    return f"({sql})", params


def _moved(
    key: str, was: tuple[str, float] | None, now: tuple[str, float] | None, on: Relation
) -> Sql | None:
    after = on.number(key)
    if after is None or not on.day[0].endswith(".day"):
        return None
    before = _before(key, on, is_number=True)
    sql, params = f"{before[0]} <> {after[0]}", [*before[1], *after[1]]
    for side, bound in ((before, was), (after, now)):
        if bound:
            sql += f" AND {side[0]} {SQL_OPS[bound[0]]} %s::float8"
            params += [*side[1], bound[1]]
    return f"({sql})", params


def _before(name: str, on: Relation, *, is_number: bool) -> Sql:
    """The value on the snapshot before this one; null where there is none."""
    past = snapshots("b")
    number = past.number(name) if is_number else None
    sql, params = number or _or_empty(past.text(name))
    return (
        f"(SELECT {sql} FROM {TABLE} b WHERE b.account_id = {on.alias}.account_id"
        f" AND b.day < {on.alias}.day ORDER BY b.day DESC LIMIT 1)",
        params,
    )


def _or_empty(text: Sql | None) -> Sql:
    sql, params = text or ("NULL::text", [])
    return f"coalesce({sql}, '')", params
