"""The time of day behind a date: finding it, reading it, and bringing it to UTC."""

import re
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo

from accounts.rules.texts import BadValue, shown

TIMED = re.compile(
    r"(?P<date>.*?[0-9])(?:[T ]|, ?) *(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?:[.,](?P<part>[0-9]{1,9}))?)? ?(?P<half>[AaPp]\.?[Mm]\.?)?"
    r" ?(?P<zone>Z|UTC|GMT|[-+][0-9]{2}(?::?[0-9]{2})?)?"
)


def split_moment(text: str) -> tuple[str, bool]:
    """The date part of a cell, and whether a time of day follows it."""
    timed = TIMED.fullmatch(text) if ":" in text else None
    return (timed["date"].rstrip(","), True) if timed else (text, False)


def time_of_day(timed: re.Match[str], text: str) -> time:
    """The clock time of a match of TIMED, or BadValue when no clock shows it."""
    hour, minute, second = (int(timed[part] or 0) for part in ("hour", "minute", "second"))
    half = (timed["half"] or "").lower().replace(".", "")
    if half and not 1 <= hour <= 12:
        raise BadValue(f"{shown(text)} has no such hour with {half}")
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    part = (timed["part"] or "").rstrip("0")
    if hour > 23 or minute > 59 or second > 59:
        raise BadValue(f"{shown(text)} has a time of day that does not exist")
    if len(part) > 6:
        raise BadValue(f"{shown(text)} is finer than a microsecond")
    return time(hour, minute, second, int(part.ljust(6, "0")))


def zone_of(timed: re.Match[str], zone: tzinfo, text: str) -> tzinfo:
    """The time zone written in a match of TIMED, or `zone`."""
    written = timed["zone"]
    if not written:
        return zone
    if written in ("Z", "UTC", "GMT"):
        return UTC
    digits = written[1:].replace(":", "").ljust(4, "0")
    shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    if shift > timedelta(hours=14):
        raise BadValue(f"{shown(text)} has a time zone that does not exist")
    return timezone(-shift if written[0] == "-" else shift)


def in_utc(moment: datetime, zone: tzinfo, text: str) -> datetime:
    """The local moment in UTC; the hour a clock skips is refused, a doubled hour is its first."""
    there = moment.replace(tzinfo=zone).astimezone(UTC)
    if there.astimezone(zone).replace(tzinfo=None) != moment:
        raise BadValue(f"{shown(text)} does not exist in {zone}: the clock skips it")
    return there
