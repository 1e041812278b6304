"""Strict readers for dates and moments, with the order of day, month and year given by column."""

import calendar
import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Literal

from accounts.rules.clocks import TIMED, in_utc, time_of_day, zone_of
from accounts.rules.texts import BadValue, shown

DateOrder = Literal["YMD", "DMY", "MDY", "named"]
NUMERIC_ORDERS: tuple[DateOrder, ...] = ("YMD", "DMY", "MDY")

EARLIEST = date(1990, 1, 1)
LATEST = date(2100, 12, 31)
LENGTH_LIMIT = 64

MONTHS = re.findall(
    "[a-z]+",
    "january february march april may june july august september october november december",
)
_MONTH_WORD = r"(?P<word>[A-Za-z]{3,9})\.?"
_NUMERIC = re.compile(r"([0-9]{1,4})([-/.])([0-9]{1,2})\2([0-9]{1,4})")
_COMPACT = re.compile(r"((?:19|20)[0-9]{2})([01][0-9])([0-3][0-9])")
_NAMED = (
    re.compile(
        rf"(?P<day>[0-9]{{1,2}})\.?[-/ ]{_MONTH_WORD},?[-/ ](?P<year>[0-9]{{4}}|[0-9]{{2}})"
    ),
    re.compile(rf"{_MONTH_WORD}[-/ ](?P<day>[0-9]{{1,2}}),?[-/ ](?P<year>[0-9]{{4}})"),
)
_SERIAL = re.compile(r"[3-7][0-9]{4}(?:\.[0-9]+)?")


class FarFuture(BadValue):
    """A date such as 9999-12-31 that stands for "no end"; the person may choose to read it so."""


def parse_date(
    text: str,
    order: DateOrder,
    *,
    two_digit_years: bool = False,
    drop_time: bool = False,
    earliest: date = EARLIEST,
    latest: date = LATEST,
) -> date:
    """The date in the cell. Month names (English) are read under every order.

    two_digit_years: 90-99 become 1990-1999, 00-89 become 2000-2089; otherwise refused.
    drop_time: a time of day is ignored; otherwise only midnight is accepted.
    Raises FarFuture beyond `latest`, BadValue for everything else that is no such date.
    """
    bare = _short(text)
    timed = TIMED.fullmatch(bare)
    if timed:
        if not drop_time and time_of_day(timed, text) != time(0):
            raise BadValue(f"{shown(text)} has a time of day, but a date is needed")
        bare = timed["date"].rstrip(",")
    if not bare:
        raise BadValue("The cell is empty")
    found = _day(bare, order, two_digit_years)
    if found > latest:
        raise FarFuture(f"{shown(text)} is too far ahead for a date: does it stand for “none”?")
    if found < earliest:
        raise BadValue(f"The year {found.year} is outside {earliest.year} to {latest.year}")
    return found


def parse_moment(
    text: str,
    order: DateOrder,
    zone: tzinfo = UTC,
    *,
    two_digit_years: bool = False,
    earliest: date = EARLIEST,
    latest: date = LATEST,
) -> datetime:
    """The moment in the cell, in UTC; a date alone is its midnight.

    zone: where the clock of the file stands, for cells that do not say so. Hours need no
    leading zero; fractions finer than a microsecond are refused unless they are zeros.
    """
    bare = _short(text)
    timed = TIMED.fullmatch(bare)
    day = parse_date(timed["date"].rstrip(",") if timed else bare, order, earliest=earliest,
                     two_digit_years=two_digit_years, latest=latest)  # fmt: skip
    if not timed:
        return in_utc(datetime.combine(day, time(0)), zone, text)
    return in_utc(datetime.combine(day, time_of_day(timed, text)), zone_of(timed, zone, text), text)


@lru_cache(maxsize=8192)
def date_orders(text: str) -> tuple[tuple[DateOrder, ...], bool] | None:
    """The orders under which a date part exists in the calendar, and whether its year is short.

    None: not shaped like a date. No orders: shaped like one, but impossible (31/02/2026).
    """
    if any(pattern.fullmatch(text) for pattern in _NAMED):
        found, short = _reads(text, "named"), _reads(text, "named", short=False)
        return (("named",) if found else (), found and not short) if _month(text) else None
    numeric = _NUMERIC.fullmatch(text)
    if not numeric or not _year_stands_clear(numeric):
        return None
    orders = tuple(order for order in NUMERIC_ORDERS if _reads(text, order))
    return orders, len(numeric[1]) < 3 and len(numeric[4]) < 3


def _short(text: str) -> str:
    bare = text.strip()
    if len(bare) > LENGTH_LIMIT:
        raise BadValue(f"{shown(bare)} is not a date")
    return bare


def _year_stands_clear(numeric: re.Match[str]) -> bool:
    first, last = len(numeric[1]), len(numeric[4])
    return (first == 4 and last <= 2) or (first <= 2 and last in (2, 4))


def _reads(text: str, order: DateOrder, *, short: bool = True) -> bool:
    try:
        _day(text, order, short)
    except BadValue:
        return False
    return True


def _day(text: str, order: DateOrder, short: bool) -> date:
    """The calendar day of a date part, or BadValue with what is wrong."""
    for pattern in _NAMED:
        named = pattern.fullmatch(text)
        if named and _month(text):
            return _exists(named["year"], _month(text), int(named["day"]), text, short)
    numeric = _NUMERIC.fullmatch(text)
    if not numeric and order == "YMD":
        compact = _COMPACT.fullmatch(text)
        if compact:
            return _exists(compact[1], int(compact[2]), int(compact[3]), text, short)
    if not numeric:
        raise BadValue(_not_a_date(text))
    if order == "named":
        raise BadValue(f"{shown(text)} has no month name: choose the order of day and month")
    one, two, three = numeric[1], numeric[3], numeric[4]
    if not (one + two + three).strip("0"):
        raise BadValue(f"{shown(text)} is a placeholder, not a date")
    if order == "YMD" and len(one) == 4 and len(three) <= 2:
        return _exists(one, int(two), int(three), text, short)
    if order == "YMD" or len(one) > 2:
        raise BadValue(f"{shown(text)} is not in the order {_ORDER_WORDS[order]}")
    day, month = (one, two) if order == "DMY" else (two, one)
    return _exists(three, int(month), int(day), text, short)


_ORDER_WORDS = {"YMD": "year, month, day", "DMY": "day, month, year", "MDY": "month, day, year"}


def _exists(year_text: str, month: int, day: int, text: str, short: bool) -> date:
    year = int(year_text)
    if len(year_text) not in (2, 4):
        raise BadValue(f"{shown(text)} has no full year")
    if len(year_text) == 2:
        if not short:
            raise BadValue(f"{shown(text)} has a year of two digits: write it with four")
        year += 1900 if year >= 90 else 2000
    if not 1 <= month <= 12:
        hint = ": day and month may be swapped" if 1 <= day <= 12 and month <= 31 else ""
        raise BadValue(f"{month} is not a month{hint}")
    name = MONTHS[month - 1].capitalize()
    if not 1 <= day <= calendar.monthrange(2000, month)[1]:
        raise BadValue(f"{day} {name} does not exist")
    if year == 0 or day > calendar.monthrange(year, month)[1]:
        raise BadValue(f"{day} {name} {year} does not exist")
    return date(year, month, day)


def _month(text: str) -> int:
    """The month named in a date part, 1-12, or 0."""
    word = re.sub("[^a-z]", "", text.lower())
    matches = [n for n, name in enumerate(MONTHS, 1) if word in (name, name[:3], name[:4])]
    return matches[0] if matches else 0


def _not_a_date(text: str) -> str:
    if _SERIAL.fullmatch(text):
        day = date(1899, 12, 30) + timedelta(days=int(float(text)))
        return (
            f"{text} is a spreadsheet's day number ({day.isoformat()}):"
            " format the column as a date and export again"
        )
    return f"{shown(text)} is not a date"
