"""What the bands hold and held: today, week by week, and who came into red or left it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Q, QuerySet, Sum, Window

from health.models import AccountRow, BandDay, Snapshot

WEEKS = 26
MOST_NAMED = 5

# day -> band -> (accounts, ARR in minor units)
Bands = dict[date, dict[str, tuple[int, int]]]


@dataclass(frozen=True)
class Movers:
    """Accounts that changed sides: how many, their ARR in minor units, and the largest."""

    n: int
    arr_minor: int
    largest: Sequence[AccountRow]


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


def by_week(today: date) -> Bands:
    """Bands of the last weeks; closed days as kept, the others from snapshots, today from rows.

    Three queries, two where every closed day is kept. Days without snapshots are left out.
    """
    past = week_days(today)[:-1]
    found: Bands = {}
    for kept in BandDay.objects.filter(day__in=past):
        found.setdefault(kept.day, {})[kept.band] = (kept.accounts, kept.arr_minor)
    if lacking := [day for day in past if day not in found]:
        found |= summed(lacking)
    now = (
        AccountRow.objects.filter(is_archived=False)
        .values_list("band")
        .annotate(n=Count("*"), arr=Sum("arr_minor"))
        .order_by("band")
    )
    if held := {band: (n, arr_minor) for band, n, arr_minor in now}:
        found[today] = held
    return {day: found[day] for day in sorted(found)}


def red_moves(rows: QuerySet[AccountRow], since: date) -> tuple[Movers, Movers]:
    """Who of these rows is red now and was not on a day, and the other way round. Two queries."""
    then = Snapshot.objects.filter(day=since, band="red").values("account_id")
    is_red, was_red = Q(band="red"), Q(account_id__in=then)
    return _movers(rows.filter(is_red).exclude(was_red)), _movers(
        rows.exclude(is_red).filter(was_red)
    )


def _movers(rows: QuerySet[AccountRow]) -> Movers:
    counted = rows.annotate(n=Window(Count("*")), arr=Window(Sum("arr_minor")))
    found = list(counted.order_by("-arr_minor", "-account_id")[:MOST_NAMED])
    if not found:
        return Movers(0, 0, [])
    return Movers(found[0].n, found[0].arr, found)
