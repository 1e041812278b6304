"""What contracts say about recurring revenue: its height on a day, and each move from day to day.

ARR on a day is the sum of the contracts that run that day. A move is new, expansion, contraction,
churn, restore or reactivation: one product ending while others stay is contraction, churn means
that nothing is left (operating model, section 2).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

RESTORED_WITHIN_DAYS = 90


@dataclass(frozen=True)
class Term:
    """A contract as the ledger sees it. It counts from its start to the day before its end.

    arr_minor: what it is worth a year now. changes: (day, by how much) it changed while it ran.
    """

    contract_id: UUID
    starts_on: date
    ends_on: date | None
    arr_minor: int
    changes: tuple[tuple[date, int], ...] = ()

    def arr_on(self, day: date) -> int:
        """Its ARR on a day; 0 before it starts and from its end on."""
        if day < self.starts_on or (self.ends_on is not None and day >= self.ends_on):
            return 0
        return self.arr_minor - sum(delta for since, delta in self.changes if since > day)

    @property
    def turning_days(self) -> set[date]:
        """The days on which its ARR may become another."""
        days = {self.starts_on, *(day for day, _ in self.changes if day > self.starts_on)}
        return days | {self.ends_on} if self.ends_on else days


@dataclass(frozen=True)
class Movement:
    """One move of an account's ARR. contract_id: the one behind it, where it is a single one."""

    effective_on: date
    kind: str
    amount_minor: int
    contract_id: UUID | None = None


def arr_on(terms: Iterable[Term], day: date) -> int:
    """The sum of what runs on a day."""
    return sum(term.arr_on(day) for term in terms)


def movements(terms: Sequence[Term], *, until: date) -> list[Movement]:
    """Every move of one account's ARR up to a day, in order. What lies ahead has not happened."""
    found: list[Movement] = []
    arr, ever, lost_on, lost = 0, False, None, 0
    for day, contracts in _turning_days(terms, until):
        before, arr = arr, arr_on(terms, day)
        contract_id = next(iter(contracts)) if len(contracts) == 1 else None
        for kind, amount in _moves(before, arr, ever, _days(lost_on, day), lost):
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


def _days(since: date | None, day: date) -> int | None:
    return (day - since).days if since else None


def _moves(
    before: int, after: int, ever: bool, days_away: int | None, lost: int
) -> list[tuple[str, int]]:
    """The moves of one day. A return in time cancels the loss; the rest is a move of its own."""
    if after == before:
        return []
    if before > 0:
        if after == 0:
            return [("churn", -before)]
        return [("expansion" if after > before else "contraction", after - before)]
    if not ever:
        return [("new", after)]
    if days_away is not None and days_away <= RESTORED_WITHIN_DAYS:
        rest = [("expansion" if after > lost else "contraction", after - lost)]
        return [("restore", lost), *(rest if after != lost else [])]
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
