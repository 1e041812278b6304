"""Impact that comes again: quarters delivered, in a row, and the share of accounts that get it.

Source: the operating model, section 5.3. An impact period is a calendar quarter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from spiced.rules.impact import Reading, is_delivered

RECURRING_FROM = 2  # quarters in a row


@dataclass(frozen=True)
class Period:
    """A calendar quarter, from start to before end."""

    start: date
    end: date

    @property
    def before(self) -> "Period":
        return quarter(self.start - timedelta(days=1))


def quarter(day: date) -> Period:
    """The calendar quarter of a day."""
    first = 3 * ((day.month - 1) // 3) + 1
    start = date(day.year, first, 1)
    end = date(day.year + 1, 1, 1) if first == 10 else date(day.year, first + 3, 1)
    return Period(start, end)


def streak(readings: Sequence[Reading], today: date) -> int:
    """Quarters delivered in a row up to today. The one that runs counts once it is delivered."""
    period = quarter(today)
    if not is_delivered(readings, period.start, period.end):
        period = period.before
    count = 0
    while is_delivered(readings, period.start, period.end):
        count, period = count + 1, period.before
    return count


def rate(delivered: int, accounts: int) -> float | None:
    """Delivered accounts of those past First Impact as the quarter began; None where none are."""
    return delivered / accounts if accounts else None
