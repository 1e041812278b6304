"""The churn model as arithmetic: what it learns, what it foretells, and when it says nothing."""

import json
from collections.abc import Callable
from math import exp

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold

from bowtie.rules import survival as ours
from health.rules.proof.churn_model import (
    FOLDS,
    SEED,
    Case,
    brier,
    learned,
    read_regression,
    shares,
)
from health.rules.proof.lifetimes import Life, hazards, survival
from health.rules.proof.ranking import ranking
from health.rules.proof.trial import EARLY, NO, WRONG, YES, read_trial, tried

MEASURES = ("use", "tickets", "noise")


def cases(
    n: int,
    risk: Callable[[float, float], float],
    *,
    seed: int = 7,
    unknown: float = 0.0,
    per_account: int = 1,
) -> list[Case]:
    """Made up. risk: of use and tickets, the log odds of loss."""
    chance, made = np.random.default_rng(seed), []
    for number in range(n):
        use, tickets, noise = chance.normal(size=3)
        lost = bool(chance.random() < 1 / (1 + exp(-risk(use, tickets))))
        values = {"use": use * 0.2 + 0.5, "tickets": tickets * 3 + 5, "noise": noise}
        known = {key: None if chance.random() < unknown else value for key, value in values.items()}
        made.append(Case(str(number // per_account), known, lost))
    return made


def by_use(use: float, tickets: float) -> float:
    return -1 - 1.5 * use + 0.5 * tickets


def by_nothing(use: float, tickets: float) -> float:
    return -1.0


def test_it_finds_what_went_before_losses():
    found = learned(cases(2_000, by_use, unknown=0.1), MEASURES)
    assert found
    weights = {term.measure: term.weight for term in found.terms}
    assert weights["use"] == pytest.approx(-1.5, abs=0.3)
    assert weights["tickets"] == pytest.approx(0.5, abs=0.2)
    assert abs(weights["noise"]) < 0.15
    assert found.because({"use": 0.1, "tickets": 11.0})[0][0].measure == "use"
    assert [term.measure for term, _ in found.because({"use": 0.9, "tickets": 11.0})] == ["tickets"]


def test_its_chances_are_those_of_the_library():
    """Kept as numbers, read back, and counted here: what scikit-learn gives for the same cases."""
    told = cases(400, by_use, unknown=0.2, per_account=2)
    found = learned(told, MEASURES)
    assert found
    again = read_regression(json.loads(json.dumps(found.stored())))
    steps = np.array([[term.steps(case.values[term.measure]) for term in found.terms]
                      for case in told])  # fmt: skip
    lost = np.array([case.is_lost for case in told], dtype=int)
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED)
    splits = list(folds.split(steps, lost, [case.group for case in told]))
    theirs = CalibratedClassifierCV(
        LogisticRegression(C=found.hold, max_iter=1_000), cv=splits, ensemble=False
    ).fit(steps, lost)
    assert [again.chance(case.values) for case in told] == pytest.approx(
        list(theirs.predict_proba(steps)[:, 1]), abs=1e-9
    )


def test_no_account_is_in_two_folds():
    """Twins of one account would teach the fold that tries them: noise would seem to tell."""
    chance = np.random.default_rng(3)
    names = [f"noise {at}" for at in range(25)]
    told = [Case(str(n), dict(zip(names, chance.normal(size=25), strict=True)), n % 3 == 0)
            for n in range(60)]  # fmt: skip
    twins = [case for case in told for _ in range(8)]
    found = learned(twins, names)
    assert found
    chances = [found.chance(case.values) for case in twins]
    assert max(chances) - min(chances) < 0.4  # 0.99 where twins are parted


def test_area_and_brier_score_are_those_of_the_library():
    told = cases(300, by_use)
    found = learned(told, MEASURES)
    assert found
    chances = [round(found.chance(case.values), 2) for case in told]  # rounded: with ties
    lost = [case.is_lost for case in told]
    area = ranking([1 - each for each in chances], lost)
    assert area
    assert area.auc == pytest.approx(roc_auc_score(lost, chances), abs=1e-12)
    assert brier(chances, lost) == pytest.approx(brier_score_loss(lost, chances), abs=1e-12)


def test_what_is_not_known_counts_as_the_mean():
    found = learned(cases(400, by_use), MEASURES)
    assert found
    means = {term.measure: term.mean for term in found.terms}
    assert found.chance({}) == pytest.approx(found.chance(means))
    assert found.chance({"use": 1e9}) == found.chance({"use": found.terms[0].high})


def test_a_measure_seldom_known_or_always_the_same_takes_no_part():
    told = cases(200, by_use)
    seldom = [Case(each.group, {**each.values, "noise": None if at % 3 else 1.0 * at,
                                "flat": 2.0}, each.is_lost)
              for at, each in enumerate(told)]  # fmt: skip
    found = learned(seldom, (*MEASURES, "flat", "unheard"))
    assert found
    assert [term.measure for term in found.terms] == ["use", "tickets"]
    assert learned(seldom, ["flat"]) is None


def test_where_all_were_lost_or_one_account_lost_all_nothing_is_learned():
    told = cases(60, by_use)
    assert learned([Case(each.group, each.values, True) for each in told], MEASURES) is None
    alone = [Case("one" if at < 20 else each.group, each.values, at < 20)
             for at, each in enumerate(told)]  # fmt: skip
    assert learned(alone, MEASURES) is None


def test_a_segment_may_be_called_as_a_column_is():
    found = hazards([*lives("left", 200, 60), *lives("months", 150, 15)])
    assert found
    assert (found.against, [each.name for each in found.hazards]) == ("left", ["ARR", "months"])


@pytest.mark.parametrize(("earlier", "later"), [(29, 300), (300, 29)])
def test_it_says_nothing_of_too_few(earlier: int, later: int):
    trial, regression = tried(
        cases(earlier, by_use), cases(later, by_use, seed=8), [None] * later, MEASURES
    )
    assert (trial.answer, regression, trial.ranking) == (EARLY, None, None)
    assert "Too early to say" in trial.words


def test_a_year_that_agrees_separates():
    later = cases(400, by_use, seed=8)
    scores = [100 * (case.values["use"] or 0) for case in later]
    trial, _ = tried(cases(400, by_use), later, scores, MEASURES)
    assert trial.answer == YES
    assert trial.brier is not None
    assert trial.base_brier is not None
    assert trial.brier < trial.base_brier
    assert trial.health is not None
    assert trial.ranking is not None
    assert trial.health.auc < trial.ranking.auc
    assert read_trial(json.loads(json.dumps(trial.stored()))) == trial


def test_noise_does_not_separate_and_says_so():
    trial, _ = tried(cases(400, by_nothing), cases(400, by_nothing, seed=8), [None] * 400, MEASURES)
    assert trial.answer == NO
    assert "It does not separate" in trial.words


def test_a_year_that_turned_points_the_wrong_way():
    turned = cases(400, lambda use, tickets: -1 + 1.5 * use - 0.5 * tickets, seed=8)
    trial, _ = tried(cases(400, by_use), turned, [None] * 400, MEASURES)
    assert trial.answer == WRONG
    assert "wrong way" in trial.words


def test_weights_are_suggested_where_it_points_as_the_measure_does():
    found = learned(cases(2_000, by_use), MEASURES)
    assert found
    parts = shares(found, {"use": "up", "tickets": "up", "unheard": "up"})
    assert parts == {"use": 1.0, "tickets": 0.0, "unheard": 0.0}
    assert shares(found, {"tickets": "up"}) == {}
    both = shares(found, {"use": "up", "tickets": "down"})
    assert sum(both.values()) == pytest.approx(1)
    assert both["use"] > both["tickets"] > 0


def lives(group: str, n: int, months: float) -> list[Life]:
    """Exponential lives of a mean length, seen for 30 months."""
    drawn = np.random.default_rng(n).exponential(months, n).tolist()
    return [Life(group, min(each, 30.0), each < 30, 10 ** int(4 + at % 3))
            for at, each in enumerate(drawn)]  # fmt: skip


def test_survival_is_what_the_bowtie_counts():
    """The papers' example, by the library here and by our own rule there."""
    told = [(3, True), (5, False), (6, True), (6, False), (8, True), *[(12, False)] * 5]
    (group,) = survival([Life("all", months, left, 1) for months, left in told])
    points = {point.time: point.share for point in ours.curve(told)}
    assert group.curve[8] == pytest.approx(points[8]) == pytest.approx(0.65625)
    assert group.curve[5] == pytest.approx(0.9)
    assert (group.n, group.left, group.median_months) == (10, 3, None)
    assert [read.share is None for read in group.at] == [False, False, True, True]


def test_who_leaves_sooner_is_told_with_its_interval():
    told = [*lives("large", 200, 60), *lives("small", 150, 15), *lives("tiny", 4, 10)]
    found = hazards(told)
    assert found
    assert found.against == "large"
    ratio = {each.name: each for each in found.hazards}
    assert set(ratio) == {"ARR", "small"}
    assert ratio["small"].low < 4 < ratio["small"].high
    assert ratio["small"].low > 1
    assert ratio["ARR"].low < 1 < ratio["ARR"].high
    assert found.n == 350
    assert [group.name for group in survival(told)] == ["large", "small"]


def test_one_group_or_too_few_departures_are_not_set_beside_others():
    assert hazards(lives("large", 100, 20)) is None
    assert hazards([*lives("large", 100, 20), *lives("small", 3, 1)]) is None
    assert hazards([]) is None
    assert survival([]) == ()
