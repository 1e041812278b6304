"""Lines beside their table: what is new, what changed, and one statement that writes it.

Small batches travel as one JSON parameter, large ones by COPY into a temporary table: COPY into
tables with policies is refused by PostgreSQL.
"""

import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import NoneType
from typing import Any, cast
from uuid import UUID

from django.db import connection
from django.db.models import Field, JSONField, Model

FEW = 1000
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


@dataclass(frozen=True)
class Column:
    """A column of the staged lines. bit: its place in `has`; 0 where every line has a value."""

    name: str
    type: str
    bit: int = 0
    merges: bool = False

    def value(self) -> str:
        """What the row will hold: the line's value, or where it has none what stands there."""
        staged = f's."{self.name}"'
        if self.merges:
            staged = f"jsonb_strip_nulls(COALESCE(t.\"{self.name}\", '{{}}'::jsonb) || {staged})"
        if not self.bit:
            return staged
        kept = (
            f'CASE WHEN s.has & {self.bit} <> 0 OR t.id IS NULL THEN {staged} ELSE t."{self.name}"'
        )
        return f"{kept} END"


@dataclass(frozen=True)
class Staged:
    """The lines as a relation named `s`: (n, id, external_id, has, columns…)."""

    relation: str
    parameters: list[Any]


def column_of(model: type[Model], name: str) -> "Field[Any, Any]":
    """The field behind a column."""
    return cast("Field[Any, Any]", model._meta.get_field(name))


def type_of(field: "Field[Any, Any]") -> str:
    """The PostgreSQL type of a model's field."""
    return str(field.db_type(connection))


def is_merged(field: "Field[Any, Any]") -> bool:
    return isinstance(field, JSONField)


def stage(columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> Staged:
    """Put rows (n, id, external_id, has, values…) where SQL can join them."""
    described = ["n integer", "id uuid", "external_id varchar", "has bigint"]
    described += [f'"{column.name}" {column.type}' for column in columns]
    return put("staged", "s", described, rows)


def put(table: str, name: str, described: Sequence[str], rows: Sequence[Sequence[Any]]) -> Staged:
    """Make rows a relation of that name: as JSON where they are few, by COPY where many."""
    if len(rows) > FEW:
        copy_in(table, described, rows)
        return Staged(f"{table} AS {name}", [])
    names = [item.split(" ")[0].strip('"') for item in described]
    records = [dict(zip(names, row, strict=True)) for row in rows]
    relation = f"jsonb_to_recordset(%s::jsonb) AS {name}({', '.join(described)})"
    return Staged(relation, [json.dumps(records, default=plain)])


def copy_in(table: str, described: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY rows into a temporary table that lasts until the transaction ends."""
    columns = [_texts(column) for column in zip(*rows, strict=True)]
    body = io.StringIO("\n".join(map("\t".join, zip(*columns, strict=True))))
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
        cursor.execute(f"CREATE TEMP TABLE {table} ({', '.join(described)}) ON COMMIT DROP")
        cursor.copy_expert(f"COPY pg_temp.{table} FROM STDIN", body)


def plain(value: Any) -> Any:
    """A value as JSON takes it."""
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _texts(values: Sequence[Any]) -> Sequence[str]:
    """A column as COPY reads it; at once where all its values are of one simple kind."""
    kinds = set(map(type, values))
    if kinds == {str}:
        together = "".join(values)
        if together.isprintable() and "\\" not in together:
            return values
    if kinds == {NoneType}:
        return ["\\N"] * len(values)
    return list(map(str if kinds <= {int, date} else _text, values))


def _text(value: Any) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, str):
        is_plain = value.isprintable() and "\\" not in value
        return value if is_plain else value.translate(ESCAPES)
    if isinstance(value, UUID):
        return f"{value.int:032x}"
    if isinstance(value, dict):
        return json.dumps(value).translate(ESCAPES)
    if isinstance(value, list):
        if not value:
            return "{}"
        quoted = [json.dumps(str(item), ensure_ascii=False) for item in value]
        return ("{" + ",".join(quoted) + "}").translate(ESCAPES)
    return str(value)


def differing(
    model: type[Model], staged: Staged, columns: Sequence[Column]
) -> list[tuple[int, UUID, dict[str, Any]]]:
    """(n, id, former values) of the known rows that would change, which are locked. One query."""
    if not columns:
        return []
    table = model._meta.db_table
    names = ", ".join(f't."{column.name}"' for column in columns)
    values = ", ".join(column.value() for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT s.n, t.id, {names} FROM {staged.relation} JOIN "{table}" t ON t.id = s.id
            WHERE ROW({names}) IS DISTINCT FROM ROW({values})
            ORDER BY t.id FOR NO KEY UPDATE OF t
            """,  # noqa: S608
            staged.parameters,
        )
        return [
            (
                n,
                row_id,
                {
                    column.name: json.loads(value) if column.merges else value
                    for column, value in zip(columns, former, strict=True)
                },
            )
            for n, row_id, *former in cursor.fetchall()
        ]


def write(
    model: type[Model],
    staged: Staged,
    columns: Sequence[Column],
    *,
    only: Sequence[int] | None,
    fixed: dict[str, Any],
    on_change: dict[str, str],
    returning: str,
) -> list[tuple[int, UUID, bool, UUID | None]]:
    """Insert or update the lines, or those whose `n` is in `only`: (n, id, is new, account id).

    The id is None where it is the line's own, the account id where the row is the account.
    fixed: columns with one value for new rows. on_change: column -> SQL for changed rows.
    """
    table = model._meta.db_table
    names = [f'"{column.name}"' for column in columns]
    head = ["id", "external_id", *names, *(f'"{name}"' for name in fixed)]
    values = ["s.id", "s.external_id", *(column.value() for column in columns)]
    values += [_stands(name, type_of(column_of(model, name))) for name in fixed]
    changes = [f"{name} = excluded.{name}" for name in names]
    changes += [f'"{name}" = {value}' for name, value in on_change.items()]
    conflict = f"DO UPDATE SET {', '.join(changes)}" if changes else "DO NOTHING"
    parameters = [
        json.dumps(value) if isinstance(value, dict) else value for value in fixed.values()
    ]
    # as one text, which the server reads faster than thousands of numbers
    chosen = None if only is None else f"{{{','.join(map(str, only))}}}"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH written AS (
                INSERT INTO "{table}" AS w ({", ".join(head)})
                SELECT {", ".join(values)}
                FROM {staged.relation} LEFT JOIN "{table}" t ON t.id = s.id
                WHERE %s::int[] IS NULL OR s.n = ANY(%s::int[]) ORDER BY s.external_id
                ON CONFLICT (tenant_id, source, external_id) {conflict}
                RETURNING w.external_id, w.id, w.xmax = 0 AS is_new, w."{returning}" AS account_id
            )
            SELECT s.n, nullif(written.id, s.id), written.is_new,
                nullif(written.account_id, written.id)
            FROM written JOIN {staged.relation} ON s.external_id = written.external_id
            """,  # noqa: S608
            [*parameters, *staged.parameters, chosen, chosen, *staged.parameters],
        )
        return cursor.fetchall()


def _stands(name: str, kind: str) -> str:
    """A fixed value for new rows. Known ones repeat theirs: nulls are refused before conflicts."""
    return f'CASE WHEN t.id IS NULL THEN %s::{kind} ELSE t."{name}" END'


def moment_sql(now: datetime) -> str:
    """A moment as an SQL literal."""
    return f"'{now.isoformat()}'::timestamptz"
