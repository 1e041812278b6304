"""Retention from the ARR ledger (operating model, 10.1): exact in minor units.

GRR keeps the smaller of start and end of each account, NRR keeps the end (snapshot method).
Accounts that were new in the window are no part of the cohort; one that left and came back after
more than the days of a restore counts as lost, for the return is a reactivation. What a new year's
rates did to ARR is no movement of the account: it is left out of every rate, and stands in what
opens and closes alone.
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
    def stays(self) -> bool:
        """Whether the cohort still has it at the end: not once it left, even if won again."""
        return self.end > 0 and self.movements.get("reactivation", 0) <= 0

    @property
    def fx(self) -> int:
        """What rates did to what is still there; nothing is where all of it left."""
        return self.movements.get("fx", 0) if self.end > 0 else 0

    @property
    def kept(self) -> int:
        """What the cohort holds of it at the end, rates aside."""
        return max(0, self.end - self.fx) if self.stays else 0

    @property
    def lost(self) -> int:
        """Contraction and churn as a positive sum; a restore cancels the churn it follows.

        What rates did to an account before it left went with it, and is no loss of its own.
        """
        left = self.movements.get("churn", 0) + self.movements.get("restore", 0)
        gone = self.movements.get("fx", 0) - self.fx
        return -self.movements.get("contraction", 0) - min(0, left + gone)

    @property
    def ended(self) -> int:
        """What it comes to by its own movements, rates and those that won it aside."""
        won = sum(self.movements.get(kind, 0) for kind in OUTSIDE)
        return self.end - won - self.fx


LOW_N = 30  # with fewer, a rate is marked (operating model, section 1)
KINDS = ("new", "reactivation", "restore", "expansion", "contraction", "churn", "adjustment", "fx")
GAINS = ("new", "expansion", "reactivation")
OUTSIDE = ("new", "reactivation")  # what a cohort never gains from


@dataclass(frozen=True)
class Retention:
    """Retention of a cohort: sums in minor units, and the rates they make, None without a base.

    accounts: all with an entry up to the end. n, stayed: those with ARR at the start, and of these
    at the end. base, kept, least: what this cohort had at the start, has at the end, and has of
    what it had. lost, ended: the same by movements. opening, movements, closing, losses: of all
    accounts, so that they reconcile with the ledger.
    """

    movements: Mapping[str, int]
    accounts: int
    n: int
    stayed: int
    base: int
    kept: int
    least: int
    lost: int
    ended: int
    opening: int
    closing: int
    losses: int

    @property
    def grr(self) -> float | None:
        return _share(self.least, self.base)

    @property
    def nrr(self) -> float | None:
        return _share(self.kept, self.base)

    @property
    def logo(self) -> float | None:
        return _share(self.stayed, self.n)

    @property
    def grr_movement(self) -> float | None:
        """Each entry counts, so that an account that shrinks and grows again has a loss."""
        return _share(self.base - self.lost, self.base)

    @property
    def nrr_movement(self) -> float | None:
        return _share(self.ended, self.base)

    @property
    def quick_ratio(self) -> float | None:
        """Gains ÷ losses of all accounts (operating model, 10.3); None without losses."""
        return _share(sum(self.movements.get(kind, 0) for kind in GAINS), self.losses)

    @property
    def reconciles(self) -> bool:
        """Whether opening and movements make the closing, to the cent."""
        return self.opening + sum(self.movements.values()) == self.closing

    @property
    def is_low_n(self) -> bool:
        return self.n < LOW_N


def retention(windows: Iterable[Window]) -> Retention:
    """GRR, NRR and logo retention of the accounts with ARR at the start of the window.

    `bowtie.queries.ledger.rollup` adds the same up where the entries are.
    """
    everything = list(windows)
    cohort = [each for each in everything if each.start > 0]
    kinds: dict[str, int] = {}
    for each in everything:
        for kind, amount in each.movements.items():
            kinds[kind] = kinds.get(kind, 0) + amount
    return Retention(
        accounts=len(everything),
        n=len(cohort),
        stayed=sum(each.stays for each in cohort),
        base=sum(each.start for each in cohort),
        kept=sum(each.kept for each in cohort),
        least=sum(min(each.start, each.kept) for each in cohort),
        lost=sum(each.lost for each in cohort),
        ended=sum(each.ended for each in cohort),
        opening=sum(each.start for each in everything),
        closing=sum(each.end for each in everything),
        losses=sum(each.lost for each in everything),
        movements=kinds,
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole > 0 else None
