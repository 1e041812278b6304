"""What scores said before decisions, read from stored days alone: no look-ahead.

Source: operating model, 11.2. A snapshot counts that was recorded by the end of its cut-off day;
only where there is none does one that was recorded later, or a replay, stand in and say so. Each
is scored by the version that scored it then, without what the outcome itself writes: the cap of a
notice and measures of notices. Overrides do not count.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from health.models import HealthModel
from health.queries.decisions import Drawn, decided, drawn
from health.queries.measuring import slot
from health.queries.models import published
from health.queries.scoring import based
from health.queries.today import zone_of_tenant
from health.rules.catalogue import MEASURES
from health.rules.models import Model, read
from health.rules.proof.decisions import WINDOW, Decision, Outcome
from health.rules.proof.verdict import Lead, Seen, Verdict, verdict
from health.rules.scoring import band_of

HORIZONS = (180, 90, 60, 30)
MAIN = 90
REACH_BACK = 7  # how many days older than its cut-off a snapshot may be
WARNED_WITHIN = 365
DROP_DAYS, DROP_POINTS = 28, 15.0
COLUMNS = (
    "s.account_id, s.day, s.values, s.ages, s.stage, s.segment, s.touch_model, s.owner_id, s.tags,"
    " s.arr_minor, s.model_id"
)
BEFORE = (
    "s.account_id = asked.account_id AND s.day < asked.decided_on"
    f" AND s.day >= asked.decided_on - {WARNED_WITHIN}"
)
NEAR = (
    f"s.account_id = asked.account_id AND s.day <= asked.cut AND s.day >= asked.cut - {REACH_BACK}"
)


@dataclass(frozen=True)
class Backtest:
    """Verdicts by days before the decision, over the decisions of the year up to a day.

    undecided: decisions whose outcome was not known by then; they count nowhere. lead: of those
    that left, if they are enough to say; churned: how many left. accounts: whose decisions.
    """

    since: date
    until: date
    verdicts: dict[int, Verdict]
    undecided: tuple[Decision, ...]
    lead: Lead
    churned: int
    accounts: Drawn

    @property
    def main(self) -> Verdict:
        return self.verdicts[MAIN]


@dataclass(frozen=True)
class Scorers:
    """The models that score snapshots, and SQL over the row `m` for which of them: see `based`."""

    models: tuple[Model, ...]
    ids: tuple[UUID, ...]
    model_no: str = ""


def backtest(until: date, as_of: datetime, horizons: Sequence[int] = HORIZONS) -> Backtest:
    """How the scores did that were given. Seven queries, of what was recorded up to as_of."""
    return _judged(until, as_of, horizons, as_they_were())


def backtest_of(draft: HealthModel, until: date, as_of: datetime) -> Backtest:
    """How a draft would have done in place of its model, on the snapshots of the main distance."""
    return _judged(until, as_of, (MAIN,), with_draft(draft, until))


def as_they_were() -> Scorers:
    """Each snapshot by the version that scored it. One query."""
    versions = [each for versions in published().by_key.values() for each in versions]
    ids = tuple(each.pk for each in versions)
    models = tuple(without_outcome(read(each.body)) for each in versions)
    return Scorers(models, ids, "array_position(%(ids)s::uuid[], m.model_id) - 1")


def with_draft(draft: HealthModel, day: date) -> Scorers:
    """The models in force on a day, a draft in place of its own. One query."""
    others = [each for each in published().on(day) if each.key != draft.key]
    chosen = [draft, *others]
    models = tuple(without_outcome(read(each.body)) for each in chosen)
    return Scorers(models, tuple(each.pk for each in chosen))


def without_outcome(model: Model) -> Model:
    """A model less what the outcome itself writes: caps of a notice, measures that tell of it."""
    dimensions = [
        replace(
            each,
            metrics=tuple(one for one in each.metrics if not MEASURES[one.measure].tells_outcome),
        )
        for each in model.dimensions
    ]
    return replace(
        model,
        dimensions=tuple(each for each in dimensions if each.metrics),
        caps=tuple(cap for cap in model.caps if not cap.is_notice),
    )


def _judged(until: date, as_of: datetime, horizons: Sequence[int], scorers: Scorers) -> Backtest:
    since = until - WINDOW
    accounts = drawn(until, as_of)
    everything = decided(since - WINDOW, until, as_of, accounts.account_ids)
    settled = [each for each in everything if each.outcome != Outcome.OPEN]
    by_horizon = _seen(settled, horizons, scorers)
    verdicts = {}
    for horizon, cases in by_horizon.items():
        now = [each for each in cases if each.decision.decided_on > since]
        earlier = [each for each in cases if each.decision.decided_on <= since]
        verdicts[horizon] = verdict(horizon, now, earlier)
    recent = [each for each in everything if each.decided_on > since]
    churned = [each for each in recent if each.outcome == Outcome.CHURNED]
    return Backtest(
        since,
        until,
        verdicts,
        tuple(each for each in recent if each.outcome == Outcome.OPEN),
        Lead(_warned(churned, scorers)),
        len(churned),
        accounts,
    )


def _seen(
    decisions: Sequence[Decision], horizons: Sequence[int], scorers: Scorers
) -> dict[int, list[Seen]]:
    """Each decision as the newest snapshot before each cut-off saw it. Two queries."""
    found = {horizon: [Seen(each) for each in decisions] for horizon in horizons}
    if not scorers.models or not decisions:
        return found
    asked = [
        (number, horizon, each.account_id, each.decided_on - timedelta(days=horizon), each)
        for horizon in horizons
        for number, each in enumerate(decisions)
    ]
    scores, parameters = based(
        scorers.models, "before", model_no=scorers.model_no, dimension="usage"
    )
    sql = f"""
    WITH asked AS (
        SELECT * FROM unnest(
            %(numbers)s::int[], %(horizons)s::int[], %(accounts)s::uuid[], %(cuts)s::date[],
            %(decided)s::date[]
        ) AS each(number, horizon, account_id, cut, decided_on)
    ), before AS MATERIALIZED (
        SELECT asked.number, asked.horizon, asked.decided_on, near.* FROM asked
        CROSS JOIN LATERAL (
            SELECT * FROM (
                SELECT {COLUMNS}, (s.recorded_at AT TIME ZONE %(zone)s)::date > asked.cut
                    AS is_replayed
                FROM health_snapshot s WHERE {NEAR}
                UNION ALL SELECT {COLUMNS}, true FROM health_replay s WHERE {NEAR}
            ) either ORDER BY is_replayed, day DESC LIMIT 1
        ) near
    ), {scores}
    SELECT number, horizon, day, model_no, capped, coverage, alone, values[{slot("csm_sentiment")}],
        is_replayed, EXISTS (
            SELECT 1 FROM tenants_trailentry t
            WHERE t.account_id = based.account_id AND t.verb = 'plays.run_opened'
                AND (t.at AT TIME ZONE %(zone)s)::date > based.day
                AND (t.at AT TIME ZONE %(zone)s)::date <= based.decided_on
        )
    FROM based
    """
    parameters |= {
        "numbers": [each[0] for each in asked],
        "horizons": [each[1] for each in asked],
        "accounts": [str(each[2]) for each in asked],
        "cuts": [each[3] for each in asked],
        "decided": [each[4].decided_on for each in asked],
        "zone": zone_of_tenant(),
        "ids": [str(each) for each in scorers.ids],
    }
    for number, horizon, *read_ in _rows(sql, parameters):
        found[horizon][number] = _case(decisions[number], read_, scorers)
    return found


def _case(decision: Decision, row: Sequence[Any], scorers: Scorers) -> Seen:
    day, model_no, capped, coverage, usage, sentiment, is_replayed, is_treated = row
    if model_no is None:
        return Seen(decision, day=day)
    model = scorers.models[model_no]
    score = capped if coverage >= model.least_coverage else None
    return Seen(
        decision,
        day,
        score,
        band_of(model, score),
        coverage,
        usage,
        sentiment,
        scorers.ids[model_no],
        is_replayed,
        is_treated,
    )


def _warned(lost: Sequence[Decision], scorers: Scorers) -> tuple[int, ...]:
    """Per decision the days from the start of the last run of warning days to the decision.

    A day warns where the score is red, or below green after a fall of 15 points in 28 days. A run
    is of stored days; it counts where it lasts up to the last of them. One query.
    """
    if not lost or not scorers.model_no:
        return ()
    sql = f"""
    WITH asked AS (
        SELECT * FROM unnest(%(numbers)s::int[], %(accounts)s::uuid[], %(decided)s::date[])
            AS each(number, account_id, decided_on)
    ), bands AS (
        SELECT * FROM unnest(%(ids)s::uuid[], %(yellow)s::float8[], %(green)s::float8[])
            AS each(id, yellow, green)
    ), days AS (
        SELECT asked.number, asked.decided_on, s.day,
            s.capped < bands.yellow OR (s.capped < bands.green AND s.capped <= last_value(s.capped)
                OVER (PARTITION BY asked.number ORDER BY s.day
                    RANGE BETWEEN interval '{DROP_DAYS + REACH_BACK - 1} days' PRECEDING
                        AND interval '{DROP_DAYS} days' PRECEDING) - {DROP_POINTS}) AS warns
        FROM asked CROSS JOIN LATERAL (
            SELECT s.day, s.capped, s.model_id FROM health_snapshot s WHERE {BEFORE}
            UNION ALL
            SELECT s.day, s.capped, s.model_id FROM health_replay s WHERE {BEFORE}
                AND NOT EXISTS (SELECT 1 FROM health_snapshot t
                    WHERE t.account_id = s.account_id AND t.day = s.day)
        ) s
        LEFT JOIN bands ON bands.id = s.model_id
    )
    SELECT number, CASE WHEN max(day) >= decided_on - {REACH_BACK} - 1
        THEN coalesce(decided_on - min(day) FILTER (WHERE day > calm), 0) ELSE 0 END FROM (
        SELECT *, coalesce(max(day) FILTER (WHERE warns IS NOT TRUE)
            OVER (PARTITION BY number), '-infinity') AS calm FROM days
    ) runs GROUP BY number, decided_on
    """
    parameters = {
        "numbers": list(range(len(lost))),
        "accounts": [str(each.account_id) for each in lost],
        "decided": [each.decided_on for each in lost],
        "ids": [str(each) for each in scorers.ids],
        "yellow": [each.yellow for each in scorers.models],
        "green": [each.green for each in scorers.models],
    }
    by_number: dict[int, int] = dict(_rows(sql, parameters))
    return tuple(by_number.get(number, 0) for number in range(len(lost)))


def _rows(sql: str, parameters: dict[str, Any]) -> Iterable[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()
