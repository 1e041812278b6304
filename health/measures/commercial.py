"""What the account pays: ARR from the ledger, seats from contracts, invoices."""

from health.rules.catalogue import Measure, Source

CONTRACTS = Source(
    "contracts",
    """
    SELECT c.account_id,
        sum(c.seats) FILTER (WHERE c.is_running) AS seats,
        count(*) FILTER (WHERE c.is_running) AS running,
        count(*) FILTER (WHERE c.is_running AND c.cancelled_on <= %(day)s) AS cancelled,
        coalesce(
            min(c.ends_on) FILTER (WHERE c.ends_on > %(day)s AND NOT c.is_continued),
            max(c.ends_on) FILTER (WHERE c.ends_on <= %(day)s AND NOT c.is_continued)
        ) AS renews_on
    FROM (
        SELECT k.account_id, k.seats, k.ends_on, k.cancelled_on,
            k.starts_on <= %(day)s AND (k.ends_on IS NULL OR k.ends_on > %(day)s) AS is_running,
            EXISTS (
                SELECT 1 FROM accounts_contract later
                WHERE later.account_id = k.account_id AND NOT later.is_trial
                    AND later.created_at <= %(known)s AND later.starts_on <= k.ends_on
                    AND (later.created_at <= %(as_of)s OR later.starts_on <= %(day)s)
                    AND later.product_id IS NOT DISTINCT FROM k.product_id
                    AND (later.ends_on IS NULL OR later.ends_on > k.ends_on)
            ) AS is_continued
        FROM population p JOIN accounts_contract k ON k.account_id = p.account_id
        WHERE NOT k.is_trial AND k.created_at <= %(known)s
    ) c GROUP BY c.account_id
    """,
)

LEDGER = Source(
    "ledger",
    """
    SELECT m.account_id,
        coalesce(sum(m.amount_minor) FILTER (
            WHERE m.effective_on <= %(day)s AND m.recorded_at <= %(known)s
        ), 0)::float8 AS arr,
        sum(m.amount_minor) FILTER (
            WHERE m.effective_on <= (%(day)s - interval '12 months')::date
                AND m.recorded_at <= %(known)s
        )::float8 AS arr_before,
        coalesce(sum(m.amount_minor) FILTER (
            WHERE m.kind = 'fx' AND m.recorded_at <= %(known)s
                AND m.effective_on <= %(day)s
                AND m.effective_on > (%(day)s - interval '12 months')::date
        ), 0)::float8 AS rated
    FROM population p JOIN accounts_arrmovement m ON m.account_id = p.account_id
        AND m.account_id BETWEEN %(first)s AND %(last)s
    GROUP BY m.account_id
    """,
)

INVOICES = Source(
    "invoices",
    """
    SELECT i.account_id,
        coalesce(max(%(day)s - i.due_on) FILTER (WHERE i.is_unpaid), 0) AS overdue,
        count(*) FILTER (WHERE i.is_unpaid AND i.status IN ('failed', 'disputed')) AS troubled
    FROM (
        SELECT v.account_id, v.due_on, v.status,
            v.status <> 'written_off' AND (v.paid_on > %(day)s
                OR (v.paid_on IS NULL AND v.status <> 'paid')) AS is_unpaid
        FROM population p JOIN pulse_invoice v ON v.account_id = p.account_id
        WHERE v.recorded_at <= %(known)s
    ) i GROUP BY i.account_id
    """,
)

CHURN = Source(
    "churn",
    """
    SELECT c.account_id, count(*) AS notices
    FROM population p JOIN accounts_churnrecord c ON c.account_id = p.account_id
    WHERE c.notice_on <= %(day)s AND c.recorded_at <= %(known)s AND c.ended_on > %(day)s
    GROUP BY c.account_id
    """,
)

ARR = "CASE WHEN ledger.account_id IS NULL THEN p.arr_minor ELSE ledger.arr END"

MEASURES = (
    Measure(
        key="days_overdue",
        slot=19,
        name="Days overdue",
        unit="days",
        direction="down",
        kind="lagging",
        definition="Days since the oldest unpaid invoice fell due; 0 where none is.",
        needs="Invoices",
        reads=(INVOICES,),
        value="greatest(invoices.overdue, 0)",
    ),
    Measure(
        key="payments_in_trouble",
        slot=36,
        name="Failed or disputed payments",
        unit="count",
        direction="down",
        kind="lagging",
        definition="Unpaid invoices whose payment failed or that are disputed.",
        needs="Invoices",
        reads=(INVOICES,),
        value="invoices.troubled",
    ),
    Measure(
        key="arr_change_12m",
        slot=20,
        name="ARR change in 12 months",
        unit="change",
        direction="up",
        kind="lagging",
        definition="ARR by the ledger ÷ ARR 12 months before, − 1; what exchange rates did is left "
        "out. Unknown for younger accounts.",
        needs="ARR movements",
        reads=(LEDGER,),
        value="CASE WHEN ledger.arr > 0 THEN ledger.arr - ledger.rated ELSE ledger.arr END"
        " / nullif(ledger.arr_before, 0) - 1",
    ),
    Measure(
        key="arr",
        slot=21,
        name="ARR",
        unit="money",
        direction="none",
        kind="lagging",
        definition="The sum of the ARR ledger up to the day; without a ledger, what the account "
        "says. In the reporting currency.",
        needs="ARR movements",
        reads=(LEDGER,),
        value=ARR,
    ),
    Measure(
        key="notice_given",
        slot=32,
        name="Notice given",
        unit="count",
        direction="down",
        kind="lagging",
        definition="1 where the account has said that it will leave, or every running contract "
        "is cancelled; else 0.",
        needs="Churn records or contracts",
        reads=(CHURN, CONTRACTS),
        value="CASE WHEN churn.notices > 0 OR (contracts.running > 0"
        " AND contracts.cancelled = contracts.running) THEN 1 ELSE 0 END",
        tells_outcome=True,
    ),
)
