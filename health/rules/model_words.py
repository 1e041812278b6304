"""A health model in words that anybody can read and check."""

from collections.abc import Mapping
from dataclasses import dataclass

from health.rules.catalogue import MEASURES, shown
from health.rules.models import Dimension, Metric, Model
from health.rules.sentences import phrase
from tenants.formats import joined, number, plural, rate

TOUCH = {"high": "high touch", "mid": "mid touch", "low": "low touch", "tech": "tech touch"}


def scope(model: Model, names: Mapping[str, str]) -> str:
    """For whom it is. names: of segments by key."""
    touch = joined([TOUCH[key] for key in model.touch_models])
    stages = joined([stage.replace("_", " ") for stage in model.stages])
    return f"Scores accounts with {touch}{_of(model, names)} at the stages {stages}."


def _of(model: Model, names: Mapping[str, str]) -> str:
    """In which segments, by what people call them."""
    if not model.segments:
        return ""
    named = joined([names.get(key, key) or "no segment" for key in model.segments])
    return f" in any segment but {named}" if model.is_all_but else f" in {named}"


def bands(model: Model) -> str:
    return (
        f"Healthy from {number(model.green)}, watch from {number(model.yellow)}, below that at "
        "risk. A band falls at once and rises when the score was that high a week ago too."
    )


def missing(model: Model) -> str:
    """What happens where data is missing."""
    return (
        "What is missing or out of date drops out, and the other measures of its dimension count "
        f"for more. A dimension with less than {rate(model.least_of_dimension, 0)} of its weight "
        f"drops out too. Below {rate(model.least_coverage, 0)} coverage there is no score."
    )


def share(model: Model, dimension: Dimension) -> str:
    """How much of the score a dimension is."""
    return rate(dimension.weight / model.weight, 0)


@dataclass(frozen=True, slots=True)
class MetricWords:
    """A measure of a dimension: its share there, where it earns points, when it drops out."""

    key: str
    name: str
    share: str
    anchors: tuple[str, ...]
    keeps: str


def metric(dimension: Dimension, each: Metric) -> MetricWords:
    """A measure with the values that earn 0, 50 and 100 points, in its unit."""
    whole = sum(one.weight for one in dimension.metrics)
    days = each.stale_after_days
    return MetricWords(
        key=each.measure,
        name=MEASURES[each.measure].name,
        share=rate(each.weight / whole, 0),
        anchors=tuple(shown(each.measure, value) for value in each.anchors),
        keeps="never" if days is None else plural(days, "day"),
    )


def caps(model: Model) -> list[str]:
    """What keeps a score down."""
    return [
        f"{cap.name}: at most {number(cap.most)} while {phrase(cap.condition)}."
        for cap in model.caps
    ]
