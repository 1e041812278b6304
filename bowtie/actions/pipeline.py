"""The dated steps of opportunities, kept whenever they come in."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from accounts.actions.upsert import follows
from accounts.rules.outcome import Outcome, State

# A deal seen for the first time after it ended was opened when sales accepted it, and ended then.
STEPS = """
    INSERT INTO bowtie_dealstep (id, tenant_id, opportunity_id, stage, entered_on, recorded_at)
    SELECT gen_random_uuid(), o.tenant_id, o.id, step.stage, step.entered_on, {recorded_at}
    FROM accounts_opportunity o
    LEFT JOIN LATERAL (
        SELECT d.stage FROM bowtie_dealstep d
        WHERE d.opportunity_id = o.id AND d.tenant_id = o.tenant_id
        ORDER BY d.recorded_at DESC, d.entered_on DESC, (d.stage IN ('won', 'lost')) DESC LIMIT 1
    ) last ON true
    CROSS JOIN LATERAL (
        SELECT 'sal' AS stage, o.opened_on AS entered_on
        WHERE last.stage IS NULL AND o.stage IN ('won', 'lost') AND o.opened_on IS NOT NULL
        UNION ALL
        SELECT o.stage, CASE
            WHEN o.stage IN ('won', 'lost')
                THEN greatest(coalesce(o.closed_on, {today}), o.opened_on)
            WHEN last.stage IS NULL THEN coalesce(o.opened_on, {today})
            ELSE {today} END
    ) step
    WHERE o.kind = 'new' AND o.stage <> '' AND o.stage IS DISTINCT FROM last.stage {where}
"""


@follows("opportunities")
def keep_steps_of(outcome: Outcome, *, now: datetime) -> None:
    """Keep the steps of opportunities that came in new or changed."""
    ids = [each.id for each in outcome.rows if each.state in (State.NEW, State.CHANGED)]
    keep_steps(ids=[pk for pk in ids if pk], now=now, today=timezone.localdate(now))


@transaction.atomic
def keep_steps(*, ids: Collection[UUID], now: datetime, today: date) -> None:
    """Add a step where an opportunity stands elsewhere than its last one says. One statement."""
    if not ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            STEPS.format(
                recorded_at="%(now)s", today="%(today)s::date", where="AND o.id = ANY(%(ids)s)"
            ),
            {"now": now, "today": today, "ids": list(ids)},
        )
