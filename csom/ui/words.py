"""Filters that turn values into words; the work is done by tenants.formats."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from tenants import formats


def money(minor: Any, currency: str = "EUR") -> str:
    """{{ minor|money:currency }}: "€164,000"."""
    return formats.money(minor, currency)


def money_cents(minor: Any, currency: str = "EUR") -> str:
    """{{ minor|money_cents:currency }}: "€164,000.00"."""
    return formats.money(minor, currency, cents=True)


def money_short(minor: Any, currency: str = "EUR") -> str:
    """{{ minor|money_short:currency }}: "€1.13m"."""
    return formats.money_short(minor, currency)


def rate(share: Any, places: int = 1) -> str:
    """{{ share|rate }}: "91.2%", or "n/a"; {{ share|rate:0 }}: "91%"."""
    return formats.rate(share, places)


def points(share: Any, places: int = 1) -> str:
    """{{ difference|points }}: "+1.2 pts"."""
    return formats.points(share, places)


def number(value: Any, places: int = 0) -> str:
    """{{ value|number }}: "18,200"."""
    return formats.number(value, places)


def figure(value: Any) -> str:
    """{{ value|figure }}: "65.1", as it was entered."""
    return formats.NONE if value is None else formats.figure(value)


def signed(value: Any, places: int = 0) -> str:
    """{{ change|signed }}: "+4", "−17"."""
    return formats.signed(value, places)


def plural(count: int, words: str) -> str:
    """{{ count|plural:"account" }}: "14 accounts"; irregular: plural:"company,companies"."""
    return formats.plural(count, words)


def effort(minutes: int) -> str:
    """{{ minutes|effort }}: "37 h 08 m"."""
    return formats.effort(minutes)


def filesize(count: int) -> str:
    """{{ bytes|filesize }}: "4.2 MB"."""
    return formats.size(count)


def day(moment: date | None) -> str:
    """{{ moment|day }}: "28 Feb", with the year when it is not this one."""
    return formats.day(local(moment), timezone.localdate())


def day_year(moment: date | None) -> str:
    """{{ moment|day_year }}: "28 Feb 2027"."""
    return formats.day(local(moment))


def weekday(moment: date | None) -> str:
    """{{ moment|weekday }}: "Thu 19 Nov"."""
    return formats.weekday(local(moment), timezone.localdate())


def month(moment: date | None) -> str:
    """{{ moment|month }}: "Nov 2026"."""
    return formats.month(local(moment))


def days(count: int) -> str:
    """{{ count|days }}: "in 26 days", "yesterday"."""
    return formats.days(count)


def initials(name: str) -> str:
    """{{ name|initials }}: "NL"."""
    return formats.initials(name)


def listed(words: Sequence[str]) -> str:
    """{{ words|listed }}: "a, b and c"."""
    return formats.joined(words)


def local(moment: Any) -> Any:
    """A moment in the reader's time zone; a plain date stays what it is."""
    aware = isinstance(moment, datetime) and timezone.is_aware(moment)
    return timezone.localtime(moment) if aware else moment
