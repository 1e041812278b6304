"""Completeness, mandatory items, automatic return and clocks of a handoff."""

import json

import pytest

from charter.queries import DEFAULTS
from charter.rules.numbers import Completeness
from journeys.rules.clocks import Clock
from journeys.rules.judgement import (
    Judgement,
    judged,
    mean_rating,
    named,
)
from journeys.rules.kinds import KINDS, step_in_hand
from journeys.rules.sections import SECTIONS
from spiced.rules.minima import minimum, reaches

MODELS = json.loads((DEFAULTS / "segments.json").read_text())["touch_models"]
SALES = KINDS["sales_to_cs"]
MID = minimum(MODELS, "mid")
FIVES = dict.fromkeys(("S", "P", "I", "CE", "D"), 2)
WHOLE = dict.fromkeys(SALES.asks, "said")


def without(*keys: str) -> dict[str, str]:
    return {key: text for key, text in WHOLE.items() if key not in keys}


def test_there_are_eleven_sections_worth_twenty_two():
    assert len(SECTIONS) == 11
    assert judged(WHOLE, FIVES, MID) == Judgement(SALES, 22, 5, (), False, tuple(SALES.items))


@pytest.mark.parametrize(
    ("said", "points", "level", "missing"),
    [
        ({}, 0, 1, ("goals", "stakeholders", "risks", "commitments", "terms", "discount")),
        (without("goal_2"), 20, 5, ("goals",)),
        (without("sponsor"), 20, 5, ("stakeholders",)),
        (without("growth", "use_cases", "style"), 19, 4, ()),
        (without("growth", "use_cases", "style", "channel", "ours", "theirs"), 16, 4, ()),
        (without("risks", "commitments"), 18, 4, ("risks", "commitments")),
        (WHOLE | {"risks": "  "}, 20, 5, ("risks",)),
    ],
)
def test_completeness_is_points_less_what_is_mandatory_and_missing(
    said: dict[str, str], points: int, level: int, missing: tuple[str, ...]
):
    found = judged(said, FIVES, MID)
    assert (found.points, found.level, found.missing) == (points, level, missing)


@pytest.mark.parametrize(
    ("points", "level"),
    [(22, 5), (20, 5), (19, 4), (16, 4), (15, 3), (11, 3), (10, 2), (6, 2), (5, 1), (0, 1)],
)
def test_levels_change_at_their_points(points: int, level: int):
    assert Completeness().level_of(points) == level


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (without("goal_1"), []),
        (without("goal_1", "risks"), ["2 mandatory items missing"]),
        (without("sponsor", "champion"), ["neither sponsor nor champion"]),
        ({"champion": "x"}, ["completeness 1 of 5", "6 mandatory items missing"]),
    ],
)
def test_what_lacks_too_much_comes_back_by_itself(said: dict[str, str], words: list[str]):
    assert judged(said, FIVES, MID).returns == words


def test_what_is_missing_reads_as_one_sentence():
    gaps = ["risks, or “none”", "promises made, or “none”", "a sponsor and a champion"]
    assert named(gaps[:2]) == "risks and promises made"
    assert named(gaps[2:]) == "a sponsor and a champion"


@pytest.mark.parametrize(
    ("touch", "scores", "enough"),
    [
        ("high", {"S": 3, "P": 3, "I": 2, "CE": 2, "D": 2}, True),
        ("high", {"S": 3, "P": 3, "I": 3, "CE": 1, "D": 3}, False),
        ("mid", dict.fromkeys(("S", "P", "I", "CE", "D"), 2), True),
        ("mid", {"S": 3, "P": 3, "I": 3, "CE": 3}, False),
        ("low", {"S": 2, "P": 2, "I": 2}, True),
        ("low", {"S": 3, "P": 3, "D": 3}, False),
        ("tech", {}, True),
        ("", {}, False),
    ],
)
def test_spiced_has_a_minimum_by_touch_model(touch: str, scores: dict[str, int], enough: bool):
    least = minimum(MODELS, touch)
    assert reaches(scores, least) is enough
    assert ("spiced" in judged(WHOLE, scores, least).missing) is not enough


@pytest.mark.parametrize(
    ("left", "tone"), [(8, ""), (2.1, ""), (2, "warm"), (0, "warm"), (-0.1, "hot")]
)
def test_a_clock_warms_up_before_it_is_late(left: float, tone: str):
    assert Clock("submit", "Submit", left, 8).tone == tone


def test_steps_follow_one_another():
    assert step_in_hand(SALES, "returned", {}) == "submit"
    assert step_in_hand(SALES, "submitted", {}) == "answer"
    assert step_in_hand(SALES, "accepted", {"first_contact": "x"}) == "kickoff_booked"
    assert step_in_hand(SALES, "completed", {}) == ""


def test_nothing_rated_has_no_mean():
    assert mean_rating({}) is None
    assert mean_rating({"a": 4, "b": 5}) == 4.5


def test_without_a_charter_nothing_is_asked_of_spiced():
    assert reaches({}, minimum({}, "high"))
