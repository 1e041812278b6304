"""What was stored of accounts some days before their decisions, scored without the outcome."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from health.models import HealthModel
from health.queries.measuring import slot
from health.queries.models import published
from health.queries.scoring import based
from health.queries.today import zone_of_tenant
from health.rules.catalogue import MEASURES
from health.rules.models import Model, read
from health.rules.proof.decisions import Decision
from health.rules.proof.verdict import Seen
from health.rules.scoring import band_of

REACH_BACK = 7  # how many days older than its cut-off a snapshot may be
COLUMNS = (
    "s.account_id, s.day, s.values, s.ages, s.stage, s.segment, s.touch_model, s.owner_id, s.tags,"
    " s.traits, s.arr_minor, s.model_id"
)
NEAR = (
    f"s.account_id = asked.account_id AND s.day <= asked.cut AND s.day >= asked.cut - {REACH_BACK}"
)


@dataclass(frozen=True)
class Scorers:
    """The models that score snapshots, and SQL over the row `m` for which of them: see `based`."""

    models: tuple[Model, ...]
    ids: tuple[UUID, ...]
    model_no: str = ""


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


def seen(
    decisions: Sequence[Decision],
    horizons: Sequence[int],
    scorers: Scorers,
    *,
    with_values: bool = False,
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
        ), {"values" if with_values else "NULL"}
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
    for number, horizon, *read_ in rows(sql, parameters):
        found[horizon][number] = _case(decisions[number], read_, scorers)
    return found


def _case(decision: Decision, row: Sequence[Any], scorers: Scorers) -> Seen:
    day, model_no, capped, coverage, usage, sentiment, is_replayed, is_treated, values = row
    stored = tuple(values or ())
    if model_no is None:
        return Seen(decision, day=day, is_replayed=is_replayed, values=stored)
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
        stored,
    )


def rows(sql: str, parameters: dict[str, Any]) -> Iterable[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()
