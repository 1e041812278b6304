"""How far an account has come since it committed."""

from health.rules.catalogue import Measure, Source

# Planned days from commit to go-live by touch model; low and tech share a template.
PLANNED_LIVE_DAYS = {"high": 56, "mid": 42, "low": 15, "tech": 15}

MILESTONES = Source(
    "milestones",
    """
    SELECT p.account_id,
        coalesce(
            min(reached.on) FILTER (WHERE reached.stage = 'committed'),
            CASE WHEN p.lifecycle = 1 AND p.customer_since <= %(day)s THEN p.customer_since END
        ) AS committed_on,
        min(reached.on) FILTER (WHERE reached.stage = 'live') AS live_on,
        min(reached.on) FILTER (WHERE reached.stage = 'first_impact') AS first_impact_on
    FROM population p
    LEFT JOIN (
        SELECT y.account_id, y.lifecycle, y.stage,
            (y.entered_at AT TIME ZONE %(zone)s)::date AS "on"
        FROM bowtie_stay y
        WHERE NOT y.is_imported AND y.entered_at <= %(as_of)s AND y.recorded_at <= %(as_of)s
            AND (y.revoked_at IS NULL OR y.revoked_at > %(as_of)s)
    ) reached ON reached.account_id = p.account_id AND reached.lifecycle = p.lifecycle
    GROUP BY p.account_id, p.lifecycle, p.customer_since
    """,
)

KICKOFFS = Source(
    "kickoffs",
    """
    SELECT v.account_id, min((v.at AT TIME ZONE %(zone)s)::date) AS held_on
    FROM population p JOIN pulse_activity v ON v.account_id = p.account_id
    WHERE v.kind = 'kickoff' AND v.at <= %(as_of)s AND v.recorded_at <= %(as_of)s
    GROUP BY v.account_id
    """,
)

PLANNED = " ".join(
    f"WHEN '{touch_model}' THEN {days}" for touch_model, days in PLANNED_LIVE_DAYS.items()
)

MEASURES = (
    Measure(
        key="onboarding_pace",
        slot=28,
        name="Onboarding pace",
        unit="ratio",
        direction="up",
        kind="leading",
        definition="Planned ÷ actual days from commit to go-live; 1 or more is on plan. Before "
        "go-live planned ÷ passed days, 1 while within the plan.",
        needs="Stages",
        reads=(MILESTONES,),
        value=f"(CASE p.touch_model {PLANNED} END)::float8"
        " / CASE WHEN milestones.live_on IS NOT NULL"
        " THEN greatest(milestones.live_on - milestones.committed_on, 1)"
        " WHEN p.stage IN ('committed', 'onboarding') THEN greatest("
        f"%(day)s - milestones.committed_on, CASE p.touch_model {PLANNED} END) END",
    ),
    Measure(
        key="days_since_commit",
        slot=29,
        name="Time since commit",
        unit="days",
        direction="none",
        kind="leading",
        definition="Days since the account committed in this lifecycle; for imported accounts "
        "since it became a customer.",
        needs="Stages",
        reads=(MILESTONES,),
        value="%(day)s - milestones.committed_on",
    ),
    Measure(
        key="days_since_first_impact",
        slot=30,
        name="Time since First Impact",
        unit="days",
        direction="none",
        kind="leading",
        definition="Days since the account reached First Impact in this lifecycle.",
        needs="Stages",
        reads=(MILESTONES,),
        value="%(day)s - milestones.first_impact_on",
    ),
    Measure(
        key="customer_tasks_on_time",
        slot=34,
        name="Customer tasks on time",
        unit="share",
        direction="up",
        kind="leading",
        definition="Onboarding tasks of the account done by their date ÷ those due. Reserved: no "
        "source fills it yet.",
        needs="Onboarding plans",
        value="NULL",
        stale_after_days=7,
    ),
    Measure(
        key="kickoff_on_time",
        slot=35,
        name="Kickoff within 7 days",
        unit="count",
        direction="up",
        kind="leading",
        definition="1 where the kickoff was held within 7 days of commit, 0 where later; unknown "
        "until one is recorded.",
        needs="Stages, activities of kind kickoff",
        reads=(MILESTONES, KICKOFFS),
        value="(kickoffs.held_on - milestones.committed_on <= 7)::int",
    ),
)
