"""Stages, gates, funnel and retention by the worked examples of the operating model."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bowtie.rules.gates import GO_LIVE, Facts, missing
from bowtie.rules.retention import Window, retention
from bowtie.rules.stages import LINE, Stage, may_follow, next_stage


def test_the_line_goes_from_prospect_to_max_impact():
    assert next_stage(Stage.PROSPECT) is Stage.MQL
    assert next_stage(Stage.MAX_IMPACT) is None
    assert next_stage(Stage.CHURNED) is None
    assert all(stage.label and stage.phase for stage in Stage)


@pytest.mark.parametrize(
    ("before", "after", "exists"),
    [
        (Stage.LIVE, Stage.FIRST_IMPACT, True),
        (Stage.LIVE, Stage.ONBOARDING, False),
        (Stage.MAX_IMPACT, Stage.RECURRING_IMPACT, True),
        (Stage.RECURRING_IMPACT, Stage.FIRST_IMPACT, True),
        (Stage.FIRST_IMPACT, Stage.LIVE, False),
        (Stage.CHURNED, Stage.COMMITTED, True),
        (Stage.CHURNED, Stage.LIVE, False),
        (Stage.SAL, Stage.CHURNED, False),
        (Stage.LIVE, Stage.CHURNED, True),
        (Stage.COMMITTED, Stage.LIVE, True),
    ],
)
def test_moves_that_exist(before: Stage, after: Stage, exists: bool):
    assert may_follow(before, after) is exists


def test_gates_name_what_is_missing():
    bare = Facts(scores={})
    assert missing(Stage.SQL, bare, {}) == [
        "the Situation in SPICED",
        "a Pain we solve in SPICED",
    ]
    assert missing(Stage.SQL, Facts(scores={"S": 1, "P": 2}), {}) == []
    assert missing(Stage.COMMITTED, bare, {}) == ["a signed contract with ARR, start and end"]
    assert missing(Stage.COMMITTED, Facts(scores={}, has_contract=True), {}) == []
    assert missing(Stage.ONBOARDING, Facts(scores={}, has_owner=True), {"handoff": "x"}) == []
    assert len(missing(Stage.LIVE, bare, {})) == 6
    assert missing(Stage.LIVE, bare, dict.fromkeys(GO_LIVE, True)) == []
    assert missing(Stage.FIRST_IMPACT, bare, {"tasks_done": True})
    assert missing(Stage.LIVE, bare, dict.fromkeys(GO_LIVE, "yes")), "only a tick is evidence"
    assert missing(Stage.CHURNED, Facts(scores={}, arr_minor=5), {})


EXAMPLE = {"A": (100, 130), "B": (200, 160), "C": (300, 300), "D": (150, 0), "E": (250, 280)}


def example(**changes: dict[str, int]) -> list[Window]:
    def plain(start: int, end: int) -> dict[str, int]:
        kind = "expansion" if end > start else "churn" if end == 0 else "contraction"
        return {kind: end - start} if end != start else {}

    return [
        Window(start, end, changes.get(name, plain(start, end)))
        for name, (start, end) in EXAMPLE.items()
    ]


def test_the_papers_retention_example():
    result = retention(example())
    assert (result.nrr, result.grr, result.logo) == (0.87, 0.81, 0.8)
    assert result.grr_movement == 0.81
    assert result.reconciles


def test_shrinking_and_growing_again_differs_by_method():
    result = retention(example(A={"contraction": -20, "expansion": 50}))
    assert result.grr == 0.81
    assert result.grr_movement == 0.79


def test_an_empty_cohort_has_no_rates():
    result = retention([Window(0, 500, {"new": 500})])
    assert (result.n, result.grr, result.nrr, result.logo) == (0, None, None, None)
    assert result.reconciles


amounts = st.integers(0, 10**12)


@given(st.lists(st.tuples(amounts, amounts), max_size=40))
def test_grr_is_at_most_one_and_at_most_nrr(pairs: list[tuple[int, int]]):
    windows = [Window(start, end, {"adjustment": end - start}) for start, end in pairs]
    result = retention(windows)
    assert result.reconciles
    if result.grr is not None and result.nrr is not None:
        assert result.grr <= 1
        assert result.grr <= result.nrr + 1e-12


def test_every_stage_of_the_line_has_a_gate():
    for stage in LINE:
        missing(stage, Facts(scores={}), {})
