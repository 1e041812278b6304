"""How well and how freshly we know the account."""

from health.rules.catalogue import Measure, Source

SPICED = Source(
    "spiced",
    """
    WITH newest AS MATERIALIZED (  -- apart, or all elements are read again for each account
        SELECT n.* FROM population p
        CROSS JOIN LATERAL (
            SELECT v.id, v.account_id, v.saved_at FROM spiced_note v
            WHERE v.account_id = p.account_id AND v.saved_at <= %(as_of)s
            ORDER BY v.version DESC LIMIT 1
        ) n
    )
    SELECT n.account_id, sum(e.score * CASE
        WHEN age.days <= due.days THEN 1 WHEN age.days <= 2 * due.days THEN 0.5 ELSE 0
        END)::float8 / 15 AS index
    FROM newest n
    JOIN spiced_element e ON e.note_id = n.id
    CROSS JOIN LATERAL (
        SELECT %(day)s - coalesce(
            greatest(e.validated_on, e.heard_on), (n.saved_at AT TIME ZONE %(zone)s)::date
        ) AS days
    ) age
    CROSS JOIN LATERAL (SELECT CASE WHEN e.letter IN ('S', 'P') THEN 180 ELSE 90 END AS days) due
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
        definition="The five scores of 0 to 3, each in full while fresh (Situation and Pain 180 "
        "days, the others 90), by half for as long again, then not at all; ÷ 15.",
        needs="SPICED notes",
        reads=(SPICED,),
        value="spiced.index",
    ),
)
