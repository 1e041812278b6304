"""What the account asks of support."""

from health.measures.usage import USE
from health.rules.catalogue import Measure, Source

BASE_SLOT = 31
IS_OPEN = "(t.resolved_at > %(as_of)s OR (t.resolved_at IS NULL AND t.status <> 'resolved'))"

TICKETS = Source(
    "tickets",
    f"""
    SELECT p.account_id,
        count(t.id) FILTER (WHERE t.opened_at > %(as_of)s - interval '7 days') AS in_7,
        count(t.id) FILTER (WHERE t.opened_at > %(as_of)s - interval '28 days') AS in_28,
        count(t.id) FILTER (WHERE t.opened_at <= %(as_of)s - interval '28 days'
            AND t.opened_at > %(as_of)s - interval '210 days') AS before,
        count(t.id) FILTER (WHERE {IS_OPEN} AND t.priority = 1) AS urgent,
        count(t.id) FILTER (WHERE {IS_OPEN} AND t.status <> 'waiting' AND t.opened_at <
            CASE t.priority WHEN 1 THEN %(late_1)s WHEN 2 THEN %(late_2)s
                            WHEN 3 THEN %(late_3)s ELSE %(late_4)s END) AS late
    FROM population p
    LEFT JOIN pulse_ticket t ON t.account_id = p.account_id
        AND t.account_id BETWEEN %(first)s AND %(last)s
        AND t.opened_at <= %(as_of)s AND t.recorded_at <= %(known)s
    WHERE EXISTS (
        SELECT 1 FROM pulse_ticket any_ticket WHERE any_ticket.recorded_at <= %(known)s
    )
    GROUP BY p.account_id
    """,
)

PEERS = Source(
    "peers",
    f"""
    SELECT p.account_id, medians.base
    FROM population p
    JOIN (
        SELECT s.segment,
            percentile_cont(0.5) WITHIN GROUP (ORDER BY s.values[{BASE_SLOT}]) AS base
        FROM health_snapshot s
        WHERE s.values[{BASE_SLOT}] > 0 AND s.day = (
            SELECT max(b.day) FROM health_snapshot b
            WHERE b.day < %(day)s AND b.day >= %(day)s - 7
        )
        GROUP BY s.segment
    ) medians ON medians.segment = p.segment
    """,
)

BASE = (
    "CASE WHEN use.first_day <= %(day)s - 209"
    " THEN tickets.before::float8 / 6.5 / nullif(use.mean_before, 0) END"
)

MEASURES = (
    Measure(
        key="ticket_ratio",
        slot=11,
        name="Tickets against the usual",
        unit="ratio",
        direction="down",
        kind="leading",
        definition="Tickets per active person in 28 days ÷ the account's own rate of the six "
        "months before, or where it has none the median of its segment on the last snapshot.",
        needs="Tickets and usage with active people",
        reads=(USE, TICKETS, PEERS),
        value="tickets.in_28::float8 / nullif(use.mean_28, 0)"
        f" / coalesce(nullif({BASE}, 0), peers.base)",
    ),
    Measure(
        key="tickets_7d",
        slot=12,
        name="Tickets in seven days",
        unit="count",
        direction="down",
        kind="leading",
        definition="Tickets opened in the last 7 days.",
        needs="Tickets",
        reads=(TICKETS,),
        value="tickets.in_7",
    ),
    Measure(
        key="open_late_tickets",
        slot=13,
        name="Open tickets beyond target",
        unit="count",
        direction="down",
        kind="lagging",
        definition="Open tickets older than the target of their priority: 8 hours, 2, 5 and 10 "
        "business days. Tickets that wait for the account do not count.",
        needs="Tickets",
        reads=(TICKETS,),
        value="tickets.late",
    ),
    Measure(
        key="sev1_open",
        slot=14,
        name="Open tickets of priority 1",
        unit="count",
        direction="down",
        kind="leading",
        definition="Tickets of the highest priority that are not resolved.",
        needs="Tickets",
        reads=(TICKETS,),
        value="tickets.urgent",
    ),
    Measure(
        key="ticket_base",
        slot=BASE_SLOT,
        name="Usual tickets per active person",
        unit="ratio",
        direction="none",
        kind="lagging",
        definition="Tickets in 28 days per active person, over the six months before the last "
        "28 days. Unknown with a shorter history.",
        needs="Tickets and usage with active people",
        reads=(USE, TICKETS),
        value=BASE,
    ),
)
