"""What the tables hold, read by their owner: committed rows only, the policies aside."""

import contextlib
from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

import psycopg2
from django.conf import settings
from django.db import connection

# What stands for an identity, an address or a moment, and so differs where the same was done.
VARYING = (
    r"[0-9a-f]{32}|[\w.+-]+@[\w.-]+"
    r"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d(:?\d\d)?)?"
)
# How work is done, not what came of it. Keys also hold how often they called.
MACHINERY = frozenset({"tenants_job", "tenants_duejob", "tenants_apikey"})
# Outside every tenant: sessions are noted and rate limits counted whatever becomes of a call.
BESIDE = frozenset({"django_session", "usersessions_usersession", "csom_cache"})

Sums = dict[str, tuple[int, int]]


@contextlib.contextmanager
def owner() -> Iterator[Any]:
    """A connection of the tables' owner to the database of this test."""
    at = connection.settings_dict
    address = {"host": at["HOST"], "port": at["PORT"], "dbname": at["NAME"]} | {
        "user": settings.DB_OWNER["USER"],
        "password": settings.DB_OWNER["PASSWORD"],
    }
    with contextlib.closing(
        psycopg2.connect(**{key: value for key, value in address.items() if value})
    ) as line:
        line.autocommit = True
        with line.cursor() as cursor:
            yield cursor


def exact(*, leave_out: Collection[str] = BESIDE | {"tenants_apikey"}) -> Sums:
    """Rows and a sum over all of them, for every table. Equal sums: nothing was written."""
    return _sums("t::text", "", leave_out)


def shape(tenant_id: UUID, *, leave_out: Collection[str] = MACHINERY) -> Sums:
    """The same for the rows of one tenant, all that varies aside: what two runs must agree on."""
    row = f"regexp_replace(t::text, $re${VARYING}$re$, '.', 'g')"
    return _sums(row, f"WHERE tenant_id = '{tenant_id}'", leave_out)


def differing(one: Sums, other: Sums) -> dict[str, tuple[Any, Any]]:
    """The tables in which two readings differ; empty where none does."""
    return {name: (one[name], other[name]) for name in one if one[name] != other[name]}


def _sums(row: str, where: str, leave_out: Collection[str]) -> Sums:
    with owner() as cursor:
        cursor.execute(
            "SELECT relname::text FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition"
            " AND relnamespace = 'public'::regnamespace AND (%s = '' OR relrowsecurity)",
            [where],
        )
        names = sorted({name for (name,) in cursor.fetchall()} - set(leave_out))
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{name}', count(*), "
                f'coalesce(sum(hashtextextended({row}, 0)::numeric), 0) FROM "{name}" AS t {where}'
                for name in names
            )
        )
        return {name: (count, int(total)) for name, count, total in cursor.fetchall()}
