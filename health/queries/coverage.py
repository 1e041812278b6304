"""How much of the tenant each measure knows, and how its values spread, on the newest day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from uuid import UUID

from django.db import connection

from health.models import Snapshot
from health.rules.catalogue import Measure
from health.rules.models import CUSTOMER_STAGES

TABLE = Snapshot._meta.db_table
BINS = 10


@dataclass(frozen=True)
class Coverage:
    """known: accounts with a value, by slot; n: accounts that are customers."""

    day: date | None
    n: int
    known: dict[int, int]

    def share(self, measure: Measure) -> float | None:
        return self.known.get(measure.slot, 0) / self.n if self.n else None


@dataclass(frozen=True)
class Value:
    account_id: UUID
    name: str
    value: float


def newest_day() -> date | None:
    """The newest day with snapshots. One query."""
    return Snapshot.objects.order_by("-day").values_list("day", flat=True).first()


def coverage() -> Coverage:
    """Two queries."""
    day = newest_day()
    if day is None:
        return Coverage(None, 0, {})
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH customers AS (
                SELECT s.values FROM {TABLE} s WHERE s.day = %(day)s AND s.stage = ANY(%(stages)s)
            )
            SELECT 0, count(*) FROM customers
            UNION ALL
            SELECT v.slot, count(v.value) FROM customers,
                unnest(customers.values) WITH ORDINALITY AS v(value, slot) GROUP BY v.slot
            """,
            {"day": day, "stages": list(CUSTOMER_STAGES)},
        )
        counts = dict(cursor.fetchall())
    return Coverage(day, counts.pop(0), counts)


def values_of(measure: Measure, day: date) -> list[Value]:
    """Each customer's value, lowest first. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT s.account_id, a.name, s.values[%(slot)s] AS value
            FROM {TABLE} s JOIN accounts_account a ON a.id = s.account_id
            WHERE s.day = %(day)s AND s.stage = ANY(%(stages)s) AND s.values[%(slot)s] IS NOT NULL
            ORDER BY value, a.name_norm
            """,
            {"day": day, "stages": list(CUSTOMER_STAGES), "slot": measure.slot},
        )
        return [Value(*row) for row in cursor.fetchall()]


def bins(values: Sequence[float]) -> list[tuple[float, float, int]]:
    """(from, to, how many) over the range of the values; one bin where all are the same."""
    if not values:
        return []
    low, high = min(values), max(values)
    if low == high:
        return [(low, high, len(values))]
    wide = (high - low) / BINS
    counts = [0] * BINS
    for value in values:
        counts[min(int((value - low) / wide), BINS - 1)] += 1
    return [(low + at * wide, low + (at + 1) * wide, count) for at, count in enumerate(counts)]


def middle(values: Sequence[float]) -> float | None:
    return median(values) if values else None


def anchors_of(measure: Measure) -> list[float]:
    """Values worth 0, 50 and 100 to begin with: where one, five and nine of ten accounts are worse.

    From 0 over a half to 1 where accounts do not differ enough to say. Two queries.
    """
    day = newest_day()
    known = [each.value for each in values_of(measure, day)] if day else []
    low, half, high = 0.0, 0.5, 1.0
    if len(known) >= BINS:
        spread = [float(f"{known[len(known) * part // BINS]:.2g}") for part in (1, 5, 9)]
        if spread[0] < spread[1] < spread[2]:
            low, half, high = spread
    return [low, half, high] if measure.direction == "up" else [high, half, low]
