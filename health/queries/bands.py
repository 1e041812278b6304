"""What the bands hold and held: today, week by week, and who came into red or left it."""

from datetime import date, timedelta

from django.db.models import Count, Q, QuerySet, Sum

from health.models import AccountRow, BandDay, Snapshot

WEEKS = 26
MOST_NAMED = 5

# day -> band -> (accounts, ARR in minor units)
Bands = dict[date, dict[str, tuple[int, int]]]


# Who changed sides within a week, as conditions over rows.
ENTERED_RED = Q(band="red") & ~Q(band_before="red")
LEFT_RED = Q(band_before="red") & ~Q(band="red")


def week_days(today: date) -> list[date]:
    """Today and the same weekday of the weeks before, the oldest first."""
    return [today - timedelta(days=7 * back) for back in reversed(range(WEEKS))]


def summed(days: list[date]) -> Bands:
    """Bands of stored days, from their snapshots. One query, heavy where there are many."""
    rows = (
        Snapshot.objects.filter(day__in=days)
        .values_list("day", "band")
        .annotate(n=Count("*"), arr=Sum("arr_minor"))
        .order_by("day", "band")
    )
    found: Bands = {}
    for day, band, n, arr_minor in rows:
        found.setdefault(day, {})[band] = (n, arr_minor)
    return found


def by_week(today: date, now: dict[str, tuple[int, int]] | None = None) -> Bands:
    """Bands of the last weeks; closed days as kept, the others from snapshots, today from rows.

    now: today's, where they are known already. A query for the closed days kept, one for those
    that are not, and one for today. Days without snapshots are left out.
    """
    past = week_days(today)[:-1]
    found: Bands = {}
    for kept in BandDay.objects.filter(day__in=past):
        found.setdefault(kept.day, {})[kept.band] = (kept.accounts, kept.arr_minor)
    if lacking := [day for day in past if day not in found]:
        found |= summed(lacking)
    held = _today() if now is None else now
    if any(n for n, _ in held.values()):
        found[today] = held
    return {day: found[day] for day in sorted(found)}


def largest(rows: QuerySet[AccountRow], where: Q) -> list[AccountRow]:
    """The largest of some rows by ARR, to name them. One query."""
    return list(rows.filter(where).order_by("-arr_minor", "-account_id")[:MOST_NAMED])


def _today() -> dict[str, tuple[int, int]]:
    rows = (
        AccountRow.objects.filter(is_archived=False)
        .values_list("band")
        .annotate(n=Count("*"), arr=Sum("arr_minor"))
        .order_by("band")
    )
    return {band: (n, arr_minor) for band, n, arr_minor in rows}
