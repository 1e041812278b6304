"""The SQL that scores rows of measured values, generated from models; `rules.scoring` in bulk.

A model is an index (`model_no`) into the list given; accounts that fit none get no score.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from health.queries.compiling import compile
from health.rules.catalogue import MEASURES
from health.rules.models import Dimension, Metric, Model

REACH_BACK = 7  # how many days older than asked for an earlier snapshot may be


def scored(models: Sequence[Model], source: str) -> tuple[str, dict[str, Any]]:
    """CTEs `based` and `scored` over a relation, and their parameters.

    source: has account_id, values, ages, stage, segment, touch_model, owner_id, tags, traits.
    Gives model_no, base, capped, score, band, coverage, caps, driver and change_28. Reads the
    parameters day and as_of, and earlier snapshots and overrides.
    """
    if not models:
        return _without_model(source), {}
    before, parameters = based(models, source)
    sql = f"""
    {before},
    scored AS MATERIALIZED (
        SELECT based.*, s.score, t.band, s.score - month.score AS change_28
        FROM based
        LEFT JOIN LATERAL (
            SELECT o.score FROM health_override o
            WHERE o.account_id = based.account_id AND o.created_at <= %(as_of)s
                AND o.expires_at >= %(as_of)s AND (o.ended_at IS NULL OR o.ended_at > %(as_of)s)
            ORDER BY o.created_at DESC, o.id DESC LIMIT 1
        ) own ON true
        LEFT JOIN LATERAL (
            SELECT h.band FROM health_snapshot h
            WHERE h.account_id = based.account_id AND h.day < %(day)s ORDER BY h.day DESC LIMIT 1
        ) last ON true
        LEFT JOIN LATERAL ({_earlier(7)}) week ON true
        LEFT JOIN LATERAL ({_earlier(28)}) month ON true
        CROSS JOIN LATERAL (
            SELECT coalesce(own.score, CASE
                WHEN based.coverage >= {_by_model(models, _least_coverage, "based")}
                THEN based.capped END) AS score OFFSET 0
        ) s
        CROSS JOIN LATERAL (
            SELECT {_level(models, "s.score")} AS now, {_level(models, "week.score")} AS week_ago,
                array_position(ARRAY['red', 'yellow', 'green'], last.band::text) - 1 AS before
            OFFSET 0
        ) level
        CROSS JOIN LATERAL (
            SELECT coalesce((ARRAY['red', 'yellow', 'green'])[1 + CASE
                WHEN level.now IS NULL OR own.score IS NOT NULL OR level.before IS NULL
                    OR level.now <= level.before
                THEN level.now
                ELSE greatest(level.before, least(level.now, coalesce(level.week_ago, 0)))
            END], 'unknown') AS band OFFSET 0
        ) t
    )"""
    return sql, parameters


def based(
    models: Sequence[Model], source: str, *, model_no: str = "", dimension: str = ""
) -> tuple[str, dict[str, Any]]:
    """The CTE `based` over a relation like that of `scored`: what a row alone says, without bands.

    model_no: SQL over the row `m` for which model scores it; by touch model and stage without.
    dimension: the key of one whose score is given beside, as `alone`.
    """
    caps, parameters = _caps(models)
    parameters |= _segments(models)
    alone = f", {_by_model(models, partial(_alone, dimension))} AS alone" if dimension else ""
    sql = f"""
    based AS MATERIALIZED (
        SELECT m.*, k.model_no, b.base, b.coverage, e.driver, c.caps,
            CASE WHEN b.base IS NOT NULL THEN least(b.base, c.most) END AS capped{alone}
        FROM {source} m
        CROSS JOIN LATERAL (SELECT {model_no or _model_no(models)} AS model_no OFFSET 0) k
        CROSS JOIN LATERAL (SELECT {_by_model(models, _scores)} AS scores OFFSET 0) f
        CROSS JOIN LATERAL (SELECT {_by_model(models, _present)} AS present OFFSET 0) w
        CROSS JOIN LATERAL (SELECT {_by_model(models, _totals)} AS totals OFFSET 0) d
        CROSS JOIN LATERAL (SELECT {_by_model(models, _left)} AS "left" OFFSET 0) l
        CROSS JOIN LATERAL (
            SELECT {_by_model(models, _base)} AS base,
                coalesce({_by_model(models, _coverage)}, 0) AS coverage OFFSET 0
        ) b
        CROSS JOIN LATERAL (
            SELECT (SELECT at.slot FROM unnest(
                {_by_model(models, _slots)}, {_by_model(models, _points)}
            ) AS at(slot, points) WHERE at.points < 0 ORDER BY at.points, at.slot LIMIT 1) AS driver
            OFFSET 0
        ) e
        CROSS JOIN LATERAL (SELECT {caps} OFFSET 0) c
    )"""
    return sql, parameters


def _without_model(source: str) -> str:
    return f"""
    scored AS (
        SELECT m.*, NULL::int AS model_no, NULL::float8 AS base, NULL::float8 AS capped,
            NULL::float8 AS score, 'unknown' AS band, 0::float8 AS coverage,
            ARRAY[]::text[] AS caps, NULL::smallint AS driver, NULL::float8 AS change_28
        FROM {source} m
    )"""


def _by_model(models: Sequence[Model], part: Callable[[Model], str], row: str = "k") -> str:
    cases = " ".join(f"WHEN {number} THEN {part(model)}" for number, model in enumerate(models))
    return f"CASE {row}.model_no {cases} END"


def _model_no(models: Sequence[Model]) -> str:
    cases = " ".join(
        f"WHEN m.touch_model = ANY ('{{{','.join(model.touch_models)}}}'::text[])"
        f" AND m.stage = ANY ('{{{','.join(model.stages)}}}'::text[]){_in_segments(number, model)}"
        f" THEN {number}"
        for number, model in enumerate(models)
    )
    return f"CASE {cases} END"


def _in_segments(number: int, model: Model) -> str:
    """The segments a model is for, bound by its number."""
    if not model.segments:
        return ""
    return f" AND {'NOT ' * model.is_all_but}m.segment = ANY (%(segments_{number})s::text[])"


def _segments(models: Sequence[Model]) -> dict[str, Any]:
    return {
        f"segments_{number}": list(model.segments)
        for number, model in enumerate(models)
        if model.segments
    }


def _scores(model: Model) -> str:
    return f"ARRAY[{', '.join(map(_metric, model.metrics))}]::float8[]"


def _metric(metric: Metric) -> str:
    """`rules.scoring.metric_score` of a value that is fresh enough, else null."""
    slot, (x0, x50, x100) = MEASURES[metric.measure].slot, metric.anchors
    value = f"m.values[{slot}]"
    if x100 < x0:
        x0, x50, x100, value = -x0, -x50, -x100, f"(-{value})"
    low, mid, high = (f"({each!r})" for each in (x0, x50, x100))
    fresh = f"{value} IS NULL"
    if metric.stale_after_days is not None:
        fresh += f" OR m.ages[{slot}] > {metric.stale_after_days}"
    return (
        f"CASE WHEN {fresh} THEN NULL WHEN {value} <= {low} THEN 0"
        f" WHEN {value} <= {mid} THEN 50 * ({value} - {low}) / ({mid} - {low})"
        f" WHEN {value} < {high} THEN 50 + 50 * ({value} - {mid}) / ({high} - {mid})"
        " ELSE 100 END"
    )


def _places(model: Model) -> list[tuple[Dimension, int, list[tuple[Metric, int]]]]:
    """Each dimension with its place in the arrays, and its metrics with theirs, from 1."""
    found, at = [], 0
    for number, dimension in enumerate(model.dimensions, start=1):
        numbered = [(metric, at + 1 + step) for step, metric in enumerate(dimension.metrics)]
        found.append((dimension, number, numbered))
        at += len(numbered)
    return found


def _present(model: Model) -> str:
    """Per dimension the weight of the metrics that are there."""
    sums = [
        " + ".join(
            f"CASE WHEN f.scores[{at}] IS NULL THEN 0 ELSE {each.weight!r} END"
            for each, at in metrics
        )
        for _, _, metrics in _places(model)
    ]
    return f"ARRAY[{', '.join(sums)}]::float8[]"


def _totals(model: Model) -> str:
    """Per dimension its score, null where too little of it is there."""
    totals = []
    for dimension, number, metrics in _places(model):
        earned = " + ".join(
            f"coalesce({each.weight!r} * f.scores[{at}], 0)" for each, at in metrics
        )
        least = model.least_of_dimension * sum(each.weight for each in dimension.metrics)
        present = f"w.present[{number}]"
        totals.append(
            f"CASE WHEN {present} > 0 AND {present} >= {least!r} THEN ({earned}) / {present} END"
        )
    return f"ARRAY[{', '.join(totals)}]::float8[]"


def _left(model: Model) -> str:
    return " + ".join(
        f"CASE WHEN d.totals[{number}] IS NULL THEN 0 ELSE {each.weight!r}::float8 END"
        for each, number, _ in _places(model)
    )


def _base(model: Model) -> str:
    earned = " + ".join(
        f"coalesce({each.weight!r} * d.totals[{number}], 0)" for each, number, _ in _places(model)
    )
    return f'({earned}) / nullif(l."left", 0)'


def _coverage(model: Model) -> str:
    return f'l."left" / {model.weight!r}'


def _alone(key: str, model: Model) -> str:
    """The score of one dimension; null where the model has none of that key."""
    at = [number for each, number, _ in _places(model) if each.key == key]
    return f"d.totals[{at[0]}]" if at else "NULL::float8"


def _least_coverage(model: Model) -> str:
    return repr(model.least_coverage)


def _slots(model: Model) -> str:
    slots = ", ".join(str(MEASURES[metric.measure].slot) for metric in model.metrics)
    return f"ARRAY[{slots}]::smallint[]"


def _points(model: Model) -> str:
    points = [
        f"CASE WHEN d.totals[{number}] IS NOT NULL THEN {each.weight * metric.weight!r}"
        f" * (f.scores[{at}] - {model.base!r})"
        f' / (l."left" * nullif(w.present[{number}], 0)) END'
        for each, number, metrics in _places(model)
        for metric, at in metrics
    ]
    return f"ARRAY[{', '.join(points)}]::float8[]"


def _level(models: Sequence[Model], score: str) -> str:
    """0 red, 1 yellow, 2 green, by the bands of the row's model; the first where it has none."""
    cases = " ".join(
        f"WHEN {number} THEN ({score} >= {each.yellow!r})::int + ({score} >= {each.green!r})::int"
        for number, each in enumerate(models)
    )
    first = models[0]
    return (
        f"CASE based.model_no {cases} ELSE"
        f" ({score} >= {first.yellow!r})::int + ({score} >= {first.green!r})::int END"
    )


def _earlier(days: int) -> str:
    return (
        "SELECT h.score FROM health_snapshot h WHERE h.account_id = based.account_id"
        f" AND h.day <= %(day)s - {days} AND h.day > %(day)s - {days + REACH_BACK}"
        " ORDER BY h.day DESC LIMIT 1"
    )


def _caps(models: Sequence[Model]) -> tuple[str, dict[str, Any]]:
    """Which caps hold, and the lowest of them."""
    parameters: dict[str, Any] = {}
    held: list[list[tuple[str, str, float]]] = []
    for number, model in enumerate(models):
        held.append([])
        for at, cap in enumerate(model.caps):
            sql, given = compile(cap.condition, "m")
            for step, value in enumerate(given):
                name = f"cap_{number}_{at}_{step}"
                sql = sql.replace("%s", f"%({name})s", 1)
                parameters[name] = value
            parameters[f"cap_{number}_{at}"] = cap.key
            held[-1].append((sql, f"%(cap_{number}_{at})s", cap.most))

    def keys(number: int) -> str:
        cases = ", ".join(f"CASE WHEN {sql} THEN {key} END" for sql, key, _ in held[number])
        return f"array_remove(ARRAY[{cases}]::text[], NULL)"

    def most(number: int) -> str:
        cases = ", ".join(
            f"CASE WHEN {sql} THEN {top!r}::float8 END" for sql, _, top in held[number]
        )
        return f"least({cases})" if cases else "NULL::float8"

    numbers = range(len(models))
    which = " ".join(f"WHEN {number} THEN {keys(number)}" for number in numbers)
    tops = " ".join(f"WHEN {number} THEN {most(number)}" for number in numbers)
    return (
        f"coalesce(CASE k.model_no {which} END, ARRAY[]::text[]) AS caps,"
        f" CASE k.model_no {tops} END AS most",
        parameters,
    )
