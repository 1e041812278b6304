"""What people at the account, and its CSM, say."""

from health.rules.catalogue import Measure, Source

NPS = Source(
    "nps",
    """
    SELECT account_id, max(answered_at) AS at,
        (array_agg(score ORDER BY answered_at DESC, id DESC))[1] AS last,
        avg(CASE WHEN score >= 9 THEN 100 WHEN score <= 6 THEN -100 ELSE 0 END)::float8 AS mean
    FROM (
        SELECT DISTINCT ON (a.account_id, coalesce(a.contact_id, a.id))
            a.account_id, a.id, a.score, a.answered_at
        FROM population p JOIN pulse_surveyanswer a ON a.account_id = p.account_id
        WHERE a.account_id BETWEEN %(first)s AND %(last)s
            AND a.kind = 'nps' AND a.recorded_at <= %(known)s AND a.answered_at <= %(as_of)s
            AND a.answered_at > %(as_of)s - interval '180 days'
        ORDER BY a.account_id, coalesce(a.contact_id, a.id), a.answered_at DESC, a.id DESC
    ) latest GROUP BY account_id
    """,
)

CSAT = Source(
    "csat",
    """
    SELECT account_id, count(*) AS n, count(*) FILTER (WHERE score >= 4) AS good, max(at) AS at
    FROM (
        SELECT t.account_id, t.csat AS score, t.resolved_at AS at
        FROM population p JOIN pulse_ticket t ON t.account_id = p.account_id
        WHERE t.account_id BETWEEN %(first)s AND %(last)s
            AND t.csat IS NOT NULL AND t.recorded_at <= %(known)s AND t.resolved_at <= %(as_of)s
            AND t.resolved_at > %(as_of)s - interval '90 days'
        UNION ALL
        SELECT a.account_id, a.score, a.answered_at
        FROM population p JOIN pulse_surveyanswer a ON a.account_id = p.account_id
        WHERE a.account_id BETWEEN %(first)s AND %(last)s
            AND a.kind = 'csat' AND a.recorded_at <= %(known)s AND a.answered_at <= %(as_of)s
            AND a.answered_at > %(as_of)s - interval '90 days'
    ) ratings GROUP BY account_id
    """,
)

MEASURES = (
    Measure(
        key="nps_mean",
        slot=15,
        name="NPS of its contacts",
        unit="points",
        direction="up",
        kind="lagging",
        definition="Promoters (9, 10) count 100, detractors (0 to 6) −100, others 0: the mean of "
        "each contact's latest answer in 180 days.",
        needs="NPS answers",
        reads=(NPS,),
        value="nps.mean",
        age="%(day)s - (nps.at AT TIME ZONE %(zone)s)::date",
        stale_after_days=180,
    ),
    Measure(
        key="nps_last",
        slot=16,
        name="Latest NPS answer",
        unit="count",
        direction="up",
        kind="lagging",
        definition="The newest answer in 180 days, 0 to 10.",
        needs="NPS answers",
        reads=(NPS,),
        value="nps.last",
        age="%(day)s - (nps.at AT TIME ZONE %(zone)s)::date",
        stale_after_days=180,
    ),
    Measure(
        key="csat_90",
        slot=17,
        name="CSAT in 90 days",
        unit="share",
        direction="up",
        kind="lagging",
        definition="Ratings of 4 or 5 ÷ ratings, of resolved tickets and CSAT surveys in 90 days.",
        needs="Ticket ratings or CSAT answers",
        reads=(CSAT,),
        value="csat.good::float8 / csat.n",
        age="%(day)s - (csat.at AT TIME ZONE %(zone)s)::date",
        stale_after_days=90,
    ),
    Measure(
        key="csm_sentiment",
        slot=18,
        name="CSM sentiment",
        unit="count",
        direction="up",
        kind="leading",
        definition="How the CSM sees the account, 1 to 5. Fades after 45 days.",
        needs="The CSM's judgement",
        value="CASE WHEN p.sentiment_at <= %(as_of)s THEN p.sentiment END",
        age="%(day)s - (p.sentiment_at AT TIME ZONE %(zone)s)::date",
        stale_after_days=45,
    ),
)
