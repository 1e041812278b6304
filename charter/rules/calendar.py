"""Business hours: when a clock runs, when it ends, how much of it has passed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

LONGEST_SEARCH = 3_660  # days; a calendar without any open day is refused when it is saved


@dataclass(frozen=True)
class Calendar:
    """The hours a tenant works. Moments in and out are aware; days are the tenant's own.

    weekdays: 0 is Monday. A business day is eight business hours (operating model, section 1).
    """

    zone: ZoneInfo
    opens: time = time(9)
    closes: time = time(17)
    weekdays: frozenset[int] = frozenset(range(5))
    holidays: frozenset[date] = frozenset()

    @classmethod
    def from_body(cls, body: dict[str, Any], zone: str) -> "Calendar":
        """Read the charter's calendar document."""
        return cls(
            zone=ZoneInfo(zone),
            opens=time.fromisoformat(body["opens"]),
            closes=time.fromisoformat(body["closes"]),
            weekdays=frozenset(body["weekdays"]),
            holidays=frozenset(date.fromisoformat(day["on"]) for day in body["holidays"]),
        )

    def is_working_day(self, day: date) -> bool:
        return day.weekday() in self.weekdays and day not in self.holidays

    def is_open(self, moment: datetime) -> bool:
        """Whether business hours run at a moment; the closing instant is not open."""
        local = moment.astimezone(self.zone)
        return self.is_working_day(local.date()) and self.opens <= local.time() < self.closes

    def add_hours(self, moment: datetime, hours: float) -> datetime:
        """The moment at which so many business hours have passed. UTC."""
        left = timedelta(hours=hours)
        for start, end in self._spans(moment):
            begin = max(start, moment)
            if end - begin >= left:
                return begin + left
            left -= end - begin
        raise ValueError("The calendar has no open days.")

    def hours_between(self, start: datetime, end: datetime) -> float:
        """Business hours from start to end; negative where the end comes first."""
        if end < start:
            return -self.hours_between(end, start)
        passed = timedelta()
        for opens, closes in self._spans(start):
            if opens >= end:
                break
            passed += min(closes, end) - max(opens, start)
        return passed / timedelta(hours=1)

    def add_days(self, day: date, count: int) -> date:
        """The working day so many working days later, or earlier where count is negative."""
        step = timedelta(days=1 if count >= 0 else -1)
        left = abs(count)
        while left or not self.is_working_day(day):
            day += step
            if left and self.is_working_day(day):
                left -= 1
        return day

    def days_between(self, start: date, end: date) -> int:
        """Working days after start up to and with end; negative where the end comes first."""
        if end < start:
            return -self.days_between(end, start)
        return sum(
            self.is_working_day(start + timedelta(days=n)) for n in range(1, (end - start).days + 1)
        )

    def _spans(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The open spans that end after a moment, in order, in UTC."""
        first = moment.astimezone(self.zone).date()
        for n in range(LONGEST_SEARCH):
            day = first + timedelta(days=n)
            if not self.is_working_day(day):
                continue
            start = datetime.combine(day, self.opens, self.zone).astimezone(UTC)
            end = datetime.combine(day, self.closes, self.zone).astimezone(UTC)
            if end > moment:
                yield start, end
