"""Rates to the tenant's currency, one for a fiscal year: fiscal years, and what is wrong.

A fiscal year goes by the calendar year in which it begins.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tenants.currencies import CODES
from tenants.formats import day, joined

Body = dict[str, Any]
EARLIEST, LATEST = 1970, 2199
RATE = re.compile(r"[0-9]{1,9}(\.[0-9]{1,12})?")
LEAST = Decimal("0.000000000001")
SOON = timedelta(days=60)


def fiscal_year(on: date, first_month: int) -> int:
    """The fiscal year of a day: with April as the first month, 31 March 2027 is of 2026."""
    return on.year - (on.month < first_month)


def first_day(year: int, first_month: int) -> date:
    """The day on which a fiscal year begins."""
    return date(year, first_month, 1)


def year_label(year: int, first_month: int) -> str:
    """A fiscal year as it is called: "2026", or "2026/27" where it spans two."""
    return str(year) if first_month == 1 else f"{year}/{(year + 1) % 100:02d}"


def problems(body: Body) -> list[str]:
    """Everything wrong with the chapter: months, years, currencies, rates, what stands twice."""
    found = []
    if body["first_month"] not in range(1, 13):
        found.append("The fiscal year begins in a month from 1 to 12.")
    for each in body["rates"]:
        found += problems_of_line(each)
    places = Counter((each["currency"], each["year"]) for each in body["rates"])
    found += [
        f"{currency} has two rates for {year}." for (currency, year), n in places.items() if n > 1
    ]
    return found


def problems_of_line(each: Mapping[str, Any]) -> list[str]:
    """What is wrong with one rate."""
    year, currency, rate = each["year"], each["currency"], each["rate"]
    found = []
    if isinstance(year, bool) or not isinstance(year, int) or not EARLIEST <= year <= LATEST:
        found.append(f"“{year}” is not a year from {EARLIEST} to {LATEST}.")
    if currency not in CODES:
        found.append(f"“{currency}” is not a currency code such as USD.")
    if not isinstance(rate, str) or not RATE.fullmatch(rate) or Decimal(rate) < LEAST:
        found.append(f"“{rate}” is not a rate above 0 such as 0.92, with at most 12 decimals.")
    return found


def by_place(body: Body) -> dict[tuple[str, int], Decimal]:
    """(currency, fiscal year) -> what one of it is worth."""
    return {(each["currency"], each["year"]): Decimal(each["rate"]) for each in body["rates"]}


@dataclass(frozen=True)
class Table:
    """Rates as a table. rows: a currency with its rate in each of the years, None where none."""

    years: list[str]
    rows: list[tuple[str, list[Decimal | None]]]


def table(body: Body) -> Table:
    """The rates of a chapter, currencies down and fiscal years across."""
    known = by_place(body)
    years = sorted({year for _, year in known})
    return Table(
        [year_label(year, body["first_month"]) for year in years],
        [
            (currency, [known.get((currency, year)) for year in years])
            for currency in sorted({currency for currency, _ in known})
        ],
    )


def awaited(body: Body, today: date) -> list[str]:
    """Currencies that had a rate and have none for a year that has begun or soon does, in words."""
    known = by_place(body)
    found = []
    for year in sorted({fiscal_year(on, body["first_month"]) for on in (today, today + SOON)}):
        gone = sorted(c for c, known_year in known if known_year == year - 1)
        label, begins = year_label(year, body["first_month"]), first_day(year, body["first_month"])
        found += [
            f"{currency} has no rate for {label}, which "
            f"{'began' if begins <= today else 'begins'} on {day(begins)}."
            for currency in gone
            if (currency, year) not in known
        ]
    return found


def corrected(before: Body, after: Body, today: date) -> list[str]:
    """Which rates of years that have begun become others, in words; adding one corrects none."""
    first_month = before["first_month"]
    begun = fiscal_year(today, first_month)
    now = by_place(after)
    old = {place: rate for place, rate in by_place(before).items() if place[1] <= begun}
    found = [
        f"{place[0]} of {year_label(place[1], first_month)}"
        for place, rate in sorted(old.items())
        if now.get(place) != rate
    ]
    if old and after["first_month"] != first_month:
        found.append("the beginning of the fiscal year")
    return found


def removed(before: Body, after: Body, today: date) -> list[str]:
    """Which rates of years that have begun are gone, in words."""
    first_month = before["first_month"]
    begun, now = fiscal_year(today, first_month), by_place(after)
    return [
        f"{currency} of {year_label(year, first_month)}"
        for currency, year in sorted(by_place(before))
        if year <= begun and (currency, year) not in now
    ]


def refusals(before: Body, after: Body, *, own: str, note: str, today: date) -> list[str]:
    """Why a valid chapter may not follow the one before it. own: the tenant's currency."""
    found = []
    if any(currency == own for currency, _ in by_place(after)):
        found.append(f"{own} is the currency all is kept in; it needs no rate.")
    if gone := removed(before, after, today):
        found.append(
            f"The year has begun, so a rate can be corrected but not removed: {joined(gone)}."
        )
    elif not note.strip() and (changed := corrected(before, after, today)):
        found.append(
            f"This corrects what has been counted with, {joined(changed)}: say why in the note."
        )
    return found
