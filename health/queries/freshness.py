"""How fresh scores and usage of the tenant in hand are."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from health.rules.freshness import NIGHT, Freshness, judged
from tenants.models import Tenant
from tenants.queries.jobs import first_night, late_night

NEWEST = """
    SELECT (
        SELECT json_object_agg(key, state) FROM tenants_job
        WHERE kind = %(kind)s AND key >= %(first)s
    ), newest.until, newest.span_days
    FROM (SELECT 1) one LEFT JOIN (
        SELECT day + span_days - 1 AS until, span_days FROM pulse_usageday
        WHERE day <= %(today)s ORDER BY day DESC LIMIT 1
    ) newest ON true
"""


def freshness(tenant: Tenant, now: datetime) -> Freshness:
    """What is out of date just now. One query, of two short looks into indexes."""
    local = now.astimezone(ZoneInfo(tenant.time_zone))
    asked: dict[str, Any] = {
        "kind": NIGHT,
        "first": first_night(tenant, now),
        "today": local.date(),
    }
    with connection.cursor() as cursor:
        cursor.execute(NEWEST, asked)
        states, until, span_days = cursor.fetchone()
    late = late_night(tenant, NIGHT, states or {}, now)
    return judged(
        night_due=late.due_at.astimezone(local.tzinfo) if late else None,
        usage_until=until,
        span_days=span_days or 1,
        now=local,
    )
