"""Public holidays of the countries of the demo, worked out for any year."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta

Holidays = list[tuple[date, str]]
MONDAY, THURSDAY, SATURDAY = 0, 3, 5


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar, by the method of Meeus, Jones and Butcher."""
    century, of_century = divmod(year, 100)
    shift = century - century // 4 - (century - (century + 8) // 25 + 1) // 3
    moon = (19 * (year % 19) + shift + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (of_century // 4) - moon - of_century % 4) % 7
    late = (year % 19 + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def german(year: int) -> Holidays:
    """What is closed in the whole of Germany."""
    sunday = easter(year)
    return [
        (date(year, 1, 1), "New Year's Day"),
        (sunday - timedelta(days=2), "Good Friday"),
        (sunday + timedelta(days=1), "Easter Monday"),
        (date(year, 5, 1), "Labour Day"),
        (sunday + timedelta(days=39), "Ascension Day"),
        (sunday + timedelta(days=50), "Whit Monday"),
        (date(year, 10, 3), "German Unity Day"),
        (date(year, 12, 25), "Christmas Day"),
        (date(year, 12, 26), "Second Day of Christmas"),
    ]


def american(year: int) -> Holidays:
    """What most companies of the United States close on, by the day it is observed."""
    fixed = [
        (date(year, 1, 1), "New Year's Day"),
        (date(year, 6, 19), "Juneteenth"),
        (date(year, 7, 4), "Independence Day"),
        (date(year, 12, 25), "Christmas Day"),
    ]
    moving = [
        (_nth(year, 1, MONDAY, 3), "Martin Luther King Jr. Day"),
        (_nth(year, 2, MONDAY, 3), "Presidents' Day"),
        (_nth(year, 6, MONDAY, 1) - timedelta(days=7), "Memorial Day"),
        (_nth(year, 9, MONDAY, 1), "Labor Day"),
        (_nth(year, 11, THURSDAY, 4), "Thanksgiving"),
        (_nth(year, 11, THURSDAY, 4) + timedelta(days=1), "Day after Thanksgiving"),
    ]
    return sorted([(_observed(day), name) for day, name in fixed] + moving)


BY_COUNTRY: dict[str, Callable[[int], Holidays]] = {"DE": german, "US": american}


def holidays(country: str, years: Iterable[int]) -> list[dict[str, str]]:
    """The holidays of some years, as the charter's calendar holds them."""
    found = dict(each for year in years for each in BY_COUNTRY[country](year))
    return [{"on": day.isoformat(), "name": found[day]} for day in sorted(found)]


def _nth(year: int, month: int, weekday: int, n: int) -> date:
    """The nth such weekday of a month."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (n - 1))


def _observed(day: date) -> date:
    """A Saturday's holiday is kept on Friday, a Sunday's on Monday."""
    if day.weekday() < SATURDAY:
        return day
    return day + timedelta(days=-1 if day.weekday() == SATURDAY else 1)
