"""On which days a contract was up for renewal, by all that was said of its term, one by one.

A contract is due at the end of a term (operating model, 9 and 10.2): where it ends, at each end of
what renews by itself until it is cancelled, and at the end it had before it was extended. A term of
a month or less is rolling and never due.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count, takewhile
from typing import Protocol

from accounts.rules.renewal import USUAL_TERM_MONTHS, Dated, months_after, term_end

PUT_OFF = timedelta(days=31)  # an end that moves on by less is put off: no new term begins
MONTH = timedelta(days=31)
SLIP = timedelta(days=2)  # an end that was said for less was wrong, and nobody renewed
OVERLAP = timedelta(days=60)  # what takes over begins that long before the end, at the earliest


class Said(Dated, Protocol):
    """What a contract said from a day on. arr_minor: a year, in its currency."""

    arr_minor: int
    currency: str
    is_trial: bool
    said_on: date
    signed_on: date | None


@dataclass(frozen=True)
class DueDay:
    """A contract at the end of a term. arr_minor: a year, in its currency, before the decision.

    decided_on: from when its ARR may move for it: the due day, or a day before it on which it was
    cancelled, another took over, or we were told that it goes on.
    signed_on: when what renews it was signed; None where nobody said.
    """

    due_on: date
    decided_on: date
    arr_minor: int
    currency: str
    is_cancelled: bool = False
    signed_on: date | None = None


@dataclass(frozen=True)
class _Term:
    """A term that runs: what was said last, since when it runs, and since when its end stands."""

    said: Said
    begun: date
    end_said_on: date


def due_days(said: Sequence[Said], horizon: date) -> list[DueDay]:
    """The days on which a contract was or is due, up to the first one from a horizon on.

    said: in the order in which it came. Trials and what was not signed yet do not count.
    """
    if not said or not _counts(said[-1]):
        return []
    known = [each for each in said if _counts(each)]
    found, last = _renewed(known) if len(known) > 1 else ([], _first(known))
    for begun, end in _ends(last, horizon):
        if not is_rolling(begun, end):
            found.append(_due(known, last, end, end))
    return found


@dataclass(frozen=True)
class Run:
    """From when to when a contract runs; open where ends_on is None."""

    starts_on: date
    ends_on: date | None


def run_of(said: Sequence[Said]) -> Run | None:
    """When a contract runs by all that was said of it; None where it does not count."""
    if not said or not _counts(said[-1]):
        return None
    return Run(said[-1].starts_on, term_end(said[-1]))


def early(runs: Sequence[Run]) -> list[Run]:
    """Of the contracts for one thing, those that follow no other, so may take over early."""
    return [
        run
        for run in runs
        if not any(
            other.ends_on and other.ends_on <= run.starts_on <= other.ends_on + OVERLAP
            for other in runs
        )
    ]


def taken_over(day: DueDay, own: Run, others: Sequence[Run]) -> DueDay:
    """The due day, decided when one of the others began shortly before it, to go on beyond it."""
    if not others:
        return day
    starts = [
        other.starts_on
        for other in others
        if max(own.starts_on, day.due_on - OVERLAP) < other.starts_on < day.decided_on
        and (other.ends_on is None or other.ends_on > day.due_on)
    ]
    return replace(day, decided_on=min(starts)) if starts else day


def signed(day: DueDay, own: Sequence[Said], all_said: Sequence[Sequence[Said]]) -> DueDay:
    """The due day with the signing of what goes on from it, where that is known.

    That is what the contract says since it goes on beyond the day, if the signing is another than
    before; else that of the contract for the same thing which begins around the day, the nearest.
    all_said: of every contract for the thing, its own among them.
    """
    before = {each.signed_on for each in own if each.ends_on and each.ends_on <= day.due_on}
    beyond = [each for each in own if before and _goes_beyond(each, day.due_on)]
    term = list(takewhile(lambda each: each.ends_on == beyond[0].ends_on, beyond))
    for each in reversed(term):
        if each.signed_on and each.signed_on not in before:
            return replace(day, signed_on=each.signed_on)
    others = [
        said[-1]
        for said in all_said
        if said is not own
        and _counts(said[-1])
        and abs(said[-1].starts_on - day.due_on) <= OVERLAP
        and _goes_beyond(said[-1], day.due_on)
    ]
    nearest = min(others, key=lambda each: abs(each.starts_on - day.due_on), default=None)
    return replace(day, signed_on=nearest.signed_on) if nearest else day


def _goes_beyond(said: Said, day: date) -> bool:
    return said.ends_on is None or said.ends_on > day


def _renewed(known: Sequence[Said]) -> tuple[list[DueDay], _Term]:
    """The terms that went over into another, and the one that runs after all that was said.

    An end that moved back undoes what was taken for a renewal.
    """
    closed: list[tuple[_Term, date, date]] = []
    term = _first(known)
    for each in known[1:]:
        while closed and each.ends_on and each.ends_on <= closed[-1][1]:
            term = closed.pop()[0]
        if each.ends_on != term.said.ends_on and each.said_on - term.end_said_on >= SLIP:
            for begun, end in _ends(term, each.said_on):
                if _is_put_off(begun, end, each.ends_on):
                    break
                closed.append((replace(term, begun=begun), end, each.said_on))
                term = replace(term, begun=end)
        is_same = each.ends_on == term.said.ends_on
        term = _Term(each, term.begun, term.end_said_on if is_same else each.said_on)
    found = [
        _due(known, old, end, told_on)
        for old, end, told_on in closed
        if not is_rolling(old.begun, end)
    ]
    return found, term


def _first(known: Sequence[Said]) -> _Term:
    return _Term(known[0], known[0].starts_on, known[0].said_on)


def _ends(term: _Term, until: date) -> Iterator[tuple[date, date]]:
    """(begin, end) of the term and those it renews into, up to the first end from a day on."""
    said, begun = term.said, term.begun
    if said.ends_on is None:
        return
    renews = said.auto_renews and said.status != "ended"
    months = said.term_months or USUAL_TERM_MONTHS
    for times in count():
        end = months_after(said.ends_on, times * months) if times else said.ends_on
        if end > begun:
            yield begun, end
            begun = end
        if not renews or end >= min(until, said.cancelled_on or until):
            return


def _is_put_off(begun: date, end: date, now_ends: date | None) -> bool:
    """Whether a term that was to end goes on only for a while, if at all."""
    if now_ends is None:
        return False
    return now_ends <= end or (now_ends - end <= PUT_OFF and not is_rolling(begun, end))


def is_rolling(begun: date, end: date) -> bool:
    """Whether a term goes from month to month, also from the end of one to the end of the next."""
    return end - begun <= MONTH


def _due(known: Sequence[Said], term: _Term, end: date, told_on: date) -> DueDay:
    cancelled_on = term.said.cancelled_on
    decided_on = min(end, told_on, cancelled_on or end)
    before = (each for each in reversed(known) if each.said_on < decided_on)
    worth = next(before, known[0])
    return DueDay(
        end, decided_on, worth.arr_minor, worth.currency, bool(cancelled_on and cancelled_on <= end)
    )


def _counts(said: Said) -> bool:
    return not said.is_trial and said.status != "pending"
