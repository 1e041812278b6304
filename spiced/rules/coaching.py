"""A reviewed call: its score, what many reviews say of a person, and whether raters agree.

Source: the operating model, section 4.5.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations
from statistics import fmean

ITEMS = {
    "situation": "Situation",
    "pain": "Pain",
    "rational_impact": "Rational impact",
    "emotional_impact": "Emotional impact",
    "critical_event": "Critical event",
    "decision": "Decision",
}
BEHAVIOURS = {
    "opening": "Opened with appreciation, a time check and the end goal",
    "talk_share": "Spoke 40 to 60% of the words",
    "useful": "Gave the account something useful",
    "close": "Closed with a summary and a dated next step",
}
MOST = 3  # of an item
FOR_ITEMS, FOR_EACH = 80, 5  # points of 100
PASSED, CERTIFYING, IN_A_ROW = 70, 80, 3
AGREED = 10  # points by which two raters of a call may differ
LEAST_TALK, MOST_TALK = 0.4, 0.6


def total(items: Mapping[str, int], behaviours: Collection[str]) -> float:
    """0 to 100, unrounded: items ÷ 18 × 80, and 5 for each behaviour shown.

    items: 0 to 3 for every one of ITEMS. behaviours: those of BEHAVIOURS that were seen.
    ValueError for an item missing, unknown or out of range, and for an unknown behaviour.
    """
    if set(items) != set(ITEMS):
        raise ValueError(f"Score each of {', '.join(ITEMS)}.")
    if any(type(score) is not int or not 0 <= score <= MOST for score in items.values()):
        raise ValueError(f"A score is a whole number from 0 to {MOST}.")
    seen = set(behaviours)
    if not seen <= set(BEHAVIOURS):
        raise ValueError(f"A behaviour is one of {', '.join(BEHAVIOURS)}.")
    return points_of_items(items) + FOR_EACH * len(seen)


def points_of_items(items: Mapping[str, int]) -> float:
    """The part of the score that the items give, 0 to 80."""
    return sum(items.values()) / (MOST * len(ITEMS)) * FOR_ITEMS


def is_balanced(talk_share: float | None) -> bool:
    """Whether we spoke neither too much nor too little (0.0 to 1.0)."""
    return talk_share is not None and LEAST_TALK <= talk_share <= MOST_TALK


def is_certified(scores: Sequence[float]) -> bool:
    """Whether the newest calls in a row scored well. scores: of calls, the newest first."""
    newest = scores[:IN_A_ROW]
    return len(newest) == IN_A_ROW and min(newest) >= CERTIFYING


def weakest(items: Iterable[Mapping[str, int]]) -> tuple[str, float] | None:
    """The item with the lowest mean (0 to 3), the first of equals; None without a review."""
    given = list(items)
    if not given:
        return None
    means = {key: fmean(each[key] for each in given) for key in ITEMS}
    lowest = min(means, key=lambda key: means[key])
    return lowest, means[lowest]


def disagreement(calls: Iterable[Sequence[float]]) -> tuple[int, float | None]:
    """(calls scored by two or more raters, mean absolute difference between pairs of them).

    calls: the scores that the raters of each call gave.
    """
    shared = [scores for scores in calls if len(scores) > 1]
    apart = [abs(one - other) for scores in shared for one, other in combinations(scores, 2)]
    return len(shared), fmean(apart) if apart else None
