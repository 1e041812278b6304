"""Whether the account gets what it came for."""

from charter.rules.numbers import Lapse
from health.measures.onboarding import MILESTONES
from health.rules.catalogue import Measure, Source


def agreed(key: str, otherwise: float) -> str:
    """A number of the charter's bowtie of then, as `charter.queries.body_at`: read once."""
    return f"""coalesce((SELECT (c.body->>'{key}')::float8 FROM charter_document c
        WHERE c.kind = 'bowtie' AND c.published_at <= %(as_of)s
        ORDER BY c.published_at DESC, c.version DESC LIMIT 1), {otherwise})"""


IMPACT = Source(
    "impact",
    f"""
    SELECT account_id,
        avg(least(ratio, 1) ORDER BY goal_id) FILTER (WHERE of_goal = 1 AND is_current) AS on_track,
        max(measured_on) FILTER (WHERE ratio IS NOT NULL AND is_current) AS on_track_on,
        max(measured_on) AS measured_on,
        count(*) FILTER (
            WHERE of_account <= 2 AND ratio < {agreed("lapse_ratio", Lapse.ratio)}
        ) AS low
    FROM (
        SELECT g.account_id, g.id AS goal_id, m.measured_on,
            g.status IN ('agreed', 'active', 'achieved', 'missed') AS is_current,
            least(greatest((m.value - g.baseline) / nullif(g.target - g.baseline, 0), 0), 1)
                / nullif(least(greatest((m.measured_on - g.baseline_on)::float8
                    / nullif(g.deadline_on - g.baseline_on, 0), 0), 1), 0) AS ratio,
            row_number() OVER (PARTITION BY g.id ORDER BY m.measured_on DESC, m.id DESC) AS of_goal,
            row_number() OVER (
                PARTITION BY g.account_id ORDER BY m.measured_on DESC, m.id DESC
            ) AS of_account
        FROM population p
        JOIN spiced_impactgoal g ON g.account_id = p.account_id
        JOIN spiced_impactmeasurement m ON m.goal_id = g.id
        WHERE g.recorded_at <= %(known)s AND m.recorded_at <= %(known)s
            AND m.measured_on <= %(day)s AND m.confirmed_at <= %(as_of)s
    ) measured GROUP BY account_id
    """,
)

MEASURES = (
    Measure(
        key="goal_on_track",
        slot=23,
        name="Goals on track",
        unit="share",
        direction="up",
        kind="leading",
        definition="For each agreed goal the achieved part ÷ the part expected by the date of its "
        "newest confirmed measurement, at most 1; the mean of all goals.",
        needs="Impact goals with confirmed measurements",
        reads=(IMPACT,),
        value="impact.on_track",
        age="%(day)s - impact.on_track_on",
        stale_after_days=120,
    ),
    Measure(
        key="days_since_impact",
        slot=24,
        name="Time since confirmed impact",
        unit="days",
        direction="down",
        kind="leading",
        definition="Days since the newest measurement that somebody at the account confirmed.",
        needs="Impact goals with confirmed measurements",
        reads=(IMPACT,),
        value="%(day)s - impact.measured_on",
    ),
    Measure(
        key="impact_lapsed",
        slot=33,
        name="Impact lapsed",
        unit="count",
        direction="down",
        kind="leading",
        definition="After First Impact: 1 where nothing was confirmed for the days the charter "
        "gives (180), or the last two measurements were both below the part of what was expected "
        "that it names (half); else 0.",
        needs="Impact goals with confirmed measurements, stages",
        reads=(IMPACT, MILESTONES),
        value="CASE WHEN NOT p.has_impact THEN NULL"
        " WHEN impact.low = 2 THEN 1"
        " WHEN coalesce(impact.measured_on, milestones.first_impact_on) IS NULL THEN NULL"
        " WHEN %(day)s - coalesce(impact.measured_on, milestones.first_impact_on)"
        f" > {agreed('lapse_days', Lapse.days)} THEN 1 ELSE 0 END",
    ),
)
