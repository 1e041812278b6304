"""A churn model on trial: learned from decisions of before, tried on those of the year since."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from health.rules.proof.churn_model import Case, Regression, brier, is_enough, learned
from health.rules.proof.ranking import Ranking, ranking
from tenants.formats import plural, rate

YES, NO, WRONG, EARLY = "yes", "no", "wrong", "early"


@dataclass(frozen=True)
class Trial:
    """How chances did that were foretold of later decisions.

    ranking: of the chances, and health: of the score where it spoke of the same decisions; None
    where too few. brier, base_brier: the mean squared error of the chances, and of foretelling
    everybody the share that was lost before. learned_from, learned_lost: what taught it.
    """

    ranking: Ranking | None
    health: Ranking | None
    n: int
    lost: int
    brier: float | None
    base_brier: float | None
    learned_from: int
    learned_lost: int

    @property
    def answer(self) -> str:
        """Whether higher chances came before losses; no where a coin does as well."""
        if self.ranking is None:
            return EARLY
        if self.ranking.separates:
            return YES
        return WRONG if self.ranking.high < 0.5 else NO

    @property
    def words(self) -> str:
        """The answer with its numbers."""
        found = self.ranking
        if found is None:
            return (
                "Too early to say: a churn model takes 30 decisions of which 10 were lost, both "
                "before the last year and in it. There are "
                f"{plural(self.learned_from, 'decision')} with {self.learned_lost} lost before, "
                f"and {plural(self.n, 'decision')} with {self.lost} lost since."
            )
        pairs = (
            f"in {rate(found.auc, 0)} of pairs, 95% interval {rate(found.low, 0)} to "
            f"{rate(found.high, 0)}"
        )
        match self.answer:
            case "yes":
                return (
                    "It separates: of an account that was lost in the last year and one that "
                    f"stayed, the lost one had been foretold the higher chance {pairs}."
                )
            case "wrong":
                return (
                    "It points the wrong way: what went before losses once did not in the last "
                    f"year. The lost account had been foretold the higher chance only {pairs}."
                )
            case _:
                return (
                    "It does not separate: the lost account had been foretold the higher chance "
                    f"{pairs}, and a coin would in 50%. No chances are shown."
                )

    def stored(self) -> dict[str, Any]:
        return asdict(self)


def read_trial(body: Mapping[str, Any]) -> Trial:
    """What `stored` gave."""
    rankings = {key: body[key] and Ranking(**body[key]) for key in ("ranking", "health")}
    return Trial(**{**body, **rankings})


def tried(
    earlier: Sequence[Case],
    later: Sequence[Case],
    scores: Sequence[float | None],
    measures: Iterable[str],
) -> tuple[Trial, Regression | None]:
    """Learn from earlier cases, foretell the later ones; scores: of health, for these.

    The regression is what it learned, or None where either part is too small.
    """
    counts = {
        "n": len(later),
        "lost": sum(case.is_lost for case in later),
        "learned_from": len(earlier),
        "learned_lost": sum(case.is_lost for case in earlier),
    }
    regression = learned(earlier, measures) if is_enough(later) else None
    if regression is None:
        return Trial(None, None, brier=None, base_brier=None, **counts), None
    lost = [case.is_lost for case in later]
    chances = [regression.chance(case.values) for case in later]
    base = counts["learned_lost"] / counts["learned_from"]
    scored = [(score, case) for score, case in zip(scores, later, strict=True) if score is not None]
    health = None
    if is_enough([case for _, case in scored]):
        health = ranking([score for score, _ in scored], [case.is_lost for _, case in scored])
    trial = Trial(
        ranking([1 - each for each in chances], lost),
        health,
        brier=brier(chances, lost),
        base_brier=brier([base] * len(lost), lost),
        **counts,
    )
    return trial, regression
