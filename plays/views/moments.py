"""The day as the tenant lives it."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.utils import timezone

from tenants.access import TenantRequest


def moments(request: TenantRequest) -> tuple[datetime, date, datetime]:
    """Now and the tenant's date, in its own time zone, and the moment at which that day ends."""
    zone = ZoneInfo(request.tenant.time_zone)
    now = timezone.now().astimezone(zone)
    today = now.date()
    return now, today, datetime.combine(today, time.max, zone)
