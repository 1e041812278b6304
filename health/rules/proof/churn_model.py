"""The chance that the next decision is lost, from measures alone: a logistic regression.

A case is a decision with what was stored of its account 90 days before. Measures are cut at their
5th and 95th percentile and counted in standard deviations; one that is not known counts as the
mean. How strongly coefficients are held towards zero is chosen on folds that share no account, and
what those folds foretold makes the chance an honest one (Platt). Source: operating model, 11.2,
rule 4, and 11.3.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import exp, sqrt
from typing import Any

from health.rules.proof.verdict import LEAST_DECISIONS, LEAST_LOST

LEAST_KNOWN = 0.5  # of cases, for a measure to take part
CUT = (5, 95)  # percentiles
FOLDS = 5
HOLDS = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)  # inverse strength of what holds coefficients at zero
SEED = 20_110_903

Values = Mapping[str, float | None]


@dataclass(frozen=True)
class Case:
    """A settled decision. values: by measure, 90 days before; group: the account."""

    group: str
    values: Values
    is_lost: bool


@dataclass(frozen=True)
class Term:
    """What a measure adds: weight in log odds for each standard deviation above the mean.

    low, high: where its values are cut. known: of how many cases it was known.
    """

    measure: str
    mean: float
    deviation: float
    low: float
    high: float
    weight: float
    known: int

    def steps(self, value: float | None) -> float:
        """How many standard deviations above the mean; none where it is not known."""
        if value is None:
            return 0.0
        return (min(max(value, self.low), self.high) - self.mean) / self.deviation

    @property
    def odds(self) -> float:
        """By what a standard deviation in the worse direction multiplies the odds of loss."""
        return exp(abs(self.weight))


@dataclass(frozen=True)
class Regression:
    """Log odds = intercept + sum of terms; what folds taught of both is in them.

    n, lost: of the cases it was learned from. hold: what holds coefficients, the smaller the more.
    """

    terms: tuple[Term, ...]
    intercept: float
    hold: float
    n: int
    lost: int

    def chance(self, values: Values) -> float:
        """0 to 1, that the decision 90 days on is lost."""
        told = self.intercept + sum(
            term.weight * term.steps(values.get(term.measure)) for term in self.terms
        )
        return _logistic(told)

    def because(self, values: Values) -> list[tuple[Term, float]]:
        """What speaks for a loss here, in log odds, the strongest first."""
        parts = [(term, term.weight * term.steps(values.get(term.measure)))
                 for term in self.terms]  # fmt: skip
        return sorted((each for each in parts if each[1] > 0), key=lambda each: -each[1])

    def stored(self) -> dict[str, Any]:
        return asdict(self)


def read_regression(body: Mapping[str, Any]) -> Regression:
    """What `stored` gave."""
    return Regression(**{**body, "terms": tuple(Term(**each) for each in body["terms"])})


def is_enough(cases: Sequence[Case]) -> bool:
    """Whether anything may be learned from, or said of, these: ten were lost, and ten stayed."""
    lost = sum(case.is_lost for case in cases)
    return len(cases) >= LEAST_DECISIONS and LEAST_LOST <= lost <= len(cases) - LEAST_LOST


def learned(cases: Sequence[Case], measures: Iterable[str]) -> Regression | None:
    """Learn from cases; None where they are too few, or no measure of them varies."""
    # fmt: off
    import numpy as np  # noqa: PLC0415
    from sklearn.calibration import CalibratedClassifierCV  # noqa: PLC0415 - 90 MB, for a job alone
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
    from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold  # noqa: PLC0415
    # fmt: on

    if not is_enough(cases):
        return None
    terms = [term for key in measures if (term := _term(key, cases)) is not None]
    if not terms:
        return None
    steps = np.array([[term.steps(case.values.get(term.measure)) for term in terms]
                      for case in cases])  # fmt: skip
    lost = np.array([case.is_lost for case in cases], dtype=int)
    groups = [case.group for case in cases]
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED)
    splits = [
        (fit, test)
        for fit, test in folds.split(steps, lost, groups)
        if all(0 < lost[part].sum() < len(part) for part in (fit, test))
    ]
    if len(splits) < 2:
        return None  # all that were lost are of one account: nothing to hold it to
    search = GridSearchCV(
        LogisticRegression(max_iter=1_000), {"C": list(HOLDS)}, scoring="neg_log_loss", cv=splits
    )
    search.fit(steps, lost)
    chosen = CalibratedClassifierCV(search.best_estimator_, cv=splits, ensemble=False)
    chosen.fit(steps, lost)
    (only,) = chosen.calibrated_classifiers_
    weights, (platt,) = only.estimator.coef_[0], only.calibrators
    stretch, move = float(-platt.a_), float(-platt.b_)
    return Regression(
        tuple(
            Term(**{**asdict(term), "weight": stretch * float(weight)})
            for term, weight in zip(terms, weights, strict=True)
        ),
        stretch * float(only.estimator.intercept_[0]) + move,
        float(search.best_params_["C"]),
        len(cases),
        int(lost.sum()),
    )


def _term(measure: str, cases: Sequence[Case]) -> Term | None:
    """A measure's middle and spread; None where it is too seldom known or always the same."""
    import numpy as np  # noqa: PLC0415

    known = [value for case in cases if (value := case.values.get(measure)) is not None]
    if len(known) < LEAST_KNOWN * len(cases):
        return None
    low, high = (float(each) for each in np.percentile(known, CUT))
    kept = np.clip(known, low, high)
    deviation = float(kept.std())
    if deviation <= 1e-9 * max(1.0, abs(high)):
        return None
    return Term(measure, float(kept.mean()), deviation, low, high, 0.0, len(known))


def brier(chances: Sequence[float], lost: Sequence[bool]) -> float:
    """The mean squared error of chances. Raises ZeroDivisionError of none."""
    return sum((p - y) ** 2 for p, y in zip(chances, lost, strict=True)) / len(chances)


def _logistic(told: float) -> float:
    if told < 0:
        return exp(told) / (1 + exp(told))
    return 1 / (1 + exp(-told))


def shares(model: Regression, directions: Mapping[str, str]) -> dict[str, float]:
    """How the weight of a score would fall on its measures, 0 to 1, by what was learned.

    directions: of the measures the score reads, up where more is better. One that pointed the
    other way, or told nothing, gets none. Empty where none told anything.
    """
    weights = {term.measure: term.weight for term in model.terms}
    told = {
        key: max(0.0, -weights.get(key, 0.0) if way == "up" else weights.get(key, 0.0))
        for key, way in directions.items()
    }
    whole = sum(told.values())
    return {key: each / whole for key, each in told.items()} if whole > sqrt(1e-12) else {}
