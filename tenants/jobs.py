"""Background work. The `Job` row is the truth, Celery is the doorbell.

A job is a function that does one chunk of work and returns where to go on, or None when all is
done. Each chunk runs in one transaction of the tenant, together with the saved cursor, so a
killed worker loses at most the chunk in hand and nothing is done twice.
"""

import json
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from celery import current_app
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from tenants.ids import uuid7
from tenants.models import DueJob, Job, Tenant
from tenants.scope import act_for, current_tenant_id

LEASE = timedelta(minutes=5)
MOST_ATTEMPTS = 5
FIRST_DELAY = timedelta(seconds=20)
RUNG_AT_ONCE = 500
TICKS_EVERY = 60  # seconds; what is due sooner is not left to the next tick
CATCH_UP_DAYS = 3

Cursor = Any


@dataclass
class Work:
    """What a job's function sees of its own run."""

    tenant_id: UUID
    job_id: UUID
    cursor: Cursor
    now: datetime
    statistics: dict[str, Any] = field(default_factory=dict)


QUEUE = """
    WITH made AS (
        INSERT INTO tenants_job (tenant_id, id, kind, key, arguments, state, due_at, attempt,
                                 fence, statistics, error, created_at)
        VALUES (%s, %s, %s, %s, %s, 'waiting', %s, 0, 0, '{}', '', %s)
        ON CONFLICT (tenant_id, kind, key) DO NOTHING RETURNING tenant_id, id
    )
    INSERT INTO tenants_duejob (tenant_id, job_id, due_at)
    SELECT tenant_id, id, %s FROM made RETURNING job_id
"""

Step = Callable[..., Cursor | None]
KINDS: dict[str, Step] = {}
NIGHTLY: dict[str, time] = {}


def job(kind: str, *, nightly_at: time | None = None) -> Callable[[Step], Step]:
    """Register a function `(work, **arguments) -> cursor | None` as a kind of job.

    nightly_at: local time of the tenant at which it runs each day, with `day="YYYY-MM-DD"`.
    """

    def register(step: Step) -> Step:
        KINDS[kind] = step
        step.kind = kind  # type: ignore[attr-defined]
        if nightly_at is not None:
            NIGHTLY[kind] = nightly_at
        return step

    return register


def later(
    step: Step, *, key: str, now: datetime, due_at: datetime | None = None, **arguments: Any
) -> UUID | None:
    """Queue a job in the caller's transaction; the same kind and key queues once.

    Returns the job's id, None where it was queued before. One statement.
    """
    tenant_id, job_id, due_at = current_tenant_id(), uuid7(), due_at or now
    kind = step.kind  # type: ignore[attr-defined]
    with connection.cursor() as cursor:
        cursor.execute(
            QUEUE, [tenant_id, job_id, kind, key, json.dumps(arguments), due_at, now, due_at]
        )
        if cursor.fetchone() is None:
            return None
    wait = max(0.0, (due_at - now).total_seconds())
    if wait < TICKS_EVERY:
        transaction.on_commit(lambda: ring(tenant_id, job_id, after=wait), robust=True)
    return job_id


def ring(tenant_id: UUID, job_id: UUID, *, after: float = 0) -> None:
    """Tell a worker to begin `after` seconds. The next tick rings again where nobody heard."""
    current_app.send_task(
        "tenants.run_job", args=[str(tenant_id), str(job_id)], countdown=after or None
    )


def run(tenant_id: UUID, job_id: UUID, *, clock: Callable[[], datetime] = timezone.now) -> bool:
    """Take the lease of a due job and work through its chunks. False where it was not to be had.

    An error is kept with the job, which is due again after a growing delay, and dead after
    five attempts.
    """
    with act_for(tenant_id):
        held = _take_lease(job_id, clock())
    if held is None:
        return False
    try:
        while _do_chunk(tenant_id, held, clock()):
            pass
    except LostLease:
        return False
    except Exception as error:  # a job's failure is data: it is stored, shown and tried again
        with act_for(tenant_id):
            _put_back(held, error, clock())
        return False
    return True


class LostLease(Exception):
    """Another worker took over while this one was slow."""


def _take_lease(job_id: UUID, now: datetime) -> Job | None:
    taken = (
        Job.objects.filter(pk=job_id, state__in=[Job.State.WAITING, Job.State.RUNNING])
        .filter(due_at__lte=now)
        .update(
            state=Job.State.RUNNING,
            due_at=now + LEASE,
            lease_until=now + LEASE,
            attempt=F("attempt") + 1,
            fence=F("fence") + 1,
        )
    )
    if not taken:
        return None
    held = Job.objects.get(pk=job_id)
    DueJob.objects.filter(pk=job_id).update(due_at=now + LEASE)
    if held.attempt > MOST_ATTEMPTS:
        held.error = held.error or "The worker died each time this was tried."
        _bury(held, now)
        return None
    return held


def _do_chunk(tenant_id: UUID, held: Job, now: datetime) -> bool:
    """One chunk and its cursor in one transaction. True while there is more."""
    with act_for(tenant_id):
        work = Work(tenant_id, held.pk, held.cursor, now, held.statistics)
        held.cursor = KINDS[held.kind](work, **held.arguments)
        held.statistics = work.statistics
        is_done = held.cursor is None
        changes: dict[str, Any] = {
            "cursor": held.cursor,
            "statistics": held.statistics,
            "due_at": now + LEASE,
            "lease_until": now + LEASE,
        }
        if is_done:
            changes |= {"state": Job.State.DONE, "finished_at": now, "lease_until": None}
        if not Job.objects.filter(pk=held.pk, fence=held.fence).update(**changes):
            raise LostLease
        if is_done:
            DueJob.objects.filter(pk=held.pk).delete()
        else:
            DueJob.objects.filter(pk=held.pk).update(due_at=now + LEASE)
        return not is_done


def _put_back(held: Job, error: Exception, now: datetime) -> None:
    held.error = f"{type(error).__name__}: {error}"[:2000]
    if held.attempt >= MOST_ATTEMPTS:
        _bury(held, now)
        return
    delay = FIRST_DELAY * 2 ** (held.attempt - 1) * random.uniform(0.5, 1.5)  # noqa: S311
    due_at = now + delay
    Job.objects.filter(pk=held.pk, fence=held.fence).update(
        state=Job.State.WAITING, due_at=due_at, lease_until=None, error=held.error
    )
    DueJob.objects.filter(pk=held.pk).update(due_at=due_at)


def _bury(held: Job, now: datetime) -> None:
    Job.objects.filter(pk=held.pk, fence=held.fence).update(
        state=Job.State.DEAD, lease_until=None, error=held.error, finished_at=now
    )
    DueJob.objects.filter(pk=held.pk).delete()


def due(now: datetime) -> list[tuple[UUID, UUID]]:
    """(tenant, job) of due jobs, the tenants taking turns. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT tenant_id, job_id FROM (
                SELECT tenant_id, job_id, due_at,
                       row_number() OVER (PARTITION BY tenant_id ORDER BY due_at) AS turn
                FROM tenants_duejob WHERE due_at <= %s
            ) AS waiting ORDER BY turn, due_at LIMIT %s
            """,
            [now, RUNG_AT_ONCE],
        )
        return cursor.fetchall()


def tick(now: datetime) -> int:
    """Queue the nights that have begun and ring for all that is due. Safe at any frequency."""
    for tenant in Tenant.objects.filter(is_active=True):
        queue_nights(tenant, now)
    waiting = due(now)
    for tenant_id, job_id in waiting:
        ring(tenant_id, job_id)
    return len(waiting)


def queue_nights(tenant: Tenant, now: datetime) -> None:
    """Queue each nightly job for the latest local dates whose hour has come."""
    for kind, at in NIGHTLY.items():
        keys = [day.isoformat() for day in nights(at, ZoneInfo(tenant.time_zone), now)]
        with act_for(tenant.pk):
            known = set(Job.objects.filter(kind=kind).values_list("key", flat=True))
            first = min(known, default=keys[-1])  # a tenant has no nights from before its first
            for key in sorted(set(keys) - known):
                if key >= first:
                    later(KINDS[kind], key=key, now=now, day=key)


def nights(at: time, zone: ZoneInfo, now: datetime) -> Iterable[Any]:
    """The last local dates whose moment has passed, oldest first.

    A local time that a clock change skips counts from the first instant after it.
    """
    today = now.astimezone(zone).date()
    for back in range(CATCH_UP_DAYS, -1, -1):
        day = today - timedelta(days=back)
        if datetime.combine(day, at, zone).astimezone(ZoneInfo("UTC")) <= now:
            yield day
