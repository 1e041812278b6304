"""The clock of background work: which nights have begun, and what is due."""

import logging
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Min, Q

from tenants import jobs
from tenants.jobs import KINDS, NIGHTLY, Broker, later
from tenants.models import Job, Tenant
from tenants.scope import act_for

RUNG_AT_ONCE = 500
CATCH_UP_DAYS = 3
log = logging.getLogger("csom.jobs")


def due(now: datetime) -> list[tuple[UUID, UUID]]:
    """(tenant, job) of due jobs, the tenants taking turns. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT tenant_id, job_id FROM (
                SELECT tenant_id, job_id, due_at,
                       row_number() OVER (PARTITION BY tenant_id ORDER BY due_at, job_id) AS turn
                FROM tenants_duejob JOIN tenants_tenant ON tenants_tenant.id = tenant_id
                WHERE due_at <= %s AND is_active
            ) AS waiting ORDER BY turn, due_at LIMIT %s
            """,
            [now, RUNG_AT_ONCE],
        )
        return cursor.fetchall()


def tick(now: datetime) -> int:
    """Queue the nights that have begun and ring for all that is due. Safe at any frequency.

    Only tenants are opened whose next night has come; most ticks open none.
    """
    Broker.quiet_until = 0.0  # the tick itself came by the broker
    has_begun = Q(nights_due_at=None) | Q(nights_due_at__lte=now)
    for tenant in Tenant.objects.filter(has_begun, is_active=True):
        try:
            queue_nights(tenant, now)
        except Exception:  # one tenant's trouble ends no other tenant's night
            log.exception("the nights of %s could not be queued", tenant)
        else:
            next_at = next_night(ZoneInfo(tenant.time_zone), now)
            same = Tenant.objects.filter(pk=tenant.pk, time_zone=tenant.time_zone)
            same.update(nights_due_at=next_at)
    waiting = due(now)
    for tenant_id, job_id in waiting:
        jobs.ring(tenant_id, job_id)
    return len(waiting)


def queue_nights(tenant: Tenant, now: datetime) -> None:
    """Queue each nightly job for the latest local dates whose hour has come."""
    for kind, at in NIGHTLY.items():
        keys = [day.isoformat() for day in nights(at, ZoneInfo(tenant.time_zone), now)]
        with act_for(tenant.pk):
            nights_of = Job.objects.filter(kind=kind)
            known = set(nights_of.filter(key__gte=keys[0]).values_list("key", flat=True))
            if len(known.intersection(keys)) == len(keys):
                continue
            # A tenant has no nights from before its first.
            first = nights_of.aggregate(first=Min("key"))["first"] or keys[-1]
            for key in keys:
                if key not in known and key >= first:
                    later(KINDS[kind], key=key, now=now, day=key)


def next_night(zone: ZoneInfo, now: datetime) -> datetime:
    """When the first night of any kind begins after a moment."""
    today = now.astimezone(zone).date()
    moments = (
        moment_of(today + timedelta(days=days), at, zone)
        for at in NIGHTLY.values()
        for days in range(3)
    )
    return min(moment for moment in moments if moment > now)


def nights(at: time, zone: ZoneInfo, now: datetime) -> Iterable[date]:
    """The last local dates whose moment has passed, oldest first.

    A local time that the clocks skip counts as if they had not changed; of one that they repeat
    the first counts.
    """
    today = now.astimezone(zone).date()
    for back in range(CATCH_UP_DAYS, -1, -1):
        day = today - timedelta(days=back)
        if moment_of(day, at, zone) <= now:
            yield day


def moment_of(day: date, at: time, zone: ZoneInfo) -> datetime:
    """When the night of a local day begins."""
    return datetime.combine(day, at, zone).astimezone(UTC)
