"""What contracts say about recurring revenue: its height on a day, and each move from day to day.

ARR on a day is the sum of the contracts that run that day. A move is new, expansion, contraction,
churn, restore or reactivation: one product ending while others stay is contraction, churn means
that nothing is left (operating model, section 2). All of it is in the tenant's currency: what a
contract in another is worth is converted at the rate of the fiscal year, and what a new year's rate
does to what runs is a move of its own kind, fx, made before any other of that day.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from accounts.rules.rates import Conversion

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Term:
    """A contract as the ledger sees it. It counts from its start to the day before its end.

    arr_minor: what it is worth a year now. changes: (day, by how much) it changed while it ran.
    Both in its own money; conversion: to the tenant's, None where it is the same.
    """

    contract_id: UUID
    starts_on: date
    ends_on: date | None
    arr_minor: int
    changes: tuple[tuple[date, int], ...] = ()
    conversion: Conversion | None = None

    def own_on(self, day: date) -> int:
        """Its ARR on a day in its own money; 0 before it starts and from its end on."""
        if day < self.starts_on or (self.ends_on is not None and day >= self.ends_on):
            return 0
        return self.arr_minor - sum(delta for since, delta in self.changes if since > day)

    def arr_on(self, day: date, rated_on: date | None = None) -> int:
        """Its ARR on a day, at the rate of that day or of another one. Raises NoRate."""
        own = self.own_on(day)
        return self.conversion.minor(own, rated_on or day) if own and self.conversion else own

    def lacks_rate(self, day: date) -> bool:
        """Whether it is of another currency and there is no rate for the year of a day."""
        return self.conversion is not None and not self.conversion.has(day)

    @property
    def turning_days(self) -> set[date]:
        """The days on which its ARR may become another."""
        days = {self.starts_on, *(day for day, _ in self.changes if day > self.starts_on)}
        if self.conversion:
            days.update(self.conversion.turns(self.starts_on, self.ends_on))
        return days | {self.ends_on} if self.ends_on else days


@dataclass(frozen=True)
class Movement:
    """One move of an account's ARR. contract_id: the one behind it, where it is a single one."""

    effective_on: date
    kind: str
    amount_minor: int
    contract_id: UUID | None = None


def arr_on(terms: Iterable[Term], day: date, rated_on: date | None = None) -> int:
    """The sum of what runs on a day, at the rates of that day or of another one."""
    return sum(term.arr_on(day, rated_on) for term in terms)


def movements(
    terms: Sequence[Term], *, until: date, restored_within: Callable[[date], int]
) -> list[Movement]:
    """Every move of one account's ARR up to a day, in order. What lies ahead has not happened.

    restored_within: in how many days a return on a day cancels the loss before it.
    """
    found: list[Movement] = []
    arr, ever, lost_on, lost = 0, False, None, 0
    is_rated = any(term.conversion for term in terms)
    for day, contracts in _turning_days(terms, until):
        contract_id = next(iter(contracts)) if len(contracts) == 1 else None
        rated = arr_on(terms, day - DAY, day) if is_rated else arr
        if rated != arr:
            found.append(Movement(day, "fx", rated - arr, contract_id))
        before, arr = rated, arr_on(terms, day)
        lost_now = _lost_now(terms, lost_on, day) if is_rated and lost_on else lost
        is_soon = lost_on is not None and (day - lost_on).days <= restored_within(day)
        for kind, amount in _moves(before, arr, ever, is_soon, lost, lost_now):
            found.append(Movement(day, kind, amount, contract_id))
        if arr == 0 and before > 0:
            lost_on, lost = day, before
        ever = ever or arr > 0
    return found


def _turning_days(terms: Sequence[Term], until: date) -> list[tuple[date, set[UUID]]]:
    days: defaultdict[date, set[UUID]] = defaultdict(set)
    for term in terms:
        for day in term.turning_days:
            if day <= until:
                days[day].add(term.contract_id)
    return sorted(days.items())


def _lost_now(terms: Iterable[Term], lost_on: date, day: date) -> int:
    """What ended on a day, at the rates of a later one; at those it ended with where none is."""
    return sum(
        term.arr_on(lost_on - DAY, lost_on if term.lacks_rate(day) else day) for term in terms
    )


def _moves(
    before: int, after: int, ever: bool, is_soon: bool, lost: int, lost_now: int
) -> list[tuple[str, int]]:
    """The moves of one day. A return in time cancels the loss; the rest is a move of its own.

    is_soon: in time. lost_now: what was lost, at the rates of the day of the return.
    """
    if after == before:
        return []
    if before > 0:
        if after == 0:
            return [("churn", -before)]
        return [("expansion" if after > before else "contraction", after - before)]
    if not ever:
        return [("new", after)]
    if is_soon:
        rest = "expansion" if after > lost_now else "contraction"
        moves = [("restore", lost), ("fx", lost_now - lost), (rest, after - lost_now)]
        return [move for move in moves if move[1]]
    return [("reactivation", after)]


@dataclass(frozen=True)
class Standing:
    """What an account's contracts come to today."""

    arr_minor: int = 0
    customer_since: date | None = None
    renews_on: date | None = None


@dataclass(frozen=True)
class Agreement:
    """A contract with what decides when it is next up for renewal."""

    term: Term
    product_id: UUID | None = None
    next_end: date | None = None


def standing(agreements: Sequence[Agreement], moves: Iterable[Movement], today: date) -> Standing:
    """ARR today, customer since the first day there was any, the next renewal not yet signed."""
    ends = [
        item.next_end
        for item in agreements
        if item.next_end and item.next_end > today and not _is_signed(item, agreements)
    ]
    first = next((move.effective_on for move in moves if move.amount_minor > 0), None)
    arr = arr_on((item.term for item in agreements), today)
    return Standing(arr, first, min(ends, default=None))


def _is_signed(item: Agreement, agreements: Sequence[Agreement]) -> bool:
    """Whether a contract for the same product takes over where this one ends."""
    end = item.next_end
    return end is not None and any(
        other.product_id == item.product_id
        and other.term.contract_id != item.term.contract_id
        and item.term.starts_on < other.term.starts_on <= end
        and (other.next_end is None or other.next_end > end)
        for other in agreements
    )


Recorded = Mapping[tuple[date, str], int]


def corrections(wanted: Iterable[Movement], recorded: Recorded) -> list[Movement]:
    """The entries that bring the ledger to what it should say; it is only ever added to."""
    totals: defaultdict[tuple[date, str], int] = defaultdict(int)
    contracts: dict[tuple[date, str], UUID | None] = {}
    for move in wanted:
        totals[move.effective_on, move.kind] += move.amount_minor
        contracts[move.effective_on, move.kind] = move.contract_id
    found = []
    for place in sorted(totals.keys() | recorded.keys()):
        if difference := totals[place] - recorded.get(place, 0):
            day, kind = place
            found.append(Movement(day, kind, difference, contracts.get(place)))
    return found
