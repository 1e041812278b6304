"""What of the ARR that was due came back, decision by decision (CR6; operating model, 10.2)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

GRACE = timedelta(days=60)  # a renewal that is later counts as lost


@dataclass(frozen=True)
class Owed:
    """A contract that was due. arr_minor: what it was worth a year before it was decided."""

    due_on: date
    decided_on: date
    arr_minor: int
    is_cancelled: bool = False
    signed_on: date | None = None


@dataclass(frozen=True)
class Decision:
    """Contracts of one account that were decided on one day. until: the last day it may come late.

    next_on: when the account's next contracts were decided, where that is within its time; what
    happened from there on may be theirs.
    """

    decided_on: date
    until: date
    next_on: date | None
    owed: tuple[Owed, ...]


@dataclass(frozen=True)
class Settled:
    """What of the ARR due on a day came back; minor units."""

    owed: Owed
    due_minor: int
    renewed_minor: int


def decisions(owed: Iterable[Owed]) -> list[Decision]:
    """The decisions of one account, in order."""
    by_day: dict[date, list[Owed]] = {}
    for each in owed:
        by_day.setdefault(each.decided_on, []).append(each)
    days = sorted(by_day)
    found = []
    for day, after in zip(days, [*days[1:], None], strict=True):
        own = sorted(by_day[day], key=lambda each: (each.is_cancelled, each.due_on))
        until = min(each.due_on for each in own) + GRACE
        next_on = after if after and after <= until else None
        found.append(Decision(day, until, next_on, tuple(own)))
    return found


def renewed(due: int, before: int, after: int) -> int:
    """Of what was due on a day, what renewed: the ARR that is left beyond what was not due.

    before: ARR on the eve; after: once the renewal had its time. At most what was due.
    """
    return min(due, max(0, after - (before - due)))


def settle(owed: Sequence[Owed], before: int, after: int) -> list[Settled]:
    """Share what came back among what was decided together; what was cancelled comes last.

    before, after: the account's ARR by the ledger. Never more was due than the ledger held.
    """
    rest = max(0, min(sum(each.arr_minor for each in owed), before))
    back = renewed(rest, before, after)
    found = []
    for each in owed:
        due = min(each.arr_minor, rest)
        kept = min(due, back)
        rest, back = rest - due, back - kept
        if due:
            found.append(Settled(each, due, kept))
    return found
