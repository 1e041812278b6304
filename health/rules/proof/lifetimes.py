"""How long accounts stay, by group: survival with its interval, and hazards beside one another.

Source: operating model, 11.4: from the day an account committed to the day it left, months; who
has not left is censored, and who left on the day another was censored left before.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log10

from health.rules.proof.verdict import LEAST_LOST

LEAST_LIVES = 10
LEAST_LEFT = 5  # of a group, for it to be set beside others
MONTH = 365.25 / 12
READ_AT = (6, 12, 24, 36)  # months
MOST_MONTHS = 60


@dataclass(frozen=True)
class Life:
    """months: from commit to the end or to today; arr_minor: what it began with."""

    group: str
    months: float
    has_left: bool
    arr_minor: int


@dataclass(frozen=True)
class Read:
    """The share still there after some months, and its 95% interval; None past the last life."""

    months: int
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Group:
    """A group's lives. curve: the share still there after each month, from 0, while any last."""

    name: str
    n: int
    left: int
    at: tuple[Read, ...]
    curve: tuple[float, ...]
    median_months: float | None


@dataclass(frozen=True)
class Hazard:
    """By what being this multiplies the rate of leaving, with its 95% interval."""

    name: str
    ratio: float
    low: float
    high: float


@dataclass(frozen=True)
class Hazards:
    """Groups beside `against`, at equal ARR at commit (tenfold). concordance: 0.5 is a coin."""

    against: str
    hazards: tuple[Hazard, ...]
    concordance: float
    n: int
    left: int


def survival(lives: Sequence[Life]) -> tuple[Group, ...]:
    """Kaplan-Meier for each group of at least ten, the largest first."""
    from lifelines import KaplanMeierFitter  # noqa: PLC0415 - heavy, for a job alone

    by_group: defaultdict[str, list[Life]] = defaultdict(list)
    for life in lives:
        by_group[life.group].append(life)
    found = []
    for name, members in by_group.items():
        if len(members) < LEAST_LIVES:
            continue
        fitted = KaplanMeierFitter().fit(
            [each.months for each in members], [each.has_left for each in members]
        )
        last = max(each.months for each in members)
        bounds = fitted.confidence_interval_survival_function_
        read = []
        for months in READ_AT:
            if months > last:
                read.append(Read(months, None, None, None))
                continue
            low, high = bounds[bounds.index <= months].iloc[-1]
            read.append(Read(months, float(fitted.predict(months)), float(low), float(high)))
        curve = [float(fitted.predict(at)) for at in range(min(int(last), MOST_MONTHS) + 1)]
        half = float(fitted.median_survival_time_)
        left = sum(each.has_left for each in members)
        found.append(
            Group(name, len(members), left, tuple(read), tuple(curve), half if half < 1e9 else None)
        )
    return tuple(sorted(found, key=lambda each: (-each.n, each.name)))


def hazards(lives: Sequence[Life]) -> Hazards | None:
    """Cox over groups of which at least five left; None under two groups or 10 left, or where it
    does not converge."""
    import pandas as pd  # noqa: PLC0415
    from lifelines import CoxPHFitter  # noqa: PLC0415
    from lifelines.exceptions import ConvergenceError  # noqa: PLC0415

    left: defaultdict[str, int] = defaultdict(int)
    count: defaultdict[str, int] = defaultdict(int)
    for life in lives:
        left[life.group] += life.has_left
        count[life.group] += 1
    names = sorted(
        (name for name in count if left[name] >= LEAST_LEFT), key=lambda name: (-count[name], name)
    )
    used = [each for each in lives if each.group in names and each.arr_minor > 0]
    if len(names) < 2 or sum(each.has_left for each in used) < LEAST_LOST:
        return None
    table = pd.DataFrame(
        {"months": [max(each.months, 1 / 30) for each in used],
         "left": [each.has_left for each in used],
         "ARR": [log10(each.arr_minor) for each in used]}
    )  # fmt: skip
    for number, name in enumerate(names[1:]):
        table[f"group {number}"] = [float(each.group == name) for each in used]
    if table["ARR"].std() < 1e-9:
        table = table.drop(columns="ARR")
    try:
        fitted = CoxPHFitter().fit(table, "months", "left")
    except ConvergenceError:
        return None  # groups that cannot be told from one another, or of which all left at once
    bounds = fitted.confidence_intervals_
    found = tuple(
        Hazard(
            str(key) if key == "ARR" else names[1 + int(str(key).split()[1])],
            exp(float(fitted.params_[key])),
            *(exp(float(each)) for each in bounds.loc[key]),
        )
        for key in fitted.params_.index
    )
    return Hazards(
        names[0], found, float(fitted.concordance_index_), len(used), int(table["left"].sum())
    )
