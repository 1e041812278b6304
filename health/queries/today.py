"""The local day of the tenant in hand."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from health.models import Snapshot
from tenants.models import Tenant
from tenants.scope import current_tenant_id


def zone_of_tenant() -> str:
    """The tenant's time zone by name. One query."""
    return Tenant.objects.values_list("time_zone", flat=True).get(pk=current_tenant_id())


def today_of_tenant(now: datetime) -> date:
    """The date it is at the tenant's. One query."""
    return now.astimezone(ZoneInfo(zone_of_tenant())).date()


def newest_day(day: date) -> date:
    """The newest day with snapshots up to a day, the day itself without any. One query."""
    known = Snapshot.objects.filter(day__lte=day).order_by("-day").values_list("day", flat=True)
    return known.first() or day
