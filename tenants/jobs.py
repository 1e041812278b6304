"""Background work. The `Job` row is the truth, Celery is the doorbell.

A job is a function that does one chunk of work and returns where to go on, or None when all is
done. Each chunk runs in one transaction of the tenant, together with the saved cursor, so a
killed worker loses at most the chunk in hand and nothing is done twice.
"""

import json
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

from celery import current_app
from django.db import connection, transaction
from django.db.models import F, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from tenants import tallies
from tenants.ids import uuid7
from tenants.models import DueJob, Job, Tenant
from tenants.scope import act_for, current_tenant_id
from tenants.traces import current, tracing

LEASE = timedelta(minutes=5)
TURN = timedelta(minutes=2)  # how long a job keeps a worker while others wait
MOST_ATTEMPTS = 5  # at one chunk
FIRST_DELAY = timedelta(seconds=20)
TICKS_EVERY = 60  # seconds; what is due sooner is not left to the next tick
QUIET = 30  # seconds in which a broker that did not answer is left alone
log = logging.getLogger("csom.jobs")

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
                                 fence, statistics, error, created_at, request_id)
        VALUES (%s, %s, %s, %s, %s, 'waiting', %s, 0, 0, '{}', '', %s, %s)
        ON CONFLICT (tenant_id, kind, key) DO NOTHING RETURNING tenant_id, id
    )
    INSERT INTO tenants_duejob (tenant_id, job_id, due_at)
    SELECT tenant_id, id, %s FROM made RETURNING job_id
"""
KEEP_WAITING = """
    SELECT id FROM tenants_job WHERE kind = %s AND key = %s AND state = %s
    FOR SHARE SKIP LOCKED
"""

Step = Callable[..., Cursor | None]
KINDS: dict[str, Step] = {}
LABELS: dict[str, str] = {}
NIGHTLY: dict[str, time] = {}
IN_ORDER: set[str] = set()


def job(
    kind: str, *, label: str, nightly_at: time | None = None, in_order: bool = False
) -> Callable[[Step], Step]:
    """Register a function `(work, **arguments) -> cursor | None` as a kind of job.

    label: what it does, as people read it.
    nightly_at: local time of the tenant at which it runs each day, with `day="YYYY-MM-DD"`.
    in_order: one after the other in a tenant, the smallest key first, as nights always are.
    """

    def register(step: Step) -> Step:
        KINDS[kind], LABELS[kind] = step, label
        step.kind = kind  # type: ignore[attr-defined]
        if nightly_at is not None:
            NIGHTLY[kind] = nightly_at
        if in_order or nightly_at is not None:
            IN_ORDER.add(kind)
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
        row = [tenant_id, job_id, kind, key, json.dumps(arguments), due_at, now]
        cursor.execute(QUEUE, [*row, current().request_id, due_at])
        if cursor.fetchone() is None:
            return None
    wait = max(0.0, (due_at - now).total_seconds())
    if wait < TICKS_EVERY:
        transaction.on_commit(lambda: ring(tenant_id, job_id, after=wait), robust=True)
    return job_id


def keep_waiting(step: Step, *, key: str) -> bool:
    """Keep a queued job from being begun before the caller's transaction ends. One statement.

    False where it has begun already, or is just being begun, so that it may have read too early
    what the caller writes. Nobody waits here: who begins a job may hold what the caller needs.
    """
    kind = step.kind  # type: ignore[attr-defined]
    with connection.cursor() as cursor:
        cursor.execute(KEEP_WAITING, [kind, key, Job.State.WAITING])
        return cursor.fetchone() is not None


def take_in(work: Work, step: Step) -> list[dict[str, Any]]:
    """Do the due jobs of a kind along with the one in hand. Returns their arguments.

    Those that a transaction keeps waiting are left to wait.
    """
    others = (
        Job.objects.select_for_update(skip_locked=True, no_key=True)
        .filter(kind=step.kind, state=Job.State.WAITING, due_at__lte=work.now)  # type: ignore[attr-defined]
        .exclude(pk=work.job_id)
    )
    taken = {other.pk: other.arguments for other in others}
    if taken:
        DueJob.objects.filter(pk__in=list(taken)).delete()
        done = {"state": Job.State.DONE, "started_at": work.now, "finished_at": work.now}
        Job.objects.filter(pk__in=list(taken)).update(**done, statistics={"taken_in": 1})
    return list(taken.values())


class Broker:
    """The bell, left alone for a while after it did not answer: nobody waits for it twice."""

    quiet_until = 0.0


def ring(tenant_id: UUID, job_id: UUID, *, after: float = 0) -> None:
    """Tell a worker to begin `after` seconds. The next tick rings again where nobody heard."""
    if monotonic() < Broker.quiet_until:
        return
    try:
        current_app.send_task(
            "tenants.run_job", args=[str(tenant_id), str(job_id)], countdown=after or None
        )
    except Exception:  # whatever a transport raises; the job is a row and waits for the next tick
        Broker.quiet_until = monotonic() + QUIET
        log.exception("the broker does not answer")


def run(tenant_id: UUID, job_id: UUID, *, clock: Callable[[], datetime] = timezone.now) -> bool:
    """Take the lease of a due job and work through its chunks. False where it was not to be had.

    A job that takes longer than its turn goes on in a later one. An error is kept with the job,
    which is due again after a growing delay, and dead after five attempts at the same chunk.
    """
    if not Tenant.objects.filter(pk=tenant_id, is_active=True).exists():
        log.warning("job %s: tenant %s is closed or gone", job_id, tenant_id)
        return False
    with tracing(job_id.hex) as trace:
        trace.tenant_id, begun = tenant_id, clock()
        with act_for(tenant_id):
            held = _take_lease(job_id, begun)
        if held is None:
            return False
        trace.request_id = held.request_id or trace.request_id
        since = monotonic()
        outcome = _work(tenant_id, held, begun, clock)
        took = monotonic() - since
        facts = {"job": held.kind, "job_id": job_id, "outcome": outcome, "queries": trace.queries}
        log.info(
            "job %s",
            outcome,
            extra=facts
            | {
                "duration_ms": round(took * 1000),
                "line": f"{held.kind} {outcome} {took * 1000:.0f} ms {trace.queries} queries",
            },
        )
        return outcome in ("done", "goes on")


def _work(tenant_id: UUID, held: Job, begun: datetime, clock: Callable[[], datetime]) -> str:
    """Chunk after chunk, for one turn. Returns what became of the job."""
    try:
        while _do_chunk(tenant_id, held, now := clock()):
            if now - begun > TURN:
                with act_for(tenant_id):
                    _hand_over(held, now)
                return "goes on"
    except LostLease:
        return "lost its lease"
    except Exception as error:  # a job's failure is data: it is stored, shown and tried again
        log.warning("job failed", exc_info=error, extra={"job": held.kind, "job_id": held.pk})
        with act_for(tenant_id):
            return _put_back(held, error, clock())
    return "done"


class LostLease(Exception):
    """Another worker took over while this one was slow."""


class UnknownKind(Exception):
    """The job was queued by another release."""


def _take_lease(job_id: UUID, now: datetime) -> Job | None:
    due, lease = (
        Job.objects.filter(pk=job_id, due_at__lte=now),
        {
            "state": Job.State.RUNNING,
            "due_at": now + LEASE,
            "lease_until": now + LEASE,
            "started_at": Coalesce("started_at", Value(now)),
            "attempt": F("attempt") + 1,
            "fence": F("fence") + 1,
        },
    )
    if not due.filter(state=Job.State.WAITING).update(**lease):
        if not due.filter(state=Job.State.RUNNING).update(**lease):
            return None
        log.warning("the lease of job %s ran out", job_id)
        tallies.add(tallies.LEASE_EXPIRIES)
    held = Job.objects.get(pk=job_id)
    if held.kind in IN_ORDER and _has_earlier(held):
        transaction.set_rollback(True)
        return None
    DueJob.objects.filter(pk=job_id).update(due_at=now + LEASE)
    if held.attempt > MOST_ATTEMPTS:
        held.error = held.error or "The worker died each time this was tried."
        _bury(held, now)
        return None
    return held


def _has_earlier(held: Job) -> bool:
    """Whether an earlier one of its kind is not done or given up yet."""
    earlier = Job.objects.filter(kind=held.kind, key__lt=held.key)
    return earlier.filter(state__in=[Job.State.WAITING, Job.State.RUNNING]).exists()


def _do_chunk(tenant_id: UUID, held: Job, now: datetime) -> bool:
    """One chunk and its cursor in one transaction. True while there is more."""
    with act_for(tenant_id):
        work = Work(tenant_id, held.pk, held.cursor, now, held.statistics)
        if (step := KINDS.get(held.kind)) is None:
            raise UnknownKind(f"no worker of this release does “{held.kind}”")
        held.cursor = step(work, **held.arguments)
        held.statistics = work.statistics
        held.attempt = 1  # of the next chunk: work that gets on is not given up
        is_done = held.cursor is None
        changes: dict[str, Any] = {
            "cursor": held.cursor,
            "statistics": held.statistics,
            "attempt": held.attempt,
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


def _hand_over(held: Job, now: datetime) -> None:
    """Let go of a job that has more to do, so that others get their turn, and ring for it."""
    Job.objects.filter(pk=held.pk, fence=held.fence).update(
        state=Job.State.WAITING, due_at=now, lease_until=None, attempt=0
    )
    DueJob.objects.filter(pk=held.pk).update(due_at=now)
    transaction.on_commit(lambda: ring(held.tenant_id, held.pk), robust=True)


def _put_back(held: Job, error: Exception, now: datetime) -> str:
    held.error = f"{type(error).__name__}: {error}"[:2000]
    if held.attempt >= MOST_ATTEMPTS:
        _bury(held, now)
        return "given up"
    delay = FIRST_DELAY * 2 ** (held.attempt - 1) * random.uniform(0.5, 1.5)  # noqa: S311
    due_at = now + delay
    Job.objects.filter(pk=held.pk, fence=held.fence).update(
        state=Job.State.WAITING, due_at=due_at, lease_until=None, error=held.error
    )
    DueJob.objects.filter(pk=held.pk).update(due_at=due_at)
    return "put back"


def _bury(held: Job, now: datetime) -> None:
    Job.objects.filter(pk=held.pk, fence=held.fence).update(
        state=Job.State.DEAD, lease_until=None, error=held.error, finished_at=now
    )
    DueJob.objects.filter(pk=held.pk).delete()
