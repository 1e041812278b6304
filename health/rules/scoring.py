"""From measured values to a score: anchors, weights, what drops out, caps, bands, drivers.

Source: operating model, 7.2. Missing data is not bad health: what is missing or stale drops out
and the weights of what is left are scaled up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor

from health.rules.models import Dimension, Metric, Model

RED, YELLOW, GREEN = "red", "yellow", "green"
UNKNOWN = "unknown"
BANDS = (RED, YELLOW, GREEN)

Values = Mapping[str, float | None]
Ages = Mapping[str, float | None]


@dataclass(frozen=True)
class Part:
    """What one measure does to the score. points: against the model's base, 0 if it dropped out."""

    metric: Metric
    dimension: Dimension
    score: float | None
    points: float
    is_stale: bool = False


@dataclass(frozen=True)
class Scored:
    """A score before caps, 0 to 100 and None without data. coverage: share of weight, 0 to 1."""

    base: float | None
    coverage: float
    dimensions: dict[str, float | None]
    parts: tuple[Part, ...]


def metric_score(anchors: tuple[float, float, float], value: float) -> float:
    """0 to 100, linear between the anchors and flat beyond them."""
    x0, x50, x100 = anchors
    if x100 < x0:
        x0, x50, x100, value = -x0, -x50, -x100, -value
    if value <= x0:
        return 0.0
    if value <= x50:
        return 50 * (value - x0) / (x50 - x0)
    if value < x100:
        return 50 + 50 * (value - x50) / (x100 - x50)
    return 100.0


def score(model: Model, values: Values, ages: Ages | None = None) -> Scored:
    """Score measured values. ages: days since the newest input of each, where known."""
    ages = ages or {}
    scores, stale = {}, set()
    for metric in model.metrics:
        value, age = values.get(metric.measure), ages.get(metric.measure)
        if value is not None and _is_stale(metric, age):
            stale.add(metric.measure)
            value = None
        scores[metric.measure] = None if value is None else metric_score(metric.anchors, value)
    totals = {each.key: _dimension(model, each, scores) for each in model.dimensions}
    left = sum(each.weight for each in model.dimensions if totals[each.key] is not None)
    earned = sum(each.weight * (totals[each.key] or 0.0) for each in model.dimensions)
    parts = tuple(
        Part(
            metric,
            dimension,
            scores[metric.measure],
            _points(model, dimension, metric, scores, left)
            if totals[dimension.key] is not None
            else 0.0,
            metric.measure in stale,
        )
        for dimension in model.dimensions
        for metric in dimension.metrics
    )
    return Scored(earned / left if left else None, left / model.weight, totals, parts)


def capped(base: float | None, most: Sequence[float]) -> float | None:
    """What the caps that hold leave of a score."""
    return None if base is None else min([base, *most])


def band_of(model: Model, score: float | None) -> str:
    """The band a score alone would give."""
    if score is None:
        return UNKNOWN
    return GREEN if score >= model.green else YELLOW if score >= model.yellow else RED


def banded(now: str, before: str, week_ago: str) -> str:
    """The band to show: down at once, up only where a week ago was that high too.

    now, week_ago: what the score alone gives today and gave a week ago; before: what was shown
    last.
    """
    if now == UNKNOWN or before not in BANDS or BANDS.index(now) <= BANDS.index(before):
        return now
    steady = min(now, week_ago, key=BANDS.index) if week_ago in BANDS else RED
    return max(before, steady, key=BANDS.index)


def whole_points(points: Sequence[float], total: int) -> list[int]:
    """Points rounded to whole ones that add up to a total: the largest fractions go up first."""
    if not points:
        return []
    low = [floor(each) for each in points]
    by_fraction = sorted(range(len(points)), key=lambda at: low[at] - points[at])
    lacking = total - sum(low)
    step = 1 if lacking > 0 else -1
    order = by_fraction if step > 0 else by_fraction[::-1]
    for turn in range(abs(lacking)):
        low[order[turn % len(order)]] += step
    return low


def _is_stale(metric: Metric, age: float | None) -> bool:
    return metric.stale_after_days is not None and age is not None and age > metric.stale_after_days


def _present(dimension: Dimension, scores: Mapping[str, float | None]) -> float:
    return sum(each.weight for each in dimension.metrics if scores[each.measure] is not None)


def _dimension(
    model: Model, dimension: Dimension, scores: Mapping[str, float | None]
) -> float | None:
    present = _present(dimension, scores)
    whole = sum(each.weight for each in dimension.metrics)
    if not present or present < model.least_of_dimension * whole:
        return None
    return sum(each.weight * (scores[each.measure] or 0.0) for each in dimension.metrics) / present


def _points(
    model: Model,
    dimension: Dimension,
    metric: Metric,
    scores: Mapping[str, float | None],
    left: float,
) -> float:
    worth = scores[metric.measure]
    if worth is None:
        return 0.0
    share = dimension.weight / left * metric.weight / _present(dimension, scores)
    return share * (worth - model.base)
