"""Ways to First Impact, read from the stages and contracts of accounts."""

from datetime import date, datetime, timedelta

from django.db import connection
from django.utils import timezone

from bowtie.rules.stages import LINE, Stage
from journeys.rules.cohorts import OLDEST, Share, Way, clock_start, within_90

BEYOND = [str(stage) for stage in LINE[LINE.index(Stage.FIRST_IMPACT) :]]


def ways(since: date, now: datetime) -> list[Way]:
    """Accounts that committed from a day on, each life of its own; imported ones are left out.

    The contract is the one in force at commit, or the first that runs after it. One query.
    """
    zone = timezone.get_current_timezone_name()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH lives AS (
                SELECT s.account_id, s.lifecycle,
                       (min(s.entered_at) FILTER (WHERE s.stage = 'committed')
                            AT TIME ZONE %(zone)s)::date AS committed_on,
                       (min(s.entered_at) FILTER (WHERE s.stage = ANY(%(beyond)s))
                            AT TIME ZONE %(zone)s)::date AS reached_on,
                       (array_agg(CASE
                            WHEN s.override_reason <> '' AND s.evidence ->> 'measurement' IS NULL
                                THEN 'override'
                            WHEN s.evidence -> 'is_proxy' = 'true' THEN 'proxy' ELSE '' END
                            ORDER BY s.entered_at, s.recorded_at)
                            FILTER (WHERE s.stage = ANY(%(beyond)s)))[1] AS unproven
                FROM bowtie_stay s
                WHERE NOT s.is_imported AND s.revoked_at IS NULL AND s.entered_at <= %(now)s
                GROUP BY s.account_id, s.lifecycle
            )
            SELECT l.account_id, a.name, l.committed_on, l.reached_on, coalesce(l.unproven, ''),
                   (SELECT min(greatest(c.starts_on, l.committed_on)) FROM accounts_contract c
                    WHERE c.account_id = l.account_id AND NOT c.is_trial AND c.status <> 'pending'
                        AND coalesce(CASE WHEN c.auto_renews AND c.status <> 'ended'
                            THEN c.cancelled_on ELSE least(c.ends_on, c.cancelled_on) END
                            > l.committed_on, true))
            FROM lives l JOIN accounts_account a ON a.id = l.account_id
            WHERE l.committed_on >= %(since)s
            ORDER BY l.committed_on DESC, l.account_id
            """,
            {"zone": zone, "beyond": BEYOND, "since": since, "now": now},
        )
        return [
            Way(account_id, name, clock_start(committed, contract, reached), reached, unproven)
            for account_id, name, committed, reached, unproven, contract in cursor.fetchall()
        ]


def share_within(now: datetime) -> Share:
    """First Impact within 90 days, of accounts committed 90 to 455 days ago. One query."""
    today = timezone.localdate(now)
    return within_90(ways(today - timedelta(days=OLDEST + 365), now), today)
