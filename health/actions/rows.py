"""The rows that lists show: recomputed from the newest snapshots and what stands beside them."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from accounts.models import Account
from health.models import AccountRow
from health.queries.spiced import NOTHING_KNOWN, spiced_states
from health.queries.today import today_of_tenant, zone_of_tenant
from health.rules.catalogue import by_slot
from health.rules.words import reason
from spiced.rules.events import MOVES_THAT_DOWNGRADE, Class

AT_ONCE = 2000
SPARK_WEEKS = 12
ROW = AccountRow._meta.db_table

LATEST = """
    SELECT a.id, s.driver, s.values[s.driver] FROM accounts_account a
    JOIN LATERAL (
        SELECT h.driver, h.values FROM health_snapshot h WHERE h.account_id = a.id
        AND h.day <= %(today)s ORDER BY h.day DESC LIMIT 1
    ) s ON s.driver IS NOT NULL
    WHERE a.id = ANY(%(ids)s::uuid[])
"""

COLUMNS = {
    "name": "a.name",
    "name_norm": "a.name_norm",
    "segment": "a.segment",
    "segment_by_rule": "CASE WHEN a.segment_set_at IS NULL THEN '' ELSE a.segment_by_rule END",
    "stage": "a.stage",
    "owner_id": "a.owner_id",
    "owner_name": "coalesce(u.name, '')",
    "team": "coalesce(b.team, '')",
    "arr_minor": "a.arr_minor",
    "currency": "t.currency",
    "renews_on": "a.renews_on",
    "score": "s.score",
    "band": "coalesce(s.band, 'unknown')",
    "band_before": "coalesce(before.band, '')",
    "coverage": "coalesce(s.coverage, 0)",
    "change_28": "s.change_28",
    "spark": "spark.scores",
    "reason": "coalesce(w.reason, '')",
    "spiced": "w.spiced",
    "event_on": "e.happens_on",
    "event_text": "coalesce(left(e.statement, 120), '')",
    "event_class": "coalesce(e.class, '')",
    "last_touch_on": "touch.last_on",
    "scored_on": "s.day",
    "caps": "coalesce(s.caps, '{}')",
    "lost_roles": "ARRAY(SELECT jsonb_array_elements_text(s.traits->'lost_roles'))",
    "is_archived": "a.archived_at IS NOT NULL",
}

KEEP = f"""
    INSERT INTO {ROW} (tenant_id, account_id, next_step, open_plays, {", ".join(COLUMNS)})
    SELECT a.tenant_id, a.id, '', 0, {", ".join(COLUMNS.values())}
    FROM json_to_recordset(%(words)s) AS w(id uuid, reason text, spiced text)
    JOIN accounts_account a ON a.id = w.id
    JOIN tenants_tenant t ON t.id = a.tenant_id
    LEFT JOIN tenants_user u ON u.id = a.owner_id
    LEFT JOIN tenants_membership b ON b.tenant_id = a.tenant_id AND b.user_id = a.owner_id
    LEFT JOIN LATERAL (
        SELECT h.day, h.score, h.band, h.coverage, h.change_28, h.caps, h.traits
        FROM health_snapshot h
        WHERE h.account_id = a.id AND h.day <= %(today)s ORDER BY h.day DESC LIMIT 1
    ) s ON true
    LEFT JOIN health_snapshot before ON before.account_id = a.id AND before.day = %(today)s - 7
    LEFT JOIN LATERAL (
        SELECT string_agg(
            coalesce(round(past.score::numeric)::text, ''), ',' ORDER BY week DESC
        ) AS scores
        FROM generate_series(0, {SPARK_WEEKS - 1}) AS week
        LEFT JOIN LATERAL (
            SELECT h.score FROM health_snapshot h WHERE h.account_id = a.id
                AND h.day <= %(today)s - 7 * week AND h.day > %(today)s - 7 * week - 7
            ORDER BY h.day DESC LIMIT 1
        ) past ON true
    ) spark ON true
    LEFT JOIN LATERAL (
        SELECT c."on" AS happens_on, c.statement, CASE
            WHEN c.consequence = '' OR c.times_moved >= {MOVES_THAT_DOWNGRADE}
            THEN '{Class.COMPELLING}'
            WHEN c.confirmed_at IS NOT NULL THEN '{Class.CONFIRMED}'
            ELSE '{Class.CRITICAL}' END AS class
        FROM spiced_criticalevent c
        WHERE c.account_id = a.id AND c.status = 'open'
        ORDER BY c.is_in_note DESC, c."on", c.id LIMIT 1
    ) e ON true
    LEFT JOIN LATERAL (
        SELECT (v.at AT TIME ZONE %(zone)s)::date AS last_on FROM pulse_activity v
        WHERE v.account_id = a.id AND v.at <= %(now)s ORDER BY v.at DESC LIMIT 1
    ) touch ON true
    ON CONFLICT (tenant_id, account_id) DO UPDATE SET
        {", ".join(f"{name} = excluded.{name}" for name in COLUMNS)}
"""

STEPS = f"""
    UPDATE {ROW} r SET next_step = coalesce(n.next_step, ''), next_step_at = n.next_step_at,
        open_plays = coalesce(n.open_plays, 0)
    FROM json_to_recordset(%(steps)s)
        AS n(id uuid, next_step text, next_step_at timestamptz, open_plays int)
    WHERE r.account_id = n.id
"""


@dataclass(frozen=True)
class NextStep:
    """What happens next at an account, and how many plays run there."""

    next_step: str = ""
    next_step_at: datetime | None = None
    open_plays: int = 0


@transaction.atomic
def keep_rows(*, account_ids: Collection[UUID] | None, now: datetime) -> int:
    """Recompute the rows of some accounts, None for all, archived ones too. Returns how many."""
    ids = account_ids
    if ids is None:
        ids = Account.objects.order_by("pk").values_list("pk", flat=True)
    today, zone = today_of_tenant(now), zone_of_tenant()
    count = 0
    for some in _batches(list(ids)):
        count += _keep(some, today, zone, now)
    return count


@transaction.atomic
def set_next_steps(*, steps: Mapping[UUID, NextStep]) -> int:
    """Write what plays know of accounts into their rows. One statement; returns how many."""
    rows = [
        {
            "id": str(account_id),
            "next_step": step.next_step[:200],
            "next_step_at": step.next_step_at and step.next_step_at.isoformat(),
            "open_plays": step.open_plays,
        }
        for account_id, step in steps.items()
    ]
    with connection.cursor() as cursor:
        cursor.execute(STEPS, {"steps": json.dumps(rows)})
        return cursor.rowcount


def _keep(ids: Sequence[UUID], today: date, zone: str, now: datetime) -> int:
    named: dict[str, Any] = {"ids": [str(each) for each in ids], "today": today}
    measures = {measure.slot: measure.key for measure in by_slot()}
    with connection.cursor() as cursor:
        cursor.execute(LATEST, named)
        reasons = {pk: reason(measures[at], value) for pk, at, value in cursor if at in measures}
    states = spiced_states(ids, today)
    words = [
        {
            "id": str(each),
            "reason": reasons.get(each, "")[:200],
            "spiced": states.get(each, NOTHING_KNOWN),
        }
        for each in ids
    ]
    with connection.cursor() as cursor:
        cursor.execute(KEEP, {"words": json.dumps(words), "today": today, "zone": zone, "now": now})
        return cursor.rowcount


def _batches(ids: list[UUID]) -> Iterator[list[UUID]]:
    for start in range(0, len(ids), AT_ONCE):
        yield ids[start : start + AT_ONCE]
