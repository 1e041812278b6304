"""Retention from the ARR ledger (operating model, 10.1): exact in minor units.

GRR keeps the smaller of start and end of each account, NRR keeps the end (snapshot method).
Accounts that were new in the window are no part of the cohort; one that left and came back after
more than the days of a restore counts as lost, for the return is a reactivation.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Window:
    """An account's ARR at both ends of a window, and the sums of its movements in between.

    Money in minor units; movements by kind, signed.
    """

    start: int
    end: int
    movements: Mapping[str, int]

    @property
    def kept(self) -> int:
        """What the cohort holds of it at the end: nothing once it left and was won again."""
        return 0 if self.movements.get("reactivation", 0) > 0 else max(0, self.end)

    @property
    def lost(self) -> int:
        """Contraction and churn as a positive sum; a restore cancels the churn it follows."""
        left = self.movements.get("churn", 0) + self.movements.get("restore", 0)
        return -self.movements.get("contraction", 0) - min(0, left)


LOW_N = 30  # with fewer, a rate is marked (operating model, section 1)
GAINS = ("new", "expansion", "reactivation")


@dataclass(frozen=True)
class Retention:
    """Retention of a cohort; rates None where the cohort is empty.

    n, stayed: accounts at the start, and of these at the end. quick_ratio: None without losses.
    """

    n: int
    stayed: int
    base: int
    opening: int
    closing: int
    grr: float | None
    nrr: float | None
    logo: float | None
    grr_movement: float | None
    nrr_movement: float | None
    quick_ratio: float | None
    movements: Mapping[str, int]

    @property
    def reconciles(self) -> bool:
        """Whether opening and movements make the closing, to the cent."""
        return self.opening + sum(self.movements.values()) == self.closing

    @property
    def is_low_n(self) -> bool:
        return self.n < LOW_N


def retention(windows: Iterable[Window]) -> Retention:
    """GRR, NRR and logo retention of the accounts with ARR at the start of the window.

    opening, movements and closing cover every account, so that they reconcile with the ledger.
    The quick ratio does too: gains ÷ losses (operating model, 10.3). By movements, each entry
    of the cohort counts, so that an account that shrinks and grows again has a loss in GRR.
    """
    everything = list(windows)
    cohort = [each for each in everything if each.start > 0]
    base = sum(each.start for each in cohort)
    kinds: dict[str, int] = {}
    for each in everything:
        for kind, amount in each.movements.items():
            kinds[kind] = kinds.get(kind, 0) + amount
    stayed = sum(each.kept > 0 for each in cohort)
    return Retention(
        n=len(cohort),
        stayed=stayed,
        base=base,
        opening=sum(each.start for each in everything),
        closing=sum(each.end for each in everything),
        grr=_share(sum(min(each.start, each.kept) for each in cohort), base),
        nrr=_share(sum(each.kept for each in cohort), base),
        logo=_share(stayed, len(cohort)),
        grr_movement=_share(base - sum(each.lost for each in cohort), base),
        nrr_movement=_share(sum(_end_by_movements(each) for each in cohort), base),
        quick_ratio=_share(
            sum(kinds.get(kind, 0) for kind in GAINS), sum(each.lost for each in everything)
        ),
        movements=kinds,
    )


def _end_by_movements(window: Window) -> int:
    outside = ("new", "reactivation")
    return window.start + sum(n for kind, n in window.movements.items() if kind not in outside)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole > 0 else None
