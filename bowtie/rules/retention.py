"""Retention from the ARR ledger (operating model, 10.1): exact in minor units.

GRR keeps the smaller of start and end of each account, NRR keeps the end (snapshot method).
Accounts that were new in the window, or came back in it, are no part of the cohort.
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


@dataclass(frozen=True)
class Retention:
    """Retention of a cohort; rates None where the cohort is empty."""

    n: int
    kept: int
    opening: int
    closing: int
    grr: float | None
    nrr: float | None
    logo: float | None
    grr_movement: float | None
    movements: Mapping[str, int]

    @property
    def reconciles(self) -> bool:
        """Whether opening and movements make the closing, to the cent."""
        return self.opening + sum(self.movements.values()) == self.closing


LOSSES = ("contraction", "churn")


def retention(windows: Iterable[Window]) -> Retention:
    """GRR, NRR and logo retention of the accounts with ARR at the start of the window.

    opening, movements and closing cover every account, so that they reconcile with the ledger.
    """
    everything = list(windows)
    cohort = [each for each in everything if each.start > 0]
    base = sum(each.start for each in cohort)
    kinds: dict[str, int] = {}
    for each in everything:
        for kind, amount in each.movements.items():
            kinds[kind] = kinds.get(kind, 0) + amount
    lost = sum(each.movements.get(kind, 0) for each in cohort for kind in LOSSES)
    return Retention(
        n=len(cohort),
        kept=sum(each.end > 0 for each in cohort),
        opening=sum(each.start for each in everything),
        closing=sum(each.end for each in everything),
        grr=sum(min(each.start, each.end) for each in cohort) / base if base else None,
        nrr=sum(each.end for each in cohort) / base if base else None,
        logo=sum(each.end > 0 for each in cohort) / len(cohort) if cohort else None,
        grr_movement=(base + lost) / base if base else None,
        movements=kinds,
    )
