"""The bands of closed days, summed once so that no page sums months of snapshots."""

from collections.abc import Collection
from datetime import date, timedelta

from django.db import transaction

from health.actions.night import follow
from health.models import BandDay
from health.queries.bands import WEEKS, summed
from tenants.jobs import Cursor, Work, job

DAYS_AT_ONCE = 14


@transaction.atomic
def keep_bands(*, days: Collection[date]) -> int:
    """Sum the bands of some closed days. Days that are kept already stay. Returns rows made."""
    known = set(BandDay.objects.filter(day__in=days).values_list("day", flat=True))
    found = summed([day for day in days if day not in known])
    made = [
        BandDay(day=day, band=band, accounts=n, arr_minor=arr_minor)
        for day, bands in found.items()
        for band, (n, arr_minor) in bands.items()
    ]
    BandDay.objects.bulk_create(made, ignore_conflicts=True)
    return len(made)


@follow
@job("health.bands", label="Sum up health bands by day")
def keep_bands_of_closed_days(work: Work, *, day: str) -> Cursor | None:
    """Sum every closed day of the last weeks that is not kept yet, a few days a time."""
    today = date.fromisoformat(day)
    first = date.fromisoformat(work.cursor) if work.cursor else today - timedelta(days=7 * WEEKS)
    if first >= today:
        return None
    until = min(today, first + timedelta(days=DAYS_AT_ONCE))
    days = [first + timedelta(days=more) for more in range((until - first).days)]
    work.statistics["rows"] = work.statistics.get("rows", 0) + keep_bands(days=days)
    return until.isoformat()
