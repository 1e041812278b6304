"""By when it matters: the renewal and the account's own dates."""

from health.measures.commercial import CONTRACTS
from health.rules.catalogue import Measure, Source

EVENTS = Source(
    "events",
    """
    SELECT account_id, max(class) AS class, min(happens_on) FILTER (WHERE class >= 2) AS next_on
    FROM (
        SELECT e.account_id, coalesce(e."on", e.expected_on) AS happens_on,
            CASE WHEN e.consequence = '' OR e.times_moved >= 2 THEN 1
                 WHEN e.confirmed_at <= %(as_of)s THEN 3 ELSE 2 END AS class
        FROM population p JOIN spiced_criticalevent e ON e.account_id = p.account_id
        WHERE e.status = 'open' AND e.recorded_at <= %(known)s
            AND (coalesce(e."on", e.expected_on) >= %(day)s
                OR (e."on" IS NULL AND e.expected_on IS NULL AND e.condition <> ''))
    ) ahead GROUP BY account_id
    """,
)

MEASURES = (
    Measure(
        key="days_to_renewal",
        slot=22,
        name="Time to renewal",
        unit="days",
        direction="none",
        kind="leading",
        definition="Days to the next end of a contract that nothing continues; below 0 where it "
        "ended and was not renewed.",
        needs="Contracts",
        reads=(CONTRACTS,),
        value="CASE WHEN contracts.account_id IS NULL THEN p.renews_on ELSE contracts.renews_on"
        " END - %(day)s",
    ),
    Measure(
        key="days_to_critical_event",
        slot=26,
        name="Time to critical event",
        unit="days",
        direction="none",
        kind="leading",
        definition="Days to the account's next open critical event, or to when its condition is "
        "expected. A date without a consequence "
        "is only compelling and does not count.",
        needs="Critical events",
        reads=(EVENTS,),
        value="events.next_on - %(day)s",
    ),
    Measure(
        key="critical_event_class",
        slot=27,
        name="Kind of critical event",
        unit="level",
        direction="up",
        kind="leading",
        definition="The best of the open events ahead: 0 none, 1 compelling (no consequence, or "
        "moved twice), 2 critical, 3 confirmed by the account.",
        needs="Critical events",
        reads=(EVENTS,),
        value="coalesce(events.class, 0)",
    ),
)
