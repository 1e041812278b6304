"""Lives from commit on, with what onboarding brought and when."""

from collections import defaultdict
from datetime import date, datetime

from django.db import connection
from django.utils import timezone

from journeys.queries.reports import BEYOND, ways
from journeys.rules.cohorts import Way
from journeys.rules.figures import Life

# A life is that of one account from commit to the next commit. Its kickoff is the first one told,
# as an activity, a step of the handoff or a task of the plan.
LIVES = """
    WITH stays AS (
        SELECT s.account_id, s.lifecycle,
            min(s.entered_at) FILTER (WHERE s.stage = 'committed') AS began_at,
            min(s.entered_at) FILTER (WHERE s.stage = ANY(%(beyond)s)) AS reached_at
        FROM bowtie_stay s
        WHERE NOT s.is_imported AND s.revoked_at IS NULL AND s.entered_at <= %(now)s
        GROUP BY s.account_id, s.lifecycle
    ), lives AS (
        SELECT *, coalesce(
            lead(began_at) OVER (PARTITION BY account_id ORDER BY lifecycle), 'infinity'
        ) AS until_at FROM stays WHERE began_at IS NOT NULL
    )
    SELECT l.account_id, a.name, (l.began_at AT TIME ZONE %(zone)s)::date,
        (SELECT min(u.day) FROM pulse_usageday u
         WHERE u.account_id = l.account_id AND u.actions > 0
            AND u.day >= (l.began_at AT TIME ZONE %(zone)s)::date AND u.day < l.until_at),
        (SELECT o.agreed_on FROM journeys_onboarding o
         WHERE o.account_id = l.account_id AND o.begun_at >= l.began_at
            AND o.begun_at < l.until_at ORDER BY o.begun_at DESC LIMIT 1),
        (SELECT (min(k.at) AT TIME ZONE %(zone)s)::date FROM (
            SELECT v.at FROM pulse_activity v
            WHERE v.account_id = l.account_id AND v.kind = 'kickoff'
            UNION ALL
            SELECT (h.steps ->> 'kickoff_held')::timestamptz FROM journeys_handoff h
            WHERE h.account_id = l.account_id
            UNION ALL
            SELECT t.closed_at FROM journeys_onboarding o
            JOIN journeys_plantask t ON t.onboarding_id = o.id
            WHERE o.account_id = l.account_id AND t.key = 'kickoff_held' AND t.state = 'done'
         ) k WHERE k.at >= date_trunc('day', l.began_at) AND k.at < l.until_at AND k.at <= %(now)s),
        ARRAY(SELECT q.score FROM pulse_surveyanswer q
            WHERE q.account_id = l.account_id AND q.kind = 'csat' AND q.answered_at >= l.began_at
                AND q.answered_at < least(l.until_at, l.reached_at + interval '30 days')
                AND q.answered_at <= %(now)s ORDER BY q.answered_at, q.id)
    FROM lives l JOIN accounts_account a ON a.id = l.account_id
    WHERE l.began_at >= %(since)s::date AT TIME ZONE %(zone)s
    ORDER BY (l.began_at AT TIME ZONE %(zone)s)::date DESC, l.account_id, l.lifecycle DESC
"""


def lives(since: date, now: datetime) -> list[Life]:
    """Accounts that committed from a day on, each life of its own; imported ones are left out.

    Their clock and their First Impact are those of `ways`; one that no decider confirmed is none.
    Two queries.
    """
    clocks: defaultdict[object, list[Way]] = defaultdict(list)
    for way in ways(since, now):  # newest first
        clocks[way.account_id].append(way)
    zone = timezone.get_current_timezone_name()
    with connection.cursor() as cursor:
        cursor.execute(LIVES, {"zone": zone, "beyond": BEYOND, "since": since, "now": now})
        rows = cursor.fetchall()
    found = []
    for account_id, name, committed_on, value_on, agreed_on, kickoff_on, scores in rows:
        way = clocks[account_id].pop(0)
        found.append(
            Life(
                account_id=account_id,
                name=name,
                committed_on=committed_on,
                began_on=way.began_on,
                value_on=value_on,
                reached_on=None if way.unproven else way.reached_on,
                agreed_on=agreed_on,
                kickoff_on=kickoff_on,
                scores=tuple(scores),
            )
        )
    return found
