"""How an account is scored, read from its stored form: dimensions, measures, caps and bands.

As JSON: {"name", "scope": {"touch_models": [..], "stages": [..], "segments"?: [..] or
"but_segments"?: [..]}, "base": 75,
"bands": {"green": 75, "yellow": 50}, "least_coverage": 0.6, "least_of_dimension": 0.5,
"dimensions": [{"key", "name", "weight", "metrics": [{"measure", "weight", "anchors": [x0, x50,
x100], "stale_after_days"?}]}], "caps": [{"key", "name", "most", "condition", "is_notice"?}]}.
Source of the shipped numbers: operating model, 7.2.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, cast

from bowtie.rules.stages import LINE, Stage
from charter.rules.documents import TOUCH_MODELS
from health.rules.catalogue import COLUMNS, MEASURES
from health.rules.conditions import (
    BadCondition,
    Condition,
    leaves,
    looks_back,
    name_of_leaf,
    parse,
)
from health.rules.definitions import faults

CUSTOMER_STAGES = tuple(str(stage) for stage in LINE[LINE.index(Stage.COMMITTED) :])

Body = dict[str, Any]
Place = tuple[str, str]  # touch model, stage


class BadModel(ValueError):
    """A model that cannot be used; says where and what is expected there."""


@dataclass(frozen=True)
class Metric:
    """A measure with its weight inside the dimension, and the values worth 0, 50 and 100."""

    measure: str
    weight: float
    anchors: tuple[float, float, float]
    stale_after_days: int | None = None


@dataclass(frozen=True)
class Dimension:
    """Measures that speak of one thing, with the weight of it in the score."""

    key: str
    name: str
    weight: float
    metrics: tuple[Metric, ...]


@dataclass(frozen=True)
class Cap:
    """While the condition holds, the score is `most` at best."""

    key: str
    name: str
    most: float
    condition: Condition
    is_notice: bool = False


@dataclass(frozen=True)
class Model:
    """One way to score. base: the score contributions start from.

    segments: whom it is for; is_all_but: for all others, so for everybody where none is named.
    """

    name: str
    touch_models: tuple[str, ...]
    stages: tuple[str, ...]
    base: float
    green: float
    yellow: float
    least_coverage: float
    least_of_dimension: float
    dimensions: tuple[Dimension, ...]
    caps: tuple[Cap, ...]
    segments: tuple[str, ...] = ()
    is_all_but: bool = True

    def is_for(self, segment: str) -> bool:
        """Whether it scores accounts of a segment; of one without any, where it is empty."""
        return (segment in self.segments) != self.is_all_but

    @property
    def metrics(self) -> tuple[Metric, ...]:
        return tuple(metric for dimension in self.dimensions for metric in dimension.metrics)

    @property
    def weight(self) -> float:
        return sum(dimension.weight for dimension in self.dimensions)

    @property
    def places(self) -> set[Place]:
        """Where it applies."""
        return {(touch, stage) for touch in self.touch_models for stage in self.stages}


def read(body: Any) -> Model:
    """Read a stored model. Raises BadModel naming the place and what belongs there."""
    body = _object(body, "model")
    scope, bands = _object(body.get("scope"), "scope"), _object(body.get("bands"), "bands")
    green, yellow = (_number(bands.get(key), f"bands.{key}", 0, 100) for key in ("green", "yellow"))
    if green <= yellow:
        raise BadModel("bands.green: must be above bands.yellow")
    dimensions = tuple(
        _dimension(each, f"dimensions[{at}]")
        for at, each in enumerate(_list(body.get("dimensions"), "dimensions"))
    )
    _once([dimension.key for dimension in dimensions], "dimensions")
    _once([metric.measure for each in dimensions for metric in each.metrics], "metrics")
    caps = tuple(_cap(each, f"caps[{at}]") for at, each in enumerate(body.get("caps", [])))
    _once([cap.key for cap in caps], "caps")
    segments, is_all_but = _segments(scope)
    return Model(
        name=_text(body.get("name"), "name"),
        touch_models=_among(scope.get("touch_models"), "scope.touch_models", TOUCH_MODELS),
        stages=_among(scope.get("stages"), "scope.stages", CUSTOMER_STAGES),
        base=_number(body.get("base"), "base", 0, 100),
        green=green,
        yellow=yellow,
        least_coverage=_number(body.get("least_coverage"), "least_coverage", 0, 1),
        least_of_dimension=_number(body.get("least_of_dimension"), "least_of_dimension", 0, 1),
        dimensions=dimensions,
        caps=caps,
        segments=segments,
        is_all_but=is_all_but,
    )


def _segments(scope: Body) -> tuple[tuple[str, ...], bool]:
    only, but = scope.get("segments"), scope.get("but_segments")
    if only and but:
        raise BadModel("scope: either some segments, or all but some")
    named = only if only is not None else but or []
    if not isinstance(named, list) or not all(isinstance(each, str) for each in named):
        raise BadModel("scope.segments: expected a list of segments")
    if only is not None and not only:
        raise BadModel("scope.segments: name at least one, or leave it out for all")
    _once(named, "scope.segments")
    return tuple(named), only is None


def clash(models: "dict[str, Model]") -> str:
    """Why these models by key cannot be in force together, in words; empty where they can.

    Every touch model at every stage of a customer needs exactly one in every segment: in each that
    any model names, and in all others.
    """
    named = sorted({segment for model in models.values() for segment in model.segments})
    for touch in TOUCH_MODELS:
        for stage in CUSTOMER_STAGES:
            at = [model for model in models.values() if (touch, stage) in model.places]
            for segment in (*named, None):
                fitting = [each.name for each in at if _fits(each, segment)]
                place = f"touch model “{touch}” at stage “{stage}”"
                if named:
                    place += f" in {'other segments' if segment is None else f'“{segment}”'}"
                if not fitting:
                    return f"No model would score {place}."
                if len(fitting) > 1:
                    return f"{' and '.join(fitting)} would both score {place}."
    return ""


def _fits(model: Model, segment: str | None) -> bool:
    return model.is_all_but if segment is None else model.is_for(segment)


def _dimension(data: Any, at: str) -> Dimension:
    data = _object(data, at)
    return Dimension(
        key=_text(data.get("key"), f"{at}.key"),
        name=_text(data.get("name"), f"{at}.name"),
        weight=_number(data.get("weight"), f"{at}.weight", 0.001, 100),
        metrics=tuple(
            _metric(each, f"{at}.metrics[{number}]")
            for number, each in enumerate(_list(data.get("metrics"), f"{at}.metrics"))
        ),
    )


def _metric(data: Any, at: str) -> Metric:
    data = _object(data, at)
    measure, anchors, stale = data.get("measure"), data.get("anchors"), data.get("stale_after_days")
    if measure not in MEASURES:
        raise BadModel(f"{at}.measure: there is no measure “{measure}”")
    if not isinstance(anchors, list) or len(anchors) != 3:
        raise BadModel(f"{at}.anchors: expected the values worth 0, 50 and 100")
    values = [_number(value, f"{at}.anchors", -1e12, 1e12) for value in anchors]
    rises = [after > before for before, after in pairwise(values)]
    if any(before == after for before, after in pairwise(values)) or len(set(rises)) > 1:
        raise BadModel(f"{at}.anchors: must rise or fall from 0 over 50 to 100")
    if stale is not None and (not isinstance(stale, int) or isinstance(stale, bool) or stale < 0):
        raise BadModel(f"{at}.stale_after_days: expected whole days")
    weight = _number(data.get("weight"), f"{at}.weight", 0.001, 100)
    return Metric(measure, weight, cast(tuple[float, float, float], tuple(values)), stale)


def _cap(data: Any, at: str) -> Cap:
    data = _object(data, at)
    try:
        condition = parse(data.get("condition"), f"{at}.condition")
    except BadCondition as error:
        raise BadModel(str(error)) from error
    if looks_back(condition):
        raise BadModel(f"{at}.condition: a cap looks at one day only")
    names = {name_of_leaf(leaf) for leaf in leaves(condition)}
    if names & {"band", "caps", *COLUMNS}:
        raise BadModel(f"{at}.condition: a cap cannot read the score it caps")
    if wrong := faults(condition):
        raise BadModel(f"{at}.condition: {wrong[0]}")
    return Cap(
        key=_text(data.get("key"), f"{at}.key"),
        name=_text(data.get("name"), f"{at}.name"),
        most=_number(data.get("most"), f"{at}.most", 0, 100),
        condition=condition,
        is_notice=bool(data.get("is_notice", False)),
    )


def _object(data: Any, at: str) -> Body:
    if not isinstance(data, dict):
        raise BadModel(f"{at}: expected an object")
    return data


def _list(data: Any, at: str) -> list[Any]:
    if not isinstance(data, list) or not data:
        raise BadModel(f"{at}: expected a list of one or more")
    return data


def _text(data: Any, at: str) -> str:
    if not isinstance(data, str) or not data.strip() or len(data) > 80:
        raise BadModel(f"{at}: expected a text of at most 80 characters")
    return data.strip()


def _number(data: Any, at: str, least: float, most: float) -> float:
    is_number = isinstance(data, int | float) and not isinstance(data, bool)
    if not is_number or not least <= data <= most:
        raise BadModel(f"{at}: expected a number from {least:g} to {most:g}")
    return float(data)


def _among(data: Any, at: str, known: tuple[str, ...]) -> tuple[str, ...]:
    if not isinstance(data, list) or not data or not set(data) <= set(known):
        raise BadModel(f"{at}: expected some of {', '.join(known)}")
    return tuple(data)


def _once(keys: list[str], at: str) -> None:
    if twice := sorted({key for key in keys if keys.count(key) > 1}):
        raise BadModel(f"{at}: “{twice[0]}” stands twice")
