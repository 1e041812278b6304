"""The cohort matrix: what is left of each quarter's new ARR, month by month (10.3)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Step:
    """What moved in a quarter's cohort at an age: ARR in minor units and accounts, signed."""

    quarter: date
    age: int
    arr_minor: int
    accounts: int


@dataclass(frozen=True)
class Cohort:
    """The accounts won in a quarter. Shares by age in months; None where not all are that old."""

    quarter: date
    n: int
    arr_minor: int
    arr: tuple[float | None, ...]
    logos: tuple[float | None, ...]

    @property
    def label(self) -> str:
        return f"{self.quarter.year} Q{(self.quarter.month + 2) // 3}"


def matrix(steps: Iterable[Step], full_ages: dict[date, int], months: int) -> list[Cohort]:
    """One row for each quarter that won ARR, oldest first.

    full_ages: whole months that the youngest account of a quarter has behind it.
    """
    moved: defaultdict[date, dict[int, tuple[int, int]]] = defaultdict(dict)
    for step in steps:
        moved[step.quarter][step.age] = step.arr_minor, step.accounts
    found = []
    for quarter, ages in sorted(moved.items()):
        first_arr, n = ages.get(0, (0, 0))
        if first_arr <= 0 or n <= 0:
            continue
        arr = accounts = 0
        shares: list[tuple[float | None, float | None]] = []
        for age in range(months + 1):
            delta, came = ages.get(age, (0, 0))
            arr, accounts = arr + delta, accounts + came
            is_full = age <= full_ages[quarter]
            shares.append((arr / first_arr, accounts / n) if is_full else (None, None))
        arr_shares, logo_shares = zip(*shares, strict=True)
        found.append(Cohort(quarter, n, first_arr, arr_shares, logo_shares))
    return found
