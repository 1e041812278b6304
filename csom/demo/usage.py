"""Usage: by person and feature for twelve weeks, by day for everything before.

Drawn in PostgreSQL from hashes of names, so that a hundred thousand rows take a moment and are
the same each time.
"""

import json
from datetime import timedelta
from typing import Any

from django.db import connection

from csom.demo.scene import Scene
from pulse.models import Feature

DETAILED_DAYS = 85
DAYS_A_WEEK = 0.74  # how likely somebody works in the product on a working day

STORY = """
    story AS (
        SELECT * FROM jsonb_to_recordset(%(story)s::jsonb) AS s(
            id uuid, name text, people int, breadth int, first date, until date,
            falls_on date, falls_to float8, falls_in int)
    )
"""


def _chance(*parts: str) -> str:
    """SQL for a number from 0 to 1 that depends on its parts alone."""
    text = " || ' ' || ".join(f"({part})::text" for part in parts)
    return f"((hashtextextended({text}, 7) & 65535)::float8 / 65536)"


FALL = """CASE WHEN s.falls_on IS NULL OR d.day <= s.falls_on THEN 1.0
    ELSE 1 - (1 - s.falls_to) * least(1.0, (d.day - s.falls_on)::float8 / s.falls_in) END"""
LEVEL = f"""(least(1.0, 0.45 + 0.55 * (d.day - s.first) / 30.0)
    * (0.95 + 0.1 * {_chance("s.name", "date_trunc('week', d.day)")}))"""
IS_IN = f"""k <= ceil(s.people * sqrt({FALL}))
    AND {_chance("s.name", "k", "d.day")} < {DAYS_A_WEEK} * {LEVEL} * sqrt({FALL})"""

DETAILED = f"""
    WITH {STORY}
    INSERT INTO pulse_usage
        (tenant_id, account_id, day, feature, person, n, span_days, recorded_at)
    SELECT %(tenant)s, s.id, d.day,
        (%(features)s::text[])[1 + (floor({_chance("s.name", "k", "d.day", "'f'")} * 100)::int
            + slot) %% s.breadth],
        'p' || k, 3 + floor({_chance("s.name", "k", "d.day", "slot")} * 11)::int, 1,
        d.day + time '17:00'
    FROM story s
    CROSS JOIN generate_series(1, s.people) AS k
    CROSS JOIN LATERAL (
        SELECT day::date FROM generate_series(
            greatest(s.first, %(detailed)s::date), least(s.until, %(newest)s::date), '1 day') AS day
    ) d
    CROSS JOIN generate_series(0, 1) AS slot
    WHERE extract(isodow FROM d.day) < 6 AND {IS_IN}
        AND (slot = 0 OR {_chance("s.name", "k", "d.day", "'two'")} < 0.3)
"""  # noqa: S608 - put together from the constants above, values bound
RECENT_DAYS = """
    INSERT INTO pulse_usageday
        (tenant_id, account_id, day, actions, active_users, features, span_days, recorded_at)
    SELECT tenant_id, account_id, day, sum(n), count(DISTINCT person), count(DISTINCT feature), 1,
        max(recorded_at)
    FROM pulse_usage WHERE account_id = ANY(%(ids)s::uuid[])
    GROUP BY tenant_id, account_id, day
"""
EARLIER_DAYS = f"""
    WITH {STORY}
    INSERT INTO pulse_usageday
        (tenant_id, account_id, day, actions, active_users, features, span_days, recorded_at)
    SELECT %(tenant)s, s.id, d.day,
        round(u.users * 11 * (0.9 + 0.2 * {_chance("s.name", "d.day")})), u.users,
        least(s.breadth, u.users), 1, d.day + time '17:00'
    FROM story s
    CROSS JOIN LATERAL (
        SELECT day::date FROM generate_series(
            s.first, least(s.until, %(detailed)s::date - 1), '1 day') AS day
    ) d
    CROSS JOIN LATERAL (
        SELECT round(s.people * {DAYS_A_WEEK} * {LEVEL} * {FALL}
            * (0.9 + 0.2 * {_chance("s.name", "d.day", "'u'")}))::int AS users
    ) u
    WHERE extract(isodow FROM d.day) < 6 AND u.users > 0
"""  # noqa: S608


def fill_usage(scene: Scene, *, days: int) -> None:
    """Write what was used on each of the last `days`, from go-live to yesterday or the end."""
    Feature.objects.bulk_create(
        [Feature(key=key, name=key.replace("_", " ").capitalize()) for key in scene.world.features],
        ignore_conflicts=True,
    )
    oldest = scene.today - timedelta(days=days)
    story = []
    for life in scene.lives:
        live_on = life.reached("live") or (life.since if life.reached("first_impact") else None)
        if live_on is None:
            continue
        story.append(
            {
                "id": str(scene.accounts[life.number].pk),
                "name": life.name,
                "people": max(2, round(life.adoption * life.seats)),
                "breadth": life.breadth,
                "first": max(live_on, oldest).isoformat(),
                "until": (life.left_on or scene.today).isoformat(),
                "falls_on": life.falls_on.isoformat() if life.falls_on else None,
                "falls_to": life.falls_to,
                "falls_in": life.falls_in,
            }
        )
    named: dict[str, Any] = {
        "story": json.dumps(story),
        "ids": [each["id"] for each in story],
        "tenant": scene.tenant.pk,
        "features": list(scene.world.features),
        "detailed": scene.today - timedelta(days=DETAILED_DAYS),
        "newest": scene.today - timedelta(days=1),
    }
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL TIME ZONE 'UTC'")
        cursor.execute(DETAILED, named)
        cursor.execute(RECENT_DAYS, named)
        cursor.execute(EARLIER_DAYS, named)
