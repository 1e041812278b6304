"""What a verdict says, in a sentence that claims no more than its numbers."""

from health.rules.proof.ranking import Ranking
from health.rules.proof.verdict import LEAST_DECISIONS, LEAST_LOST, Verdict
from tenants.formats import plural, rate

YES, NO, WRONG, EARLY = "yes", "no", "wrong", "early"


def answer(verdict: Verdict) -> str:
    """Whether low scores came before losses; no where a coin does as well."""
    found = verdict.ranking
    if found is None:
        return EARLY
    if found.separates:
        return YES
    return WRONG if found.high < 0.5 else NO


def sentence(verdict: Verdict) -> str:
    """The answer with its numbers."""
    found, n = verdict.ranking, len(verdict.covered)
    if found is None:
        return (
            f"Too early to say: {plural(n, 'decision')} had a score {verdict.horizon} days before, "
            f"and {verdict.lost} of them were lost. It takes {LEAST_DECISIONS} and {LEAST_LOST}."
        )
    pairs = f"{rate(found.auc, 0)} of pairs, {interval(found)}"
    match answer(verdict):
        case "yes":
            return f"Yes: of an account that was lost and one that stayed, the lost one had the lower score in {pairs}."  # noqa: E501 - one sentence
        case "wrong":
            return f"It points the wrong way: the lost account had the lower score in only {pairs}."
        case _:
            return (
                "It does not separate: the lost account had the lower score in "
                f"{pairs}, and a coin would in 50%."
            )


def interval(found: Ranking) -> str:
    return f"95% interval {rate(found.low, 0)} to {rate(found.high, 0)}"
