"""How well and how freshly we know the account, by the rule its own page follows."""

import json

from charter.queries import default_body
from health.rules.catalogue import Measure, Source
from spiced.rules.amendments import CHANGED_ON, CHANGED_TERMS
from spiced.rules.elements import LETTERS
from spiced.rules.states import ACCOUNTABLE, AMENDS, MOST, RENEWAL_CHECK

MOST_IN_ALL = MOST * len(LETTERS)
DEFAULT_DAYS = json.dumps(default_body("spiced")["fresh_days"])

# `spiced.rules.states` over all accounts at once: `factor` and `outdated`.
SPICED = Source(
    "spiced",
    f"""
    WITH newest AS MATERIALIZED (  -- apart, or all elements are read again for each account
        SELECT n.*, p.renews_on - {RENEWAL_CHECK.days} AS check_on FROM population p
        CROSS JOIN LATERAL (
            SELECT v.id, v.account_id, v.ask_again_on FROM spiced_note v
            WHERE v.account_id = p.account_id AND v.saved_at <= %(as_of)s
            ORDER BY v.version DESC LIMIT 1
        ) n
    ), leavers AS MATERIALIZED (
        SELECT c.account_id, jsonb_object_agg(c.id, c.departed_on)
                FILTER (WHERE c.departed_on <= %(day)s) AS gone,
            max(c.departed_on) FILTER (
                WHERE c.departed_on <= %(day)s
                    AND c.roles && ARRAY{sorted(ACCOUNTABLE)}::varchar[]
            ) AS left_on,
            max(c.sponsor_since) FILTER (WHERE c.sponsor_since <= %(day)s) AS came_on
        FROM population p JOIN accounts_contact c ON c.account_id = p.account_id
        WHERE c.departed_on <= %(day)s OR c.sponsor_since <= %(day)s
        GROUP BY c.account_id
    ), amended AS MATERIALIZED (
        SELECT account_id, max(amended_on) AS amended_on FROM (
            SELECT m.account_id, m.effective_on AS amended_on
            FROM population p JOIN accounts_arrmovement m ON m.account_id = p.account_id
            WHERE m.kind = ANY (ARRAY{list(AMENDS)}) AND m.effective_on <= %(day)s
                AND m.recorded_at <= %(known)s
            UNION ALL
            SELECT c.account_id, {CHANGED_ON} FROM {CHANGED_TERMS}
                AND c.account_id IN (SELECT account_id FROM population)
                AND {CHANGED_ON} <= %(day)s AND t.recorded_at <= %(known)s
        ) changes GROUP BY account_id
    ), agreed AS MATERIALIZED (  -- the charter of then, as `charter.queries.body_at`
        SELECT coalesce((
            SELECT c.body->'fresh_days' FROM charter_document c
            WHERE c.kind = 'spiced' AND c.published_at <= %(as_of)s
            ORDER BY c.published_at DESC, c.version DESC LIMIT 1
        ), '{DEFAULT_DAYS}'::jsonb) AS fresh_days
    )
    SELECT n.account_id, sum(e.score * CASE
        WHEN e.validated_on IS NULL THEN 0
        WHEN age.days > 2 * due.days THEN 0
        WHEN age.days > due.days OR happened.is_outdated THEN 0.5
        ELSE 1 END)::float8 / {MOST_IN_ALL} AS index
    FROM newest n
    JOIN spiced_element e ON e.note_id = n.id
    CROSS JOIN agreed
    LEFT JOIN leavers l ON l.account_id = n.account_id
    LEFT JOIN amended m ON m.account_id = n.account_id
    CROSS JOIN LATERAL (SELECT %(day)s - e.validated_on AS days) age
    CROSS JOIN LATERAL (SELECT (agreed.fresh_days->>e.letter)::int AS days) due
    CROSS JOIN LATERAL (
        SELECT coalesce(bool_or(e.validated_on < since."on" AND since."on" <= %(day)s), false)
            OR (e.letter = 'CE' AND coalesce(coalesce(
                nullif(e.details->>'on', ''), nullif(e.details->>'expected_on', '')
            ) < (%(day)s)::date::text, false)) AS is_outdated
        FROM (VALUES
            (CASE WHEN e.letter IN ('S', 'D') THEN l.left_on END),
            (CASE WHEN e.letter IN ('S', 'D') THEN l.came_on END),
            (CASE WHEN e.letter = 'I' THEN (l.gone->>(e.details->>'person'))::date END),
            (CASE WHEN e.letter = 'D' THEN m.amended_on END),
            (n.ask_again_on),
            (n.check_on)
        ) AS since("on")
    ) happened
    GROUP BY n.account_id
    """,
)

MEASURES = (
    Measure(
        key="spiced_index",
        slot=25,
        name="SPICED index",
        unit="share",
        direction="up",
        kind="leading",
        definition="The five scores of 0 to 3, each in full for the days the charter gives it, "
        "by half for as long again, then not at all; ÷ 15. At most by half "
        "once a sponsor left or came, the event's date passed, the contract changed, an upsell "
        "began or "
        "the renewal is 120 days away, until it is heard again.",
        needs="SPICED notes",
        reads=(SPICED,),
        value="spiced.index",
    ),
)
