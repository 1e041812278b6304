"""The SQL that measures all accounts of a tenant as of a day, put together from the catalogue."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Model

from accounts.queries.former import as_they_stood
from health.queries.traits import TRAITS
from health.rules.catalogue import MEASURES, by_slot, width
from health.rules.catalogue import sources as all_sources

LIVE = ("live", "first_impact", "recurring_impact", "max_impact")
WITH_IMPACT = LIVE[1:]
OPENS_AT = time(9)
BUSINESS_DAYS_TO_RESOLVE = {2: 2, 3: 5, 4: 10}
HOURS_TO_RESOLVE_URGENT = 8
LOWEST, HIGHEST = UUID(int=0), UUID(int=2**128 - 1)


@dataclass(frozen=True)
class Moment:
    """A local day of a tenant, and the instant at which it ends.

    known_at: facts count that were recorded by then; by the end of the day without.
    """

    day: date
    zone: str
    known_at: datetime | None = None

    @property
    def known(self) -> datetime:
        return self.known_at or self.ends_at

    @property
    def ends_at(self) -> datetime:
        midnight = datetime.combine(self.day + timedelta(days=1), time(), ZoneInfo(self.zone))
        return midnight.astimezone(UTC)

    @property
    def last_week(self) -> date:
        """Monday of the last week that is complete by the end of the day."""
        tomorrow = self.day + timedelta(days=1)
        return tomorrow - timedelta(days=tomorrow.weekday() + 7)

    def parameters(self) -> dict[str, Any]:
        late = {
            f"late_{priority}": self._business_days_back(days)
            for priority, days in BUSINESS_DAYS_TO_RESOLVE.items()
        }
        return late | {
            "day": self.day,
            "as_of": self.ends_at,
            "known": self.known,
            "week": self.last_week,
            "zone": self.zone,
            "late_1": self.ends_at - timedelta(hours=HOURS_TO_RESOLVE_URGENT),
        }

    def _business_days_back(self, days: int) -> datetime:
        """When a business day began so that `days` of them have passed by the end of this day."""
        day = self.day + timedelta(days=1)
        while days:
            day -= timedelta(days=1)
            days -= day.weekday() < 5
        return datetime.combine(day, OPENS_AT, ZoneInfo(self.zone)).astimezone(UTC)


@dataclass(frozen=True)
class Chunk:
    """Which accounts to work on: named ones, or the next `limit` by id; all by default.

    last: the last account of them, so that facts of others are not read; to the end without.
    """

    ids: tuple[UUID, ...] | None = None
    after: UUID | None = None
    limit: int | None = None
    last: UUID | None = None

    def parameters(self) -> dict[str, Any]:
        ids = None if self.ids is None else [str(account_id) for account_id in self.ids]
        known = sorted(self.ids or ())
        first = known[0] if known else self.after or LOWEST
        last = known[-1] if known else self.last or HIGHEST
        return {
            **{"ids": ids, "after": self.after, "limit": self.limit},
            **{"first": first, "last": last},
        }

    @property
    def where(self) -> str:
        named = "" if self.ids is None else " AND a.id = ANY(%(ids)s::uuid[])"
        return named + ("" if self.after is None else " AND a.id > %(after)s")

    @property
    def order(self) -> str:
        return "" if self.limit is None else " ORDER BY a.id LIMIT %(limit)s"


def measured(chunk: Chunk, changed: Iterable[type[Model]] = ()) -> str:
    """CTEs that end in `measured`: one row per account with its values and their ages.

    Accounts exist from the day they became a customer or were entered, until archived. Looking
    back, they exist from their first contract too, and who came to CSOM as a customer counts as
    having been at that stage since.
    changed: of what rows were changed since, as `accounts.queries.former.changed_since`.
    """
    read = all_sources()
    sources = ",\n".join(
        f"{source.name} AS MATERIALIZED ({source.sql})" for source in read.values()
    )
    joins = "\n".join(f"LEFT JOIN {name} ON {name}.account_id = p.account_id" for name in read)
    return f"""
    {as_they_stood(changed)}
    {population(chunk)},
    {sources},
    {TRAITS},
    raw AS MATERIALIZED (
        SELECT p.*, traits.traits, ARRAY[{_slots(_value)}]::float8[] AS raw_values,
            ARRAY[{_slots(_age)}]::int[] AS raw_ages
        FROM population p JOIN traits ON traits.account_id = p.account_id {joins}
    ),
    measured AS MATERIALIZED (
        SELECT raw.*, fresh.* FROM raw CROSS JOIN LATERAL (
            SELECT ARRAY[{_slots(_fresh)}]::float8[] AS values,
                raw_ages::smallint[] AS ages OFFSET 0
        ) fresh
    )"""


def population(chunk: Chunk) -> str:
    """The CTE `population`: the accounts of a chunk with their stage as of the day."""
    live, impact = (", ".join(f"'{stage}'" for stage in stages) for stages in (LIVE, WITH_IMPACT))
    return f"""
    population AS MATERIALIZED (
        SELECT a.id AS account_id, a.segment, a.touch_model, a.owner_id, a.tags, a.arr_minor,
            a.renews_on, a.customer_since, a.sentiment, a.sentiment_at, stay.lifecycle, stay.stage,
            stay.stage IN ({live}) AS is_live, stay.stage IN ({impact}) AS has_impact
        FROM accounts_account a
        CROSS JOIN LATERAL (
            SELECT * FROM (
                (SELECT y.stage, y.lifecycle, 1 AS choice FROM bowtie_stay y
                 WHERE y.account_id = a.id AND y.entered_at <= %(as_of)s
                    AND y.recorded_at <= %(known)s
                    AND (y.revoked_at IS NULL OR y.revoked_at > %(as_of)s)
                 ORDER BY y.entered_at DESC, y.id DESC LIMIT 1)
                UNION ALL
                (SELECT y.stage, y.lifecycle, 2 FROM bowtie_stay y
                 WHERE y.account_id = a.id AND y.is_imported AND y.recorded_at <= %(known)s
                    AND %(known)s > %(as_of)s
                 ORDER BY y.entered_at, y.id LIMIT 1)
                UNION ALL
                (SELECT CASE WHEN EXISTS (
                    SELECT 1 FROM bowtie_stay z WHERE z.account_id = a.id
                 ) THEN 'prospect' ELSE a.stage END, a.lifecycle, 3)
            ) stays ORDER BY choice LIMIT 1
        ) stay
        WHERE least(
                a.customer_since,
                (a.created_at AT TIME ZONE %(zone)s)::date,
                CASE WHEN %(known)s > %(as_of)s THEN (
                    SELECT min(k.starts_on) FROM accounts_contract k
                    WHERE k.account_id = a.id AND NOT k.is_trial AND k.status <> 'pending'
                ) END
            ) <= %(day)s
            AND (a.archived_at IS NULL OR a.archived_at > %(as_of)s){chunk.where}
        {chunk.order}
    )"""


def _slots(part: Any) -> str:
    """The elements of an array with a place for each slot, empty ones null."""
    at_slot = {measure.slot: part(measure) for measure in by_slot()}
    return ",\n".join(at_slot.get(slot, "NULL") for slot in range(1, width() + 1))


def _value(measure: Any) -> str:
    return f"({measure.value})"


def _age(measure: Any) -> str:
    return f"least(greatest({measure.age}, 0), 32767)" if measure.age else "NULL"


def _fresh(measure: Any) -> str:
    """The value, null once its newest input is older than the catalogue allows."""
    value = f"raw_values[{measure.slot}]"
    if not measure.age or measure.stale_after_days is None:
        return value
    return f"CASE WHEN raw_ages[{measure.slot}] <= {measure.stale_after_days} THEN {value} END"


def slot(key: str) -> int:
    return MEASURES[key].slot
