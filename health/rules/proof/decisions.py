"""Decisions of accounts to stay or to go, read from the ARR ledger and the terms of contracts.

Source: operating model, 11.1. A term that ends is a decision; where no term runs, each quarter is
one; and so is a departure, whenever it comes.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import accumulate
from uuid import UUID

WINDOW = timedelta(days=365)
GRACE = timedelta(days=60)  # a renewal that is later counts as lost (operating model, 10.2)
NOTICE = timedelta(days=365)  # how long before the end a notice may be of that end
CONTRACTION = 0.2


class Outcome(StrEnum):
    """What came of a decision; open while it may still be either."""

    RENEWED = "renewed"
    CONTRACTED = "contracted"
    CHURNED = "churned"
    OPEN = "open"


@dataclass(frozen=True)
class Decision:
    """One decision. Minor units of the reporting currency: ARR on its eve, and after its grace."""

    account_id: UUID
    name: str
    decided_on: date
    due_on: date
    before_minor: int
    after_minor: int
    outcome: Outcome

    @property
    def is_lost(self) -> bool:
        """Left, or contracted by a fifth or more."""
        return self.outcome in (Outcome.CHURNED, Outcome.CONTRACTED)

    @property
    def lost_minor(self) -> int:
        return max(0, self.before_minor - self.after_minor)


@dataclass(frozen=True)
class History:
    """What is known of an account.

    moves: of ARR, by day; terms: from, to; ends: where terms end; notices: days of them. rated:
    of the moves, what exchange rates did; it is no decision of the account.
    """

    account_id: UUID
    name: str
    moves: Sequence[tuple[date, int]]
    terms: Sequence[tuple[date, date]]
    ends: Sequence[date]
    notices: Sequence[date]
    rated: Sequence[tuple[date, int]] = ()


def decisions(history: History, since: date, until: date) -> list[Decision]:
    """Those decided after `since` and by `until`, as known at the end of that day, oldest first."""
    balance = _Balance(history.moves, history.rated)
    found = [
        *_renewals(history, balance, until),
        *_departures(history, balance, until),
        *_quarters(history, balance, since, until),
    ]
    kept = [each for each in found if since < each.decided_on <= until]
    return sorted(kept, key=lambda each: (each.decided_on, each.due_on))


class _Balance:
    """ARR after any day, by the ledger."""

    def __init__(
        self, moves: Sequence[tuple[date, int]], rated: Sequence[tuple[date, int]] = ()
    ) -> None:
        ordered = sorted(moves)
        self.days = [day for day, _ in ordered]
        self.sums = list(accumulate((amount for _, amount in ordered), initial=0))
        self.rates = _Balance(rated) if rated else None

    def after(self, day: date) -> int:
        return self.sums[bisect_right(self.days, day)]

    def left(self, day: date, since: date) -> int:
        """ARR after a day at the rates of the eve of an earlier one; none where all is gone."""
        arr = self.after(day)
        if arr <= 0 or self.rates is None:
            return arr
        return arr - (self.rates.after(day) - self.rates.before(since))

    def before(self, day: date) -> int:
        return self.after(day - timedelta(days=1))

    def departures(self) -> Iterator[date]:
        """The days on which nothing was left of what there was."""
        for day in sorted(set(self.days)):
            if self.before(day) > 0 >= self.after(day):
                yield day


def _renewals(history: History, balance: _Balance, until: date) -> Iterator[Decision]:
    for due_on in sorted(set(history.ends)):
        decided_on = _noticed(history, due_on)
        before = balance.before(min(due_on, until + timedelta(days=1)))
        if decided_on <= until and before > 0:
            yield _decision(history, balance, decided_on, due_on, before, until)


def _departures(history: History, balance: _Balance, until: date) -> Iterator[Decision]:
    """Whoever went in the middle of a term, or without one, and did not come back in the grace."""
    for day in balance.departures():
        is_renewal = any(end <= day <= end + GRACE for end in history.ends)
        came_back = balance.after(min(day + GRACE, until)) > 0
        if not is_renewal and not came_back and day <= until:
            before = balance.before(day)
            yield _decision(history, balance, _noticed(history, day), day, before, until)


def _quarters(history: History, balance: _Balance, since: date, until: date) -> Iterator[Decision]:
    """Each quarter that an account without a running term came through."""
    for first, last in quarters(since, until):
        before = balance.before(first)
        runs = any(start <= first < end for start, end in history.terms)
        ends = any(first <= end <= last for end in history.ends)
        if before > 0 and not runs and not ends and balance.after(last) > 0:
            after = balance.left(last, first)
            yield Decision(
                history.account_id, history.name, last, last, before, after, _stayed(before, after)
            )


def quarters(since: date, until: date) -> Iterator[tuple[date, date]]:
    """First and last days of the quarters that end after `since` and by `until`."""
    first = date(since.year, (since.month - 1) // 3 * 3 + 1, 1)
    while True:
        months = first.year * 12 + first.month + 2
        following = date(months // 12, months % 12 + 1, 1)
        last = following - timedelta(days=1)
        if last > until:
            return
        if last > since:
            yield first, last
        first = following


def _decision(
    history: History, balance: _Balance, decided_on: date, due_on: date, before: int, until: date
) -> Decision:
    after = balance.left(min(due_on + GRACE, until), min(due_on, until + timedelta(days=1)))
    is_settled = due_on + GRACE <= until or (due_on <= until and after > before * (1 - CONTRACTION))
    outcome = _stayed(before, after) if is_settled else Outcome.OPEN
    return Decision(history.account_id, history.name, decided_on, due_on, before, after, outcome)


def _stayed(before: int, after: int) -> Outcome:
    if after <= 0:
        return Outcome.CHURNED
    return Outcome.CONTRACTED if after <= before * (1 - CONTRACTION) else Outcome.RENEWED


def _noticed(history: History, due_on: date) -> date:
    """The day of the first notice of an end, or the end itself."""
    said = [day for day in history.notices if due_on - NOTICE < day <= due_on]
    return min(said, default=due_on)
