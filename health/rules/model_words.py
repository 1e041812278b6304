"""A health model as sentences that anybody can read and check."""

from health.rules.catalogue import MEASURES, shown
from health.rules.models import Dimension, Metric, Model
from health.rules.sentences import phrase
from tenants.formats import joined, number, plural, rate

TOUCH = {"high": "high touch", "mid": "mid touch", "low": "low touch", "tech": "tech touch"}


def scope(model: Model) -> str:
    """For whom it is."""
    touch = joined([TOUCH[key] for key in model.touch_models])
    stages = joined([stage.replace("_", " ") for stage in model.stages])
    return f"Scores accounts with {touch} at the stages {stages}."


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


def metric(dimension: Dimension, each: Metric) -> str:
    """A measure of a dimension: "Seat utilisation counts 30%: 0 points at 20%, …"."""
    whole = sum(one.weight for one in dimension.metrics)
    x0, x50, x100 = (shown(each.measure, value) for value in each.anchors)
    words = (
        f"{MEASURES[each.measure].name} counts {rate(each.weight / whole, 0)}:"
        f" 0 points at {x0}, 50 at {x50}, 100 at {x100}"
    )
    if each.stale_after_days is None:
        return f"{words}."
    return f"{words}. Older than {plural(each.stale_after_days, 'day')} it drops out."


def caps(model: Model) -> list[str]:
    """What keeps a score down."""
    return [
        f"{cap.name}: at most {number(cap.most)} while {phrase(cap.condition)}."
        for cap in model.caps
    ]
