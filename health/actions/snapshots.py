"""Measure and score all accounts, or some, as of a day, and store that as their snapshot.

One statement for a chunk of accounts and a day. A snapshot that was recorded after its day ended
is closed and stays as it is.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from accounts.models import Account
from accounts.queries.former import changed_since
from health.models import DayOfAccount, Snapshot
from health.queries.measuring import Chunk, Moment, measured, slot
from health.queries.models import InForce, published
from health.queries.scoring import scored
from health.queries.today import zone_of_tenant
from tenants.scope import current_tenant_id

EVERYBODY = Chunk()
FEW = 20  # accounts up to which looking each up beats joining whole tables
FOR_MANY = {
    "enable_nestloop": "off",
    "enable_sort": "off",
    "jit": "off",  # compiling would cost more than the statement
    "max_parallel_workers_per_gather": "0",  # a night shares the server with those of others
    "work_mem": "64MB",
}
COLUMNS = {
    "values": "values",
    "ages": "ages",
    "model_id": "(%(models)s::uuid[])[model_no + 1]",
    "base": "base",
    "capped": "capped",
    "score": "score",
    "band": "band",
    "coverage": "coverage",
    "caps": "caps",
    "change_28": "change_28",
    "driver": "driver",
    "stage": "stage",
    "segment": "segment",
    "touch_model": "touch_model",
    "owner_id": "owner_id",
    "tags": "tags",
    "traits": "traits",
    "recorded_at": "%(recorded_at)s",
}


@dataclass(frozen=True)
class Kept:
    """How many accounts a chunk had, and the last of them by id."""

    accounts: int
    last: UUID | None


@transaction.atomic
def score_days(*, days: Iterable[date], now: datetime, recorded_at: datetime | None = None) -> int:
    """Store the snapshots of all accounts on some days, in the order of days.

    Days that are closed already stay as they are. Returns the number of account days measured.
    """
    versions, zone = published(), zone_of_tenant()
    return sum(
        keep_snapshots(
            moment=Moment(day, zone),
            in_force=versions.in_force(day),
            recorded_at=recorded_at or now,
        ).accounts
        for day in sorted(set(days))
    )


@transaction.atomic
def keep_snapshots(
    *,
    moment: Moment,
    in_force: InForce,
    recorded_at: datetime,
    chunk: Chunk = EVERYBODY,
    kept_in: type[DayOfAccount] = Snapshot,
) -> Kept:
    """Store a chunk of accounts as of one day, as snapshots or as replays. One statement.

    What was changed in place since then is read as it stood.

    Where the chunk is cut off by number, one more to see where.
    """
    chunk = _bounded(chunk)
    scores, parameters = scored(in_force.models, "measured")
    sql = f"""
    WITH {measured(chunk, changed_since(moment.known))},
    {scores},
    written AS ({_insert(kept_in)})
    SELECT count(*), (SELECT account_id FROM population ORDER BY account_id DESC LIMIT 1)
    FROM population
    """
    parameters |= moment.parameters() | chunk.parameters()
    parameters |= {
        "tenant": current_tenant_id(),
        "models": [str(model_id) for model_id in in_force.ids],
        "recorded_at": recorded_at,
    }
    with (
        connection.cursor() as cursor,
        _planned(cursor, for_many=len(chunk.ids or ()) > FEW or chunk.ids is None),
    ):
        cursor.execute(sql, parameters)
        found = cursor.fetchone()
    return Kept(*found)


def _bounded(chunk: Chunk) -> Chunk:
    """The chunk with its last account, where more follow."""
    if chunk.limit is None:
        return chunk
    rest = Account.objects.order_by("pk")
    if chunk.after:
        rest = rest.filter(pk__gt=chunk.after)
    last = rest.values_list("pk", flat=True)[chunk.limit - 1 : chunk.limit].first()
    return replace(chunk, last=last)


@contextmanager
def _planned(cursor: Any, *, for_many: bool) -> Iterator[None]:
    """Have whole tables joined at once, since statistics of fresh data promise single rows."""
    if not for_many:
        yield
        return
    cursor.execute(f"SELECT {', '.join(f'current_setting({name!r})' for name in FOR_MANY)}")
    before = dict(zip(FOR_MANY, cursor.fetchone(), strict=True))
    _set(cursor, FOR_MANY)
    yield
    _set(cursor, before)


def _set(cursor: Any, settings: dict[str, str]) -> None:
    """Settings of the planner until the transaction ends."""
    calls = ", ".join(f"set_config({name!r}, %s, true)" for name in settings)
    cursor.execute(f"SELECT {calls}", list(settings.values()))


def _insert(kept_in: type[DayOfAccount]) -> str:
    arr = f"coalesce(round(values[{slot('arr')}])::bigint, arr_minor)"
    names = ", ".join(f'"{name}"' for name in COLUMNS)
    changes = ", ".join(f'"{name}" = excluded."{name}"' for name in (*COLUMNS, "arr_minor"))
    is_open = "WHERE stored.recorded_at < %(as_of)s" if kept_in is Snapshot else ""
    table = kept_in._meta.db_table
    return f"""
        INSERT INTO {table} AS stored (tenant_id, account_id, day, arr_minor, {names})
        SELECT %(tenant)s, account_id, %(day)s, {arr}, {", ".join(COLUMNS.values())} FROM scored
        ON CONFLICT (tenant_id, account_id, day) DO UPDATE SET {changes}
        {is_open}
    """
