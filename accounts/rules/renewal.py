"""When a contract ends, and when it is next up for renewal."""

import calendar
from datetime import date
from typing import Protocol

USUAL_TERM_MONTHS = 12


class Dated(Protocol):
    """What decides the end of a contract."""

    starts_on: date
    ends_on: date | None
    cancelled_on: date | None
    term_months: int | None
    auto_renews: bool
    status: str


def term_end(contract: Dated) -> date | None:
    """The day from which a contract no longer counts; None while nothing ends it.

    What renews by itself goes on past its end until it is cancelled or marked as ended.
    """
    if contract.auto_renews and contract.status != "ended":
        return contract.cancelled_on
    ends = [day for day in (contract.ends_on, contract.cancelled_on) if day]
    return min(ends, default=None)


def next_end(contract: Dated, today: date) -> date | None:
    """The next day on which it is decided whether a contract goes on; None where it is open."""
    if contract.ends_on is None or contract.cancelled_on is not None:
        return contract.cancelled_on or contract.ends_on
    if not contract.auto_renews or contract.ends_on > today:
        return contract.ends_on
    months = contract.term_months or USUAL_TERM_MONTHS
    away = (today.year - contract.ends_on.year) * 12 + today.month - contract.ends_on.month
    times = max(away // months, 0)
    while (day := months_after(contract.ends_on, times * months)) <= today:
        times += 1
    return day


def months_after(day: date, months: int) -> date:
    """The same day some months later; the month's last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if day.day <= 28:  # which every month has
        return date(year, month + 1, day.day)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))
