"""How far an account has come since it committed."""

from health.rules.catalogue import Measure, Source

# Planned days from commit to go-live in the standard templates, for accounts without a plan.
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
        WHERE NOT y.is_imported AND y.came_from <> 'recurring_impact'
            AND y.entered_at <= %(as_of)s AND y.recorded_at <= %(known)s
            AND (y.revoked_at IS NULL OR y.revoked_at > %(as_of)s)
    ) reached ON reached.account_id = p.account_id AND reached.lifecycle = p.lifecycle
    GROUP BY p.account_id, p.lifecycle, p.customer_since
    """,
)

# However it was told: as an activity, a step of the handoff, or a task of the plan; of this life.
KICKOFFS = Source(
    "kickoffs",
    """
    SELECT p.account_id, min((told.at AT TIME ZONE %(zone)s)::date) AS held_on
    FROM population p
    JOIN (
        SELECT v.account_id, v.at FROM pulse_activity v
        WHERE v.account_id BETWEEN %(first)s AND %(last)s
            AND v.kind = 'kickoff' AND v.recorded_at <= %(known)s
        UNION ALL
        SELECT h.account_id, (h.steps ->> 'kickoff_held')::timestamptz FROM journeys_handoff h
        WHERE h.steps ? 'kickoff_held'
        UNION ALL
        SELECT o.account_id, t.closed_at FROM journeys_onboarding o
        JOIN journeys_plantask t ON t.onboarding_id = o.id
        WHERE t.key = 'kickoff_held' AND t.state = 'done'
    ) told ON told.account_id = p.account_id AND told.at <= %(as_of)s
    LEFT JOIN (
        SELECT y.account_id, y.lifecycle, min((y.entered_at AT TIME ZONE %(zone)s)::date) AS on
        FROM bowtie_stay y WHERE y.lifecycle > 1 GROUP BY y.account_id, y.lifecycle
    ) began ON began.account_id = p.account_id AND began.lifecycle = p.lifecycle
    WHERE began.on IS NULL OR (told.at AT TIME ZONE %(zone)s)::date >= began.on
    GROUP BY p.account_id
    """,
)

# Of the open plan. A gate counts as `journeys.rules.standing.pace` reads it, the other way round.
PLANS = Source(
    "plans",
    """
    SELECT o.account_id,
        count(*) FILTER (WHERE due.is_theirs AND t.closed_on <= t.due_on)::float8
            / nullif(count(*) FILTER (WHERE due.is_theirs), 0) AS theirs_on_time,
        %(day)s - min(t.due_on) FILTER (
            WHERE due.is_theirs AND t.closed_on IS NULL
        ) AS theirs_late,
        %(day)s - greatest(
            max(t.closed_on) FILTER (WHERE NOT t.is_skipped),
            min((o.begun_at AT TIME ZONE %(zone)s)::date)
        ) AS idle,
        CASE WHEN count(*) FILTER (WHERE gate.is_passed) >= 2 THEN (
            array_agg(CASE WHEN t.first_due_on > o.anchor_on
                THEN (t.first_due_on - o.anchor_on)::float8 / greatest(t.closed_on - o.anchor_on, 1)
                END ORDER BY t.first_due_on DESC, t.position)
            FILTER (WHERE gate.is_passed)
        )[1] END AS pace
    FROM population p
    JOIN journeys_onboarding o ON o.account_id = p.account_id AND o.begun_at <= %(as_of)s
        AND (o.ended_at IS NULL OR o.ended_at > %(as_of)s)
    CROSS JOIN LATERAL (
        SELECT k.*, (k.closed_at AT TIME ZONE %(zone)s)::date AS closed_on
        FROM (
            SELECT first_due_on, due_on, position, is_gate, side, state = 'skipped' AS is_skipped,
                CASE WHEN closed_at <= %(as_of)s THEN closed_at END AS closed_at
            FROM journeys_plantask WHERE onboarding_id = o.id
        ) k
    ) t
    CROSS JOIN LATERAL (
        SELECT t.side = 'them' AND NOT (t.is_skipped AND t.closed_on IS NOT NULL)
            AND (t.closed_on IS NOT NULL OR t.due_on < %(day)s) AS is_theirs
    ) due
    CROSS JOIN LATERAL (
        SELECT t.is_gate AND NOT t.is_skipped AND t.closed_on IS NOT NULL AS is_passed
    ) gate
    GROUP BY o.account_id
    """,
)

# Days from the anchor to go-live in the account's newest plan of this life, as it began.
OWN_PLANS = Source(
    "own_plans",
    """
    SELECT DISTINCT ON (o.account_id) o.account_id, (
        SELECT min(t.first_due_on) - o.anchor_on FROM journeys_plantask t
        WHERE t.onboarding_id = o.id AND t.phase = 'go_live' AND t.is_gate
    ) AS live_days
    FROM population p JOIN journeys_onboarding o ON o.account_id = p.account_id
    WHERE o.begun_at <= %(as_of)s AND o.begun_at >= coalesce((
        SELECT min(y.entered_at) FROM bowtie_stay y
        WHERE p.lifecycle > 1 AND y.account_id = p.account_id AND y.lifecycle = p.lifecycle
    ), '-infinity')
    ORDER BY o.account_id, o.begun_at DESC
    """,
)

_STANDARD = " ".join(
    f"WHEN '{touch_model}' THEN {days}" for touch_model, days in PLANNED_LIVE_DAYS.items()
)
_STANDARD_WORDS = ", ".join(f"{days} ({key} touch)" for key, days in PLANNED_LIVE_DAYS.items())
PLANNED = f"greatest(1, coalesce(own_plans.live_days, CASE p.touch_model {_STANDARD} END))"

MEASURES = (
    Measure(
        key="onboarding_pace",
        slot=28,
        name="Onboarding pace",
        unit="ratio",
        direction="up",
        kind="leading",
        definition="Planned ÷ actual days up to the last passed gate of the onboarding plan; 1 or "
        "more is on plan. Without a plan, or before its second gate: of the days from commit to "
        "go-live, and before go-live planned ÷ passed days, 1 while within them; the days "
        "planned are those of its own plan, else our standard of "
        f"{_STANDARD_WORDS}.",
        needs="Onboarding plans, else stages",
        reads=(MILESTONES, PLANS, OWN_PLANS),
        value=f"coalesce(plans.pace, {PLANNED}::float8"
        " / CASE WHEN milestones.live_on IS NOT NULL"
        " THEN greatest(milestones.live_on - milestones.committed_on, 1)"
        " WHEN p.stage IN ('committed', 'onboarding') THEN greatest("
        f"%(day)s - milestones.committed_on, {PLANNED}) END)",
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
        definition="Tasks of the account in its open onboarding plan that were done by their "
        "date ÷ those done or past their date; skipped ones count for neither.",
        needs="Onboarding plans",
        reads=(PLANS,),
        value="plans.theirs_on_time",
    ),
    Measure(
        key="kickoff_on_time",
        slot=35,
        name="Kickoff within 7 days",
        unit="count",
        direction="up",
        kind="leading",
        definition="1 where the kickoff was held within 7 days of commit, 0 where later; unknown "
        "until it is told as an activity, a step of the handoff or a task of the plan.",
        needs="Stages, and a kickoff in activities, handoffs or onboarding plans",
        reads=(MILESTONES, KICKOFFS),
        value="(kickoffs.held_on - milestones.committed_on <= 7)::int",
    ),
    Measure(
        key="days_since_plan_task",
        slot=37,
        name="Time since a task of the plan was done",
        unit="days",
        direction="down",
        kind="leading",
        definition="Days since a task of the open onboarding plan was done, on either side; since "
        "the plan began where none was.",
        needs="Onboarding plans",
        reads=(PLANS,),
        value="plans.idle",
    ),
    Measure(
        key="customer_task_days_late",
        slot=38,
        name="Customer task late",
        unit="days",
        direction="down",
        kind="leading",
        definition="Days by which the task of the account that is longest open in its onboarding "
        "plan is past its date; unknown where none is late.",
        needs="Onboarding plans",
        reads=(PLANS,),
        value="plans.theirs_late",
    ),
)
