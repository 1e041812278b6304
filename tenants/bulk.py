"""Many new rows in one statement, where a model's own way prepares each value for itself."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection, models

AT_ONCE = 2_000


def insert(rows: Sequence[models.Model]) -> None:
    """Store new rows of one model in their order, a statement for each two thousand.

    They are given to the server as JSON, so keys are made before; what the model fills in on
    insert (tenant, moment) is filled in.
    """
    if not rows:
        return
    fields = rows[0]._meta.local_concrete_fields
    names = ", ".join(f'"{field.column}"' for field in fields)
    types = ", ".join(f'"{field.column}" {field.db_type(connection)}' for field in fields)
    table = rows[0]._meta.db_table
    sql = (
        f'INSERT INTO "{table}" ({names})'  # noqa: S608 - names of the model alone
        f" SELECT {names} FROM json_to_recordset(%s) AS r({types})"
    )
    with connection.cursor() as cursor:
        for start in range(0, len(rows), AT_ONCE):
            told = [
                {field.column: field.pre_save(row, add=True) for field in fields}
                for row in rows[start : start + AT_ONCE]
            ]
            cursor.execute(sql, [json.dumps(told, default=_plain)])
    for row in rows:
        row._state.adding = False


def _plain(value: Any) -> str:
    """What JSON has no word for, as the server reads it."""
    if isinstance(value, UUID | date):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in a row")
