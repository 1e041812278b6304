"""Scores from measured values, by the rules."""

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from health.rules.models import BadModel, clash, read
from health.rules.scoring import band_of, banded, metric_score, score, whole_points

DEFAULTS = Path("health/defaults")
MODELS = {key: read(json.loads((DEFAULTS / f"{key}.json").read_text()))
          for key in ("core", "scale", "onboarding")}  # fmt: skip
CORE = MODELS["core"]
CORE_BODY = json.loads((DEFAULTS / "core.json").read_text())
WORKED = {
    "goal_on_track": 0.70, "days_since_impact": 75,
    "seat_utilisation": 0.62, "breadth": 0.5, "habit_weeks": 9, "usage_trend": -0.10,
    "key_roles_met": 3, "days_since_two_way": 40, "champion_status": 100,
    "ticket_ratio": 1.0, "open_late_tickets": 2,
    "days_overdue": 0, "arr_change_12m": 0,
}  # fmt: skip


def test_the_worked_example_of_the_operating_model():
    found = score(CORE, WORKED)
    assert found.dimensions["impact"] == pytest.approx(72.5)
    assert found.dimensions["usage"] == pytest.approx(65.375)
    assert found.dimensions["relationship"] == pytest.approx(82.69, abs=0.01)
    assert found.dimensions["support"] == pytest.approx(74.29, abs=0.01)
    assert found.dimensions["sentiment"] is None
    assert found.dimensions["commercial"] == 100
    assert found.base == pytest.approx(75.5, abs=0.05)
    assert found.coverage == pytest.approx(0.95)


def test_what_drivers_add_and_take_adds_up_to_the_score():
    found = score(CORE, WORKED)
    assert CORE.base + sum(part.points for part in found.parts) == pytest.approx(found.base)
    whole = whole_points([part.points for part in found.parts], 76 - 75)
    assert sum(whole) == 1
    assert all(abs(one - part.points) < 1.5 for one, part in zip(whole, found.parts, strict=True))


def test_stale_values_drop_out():
    fresh = score(CORE, WORKED, {"goal_on_track": 120})
    stale = score(CORE, WORKED, {"goal_on_track": 121})
    assert fresh.dimensions["impact"] == pytest.approx(72.5)
    assert stale.dimensions["impact"] is None  # 40 of 100 is too little of a dimension
    assert stale.coverage == pytest.approx(0.70)
    assert stale.parts[0].is_stale


@pytest.mark.parametrize(
    ("anchors", "value", "expected"),
    [
        ((0.2, 0.5, 0.8), 0.1, 0),
        ((0.2, 0.5, 0.8), 0.35, 25),
        ((0.2, 0.5, 0.8), 0.9, 100),
        ((180, 120, 60), 200, 0),
        ((180, 120, 60), 75, 87.5),
        ((6, 3, 0), 0, 100),
    ],
)
def test_anchors(anchors: tuple[float, float, float], value: float, expected: float):
    assert metric_score(anchors, value) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("now", "before", "week_ago", "shown"),
    [
        ("red", "green", "green", "red"),
        ("green", "yellow", "yellow", "yellow"),
        ("green", "yellow", "green", "green"),
        ("green", "red", "yellow", "yellow"),
        ("green", "red", "unknown", "red"),
        ("yellow", "unknown", "unknown", "yellow"),
        ("unknown", "green", "green", "unknown"),
    ],
)
def test_bands_fall_at_once_and_rise_after_two_weeks(
    now: str, before: str, week_ago: str, shown: str
):
    assert banded(now, before, week_ago) == shown


def test_bands_begin_at_their_limit():
    assert [band_of(CORE, each) for each in (75, 74.9, 50, 49.9, None)] == [
        "green", "yellow", "yellow", "red", "unknown",
    ]  # fmt: skip


measured = st.fixed_dictionaries(
    {
        metric.measure: st.none() | st.floats(min(metric.anchors), max(metric.anchors))
        for metric in CORE.metrics
    }
)


@pytest.mark.case("E2")
@given(values=measured)
def test_a_missing_metric_supplied_at_its_dimensions_score_changes_nothing(values: dict[str, Any]):
    before = score(CORE, values)
    for part in before.parts:
        worth = before.dimensions[part.dimension.key]
        if part.score is None and worth is not None:
            filled = values | {part.metric.measure: at_score(part.metric.anchors, worth)}
            assert score(CORE, filled).base == pytest.approx(before.base, abs=1e-6)


@given(values=measured)
def test_a_missing_dimension_supplied_at_the_total_changes_nothing(values: dict[str, Any]):
    before = score(CORE, values)
    if before.base is None:
        return
    for dimension in CORE.dimensions:
        if before.dimensions[dimension.key] is None:
            filled = values | {
                metric.measure: at_score(metric.anchors, before.base)
                for metric in dimension.metrics
            }
            assert score(CORE, filled).base == pytest.approx(before.base, abs=1e-6)


def at_score(anchors: tuple[float, float, float], worth: float) -> float:
    """The value that is worth so much."""
    x0, x50, x100 = anchors
    if worth <= 50:
        return x0 + (x50 - x0) * worth / 50
    return x50 + (x100 - x50) * (worth - 50) / 50


def test_the_shipped_models_leave_no_account_out():
    assert clash(MODELS) == ""
    assert "No model would score" in clash({"core": CORE})
    assert "would both score" in clash(MODELS | {"other": CORE})


@pytest.mark.case("E3")
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"bands": {"green": 50, "yellow": 50}}, "bands.green: must be above"),
        ({"dimensions": []}, "dimensions: expected a list"),
        ({"scope": {"touch_models": ["vip"], "stages": ["live"]}}, "scope.touch_models: expected"),
        ({"base": "high"}, "base: expected a number"),
    ],
)
def test_a_bad_model_is_refused_with_the_place(change: dict[str, Any], words: str):
    with pytest.raises(BadModel, match=re.escape(words)):
        read(CORE_BODY | change)


@pytest.mark.case("E3")
@pytest.mark.parametrize(
    ("metric", "words"),
    [
        ({"measure": "mood"}, "dimensions[0].metrics[0].measure: there is no measure"),
        ({"anchors": [0, 2, 1]}, "dimensions[0].metrics[0].anchors: must rise or fall"),
        ({"weight": 0}, "dimensions[0].metrics[0].weight: expected a number"),
        ({"stale_after_days": 1.5}, "dimensions[0].metrics[0].stale_after_days"),
    ],
)
def test_a_bad_metric_is_refused_with_the_place(metric: dict[str, Any], words: str):
    body = copy.deepcopy(CORE_BODY)
    body["dimensions"][0]["metrics"][0] |= metric
    with pytest.raises(BadModel, match=re.escape(words)):
        read(body)
