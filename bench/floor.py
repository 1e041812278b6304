"""The floors' own line to the server.

COPY is refused to a role that policies hold, so floors go in as the superuser. Rows go into their
own table, with its indexes, references and log: none of that can be saved by whoever keeps them.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg2
from django.db import connection


@contextmanager
def superuser() -> Iterator[Any]:
    """A cursor that commits each statement."""
    to = connection.settings_dict
    line = psycopg2.connect(host=to["HOST"], port=to["PORT"] or None, dbname=to["NAME"],
                            user="postgres")  # fmt: skip
    line.autocommit = True
    try:
        yield line.cursor()
    finally:
        line.close()


def rows(table: str, tenant: UUID) -> str:
    """A tenant's rows of a table, as COPY takes them."""
    body = io.StringIO()
    with superuser() as cursor:
        cursor.copy_expert(
            f"COPY (SELECT * FROM {table} WHERE tenant_id = '{tenant}') TO STDOUT", body
        )
    return body.getvalue()


def copy_in(table: str, lines: str) -> None:
    """The least that has these rows in their table."""
    with superuser() as cursor:
        cursor.copy_expert(f"COPY {table} FROM STDIN", io.StringIO(lines))


def empty(tenant: UUID, *tables: str) -> None:
    """Take a tenant's rows of these tables away without looking for who refers to them."""
    with superuser() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for table in tables:
            cursor.execute(f"DELETE FROM {table} WHERE tenant_id = '{tenant}'")
            cursor.execute(f"VACUUM {table}")


def settle(*tables: str) -> None:
    """Have the server clean up after a fill now, so that it does not while we measure."""
    with superuser() as cursor:
        for table in tables:
            cursor.execute(f"VACUUM (ANALYZE) {table}")
