"""Money of one currency in another, at one fixed rate for each fiscal year.

What is converted is a height, the ARR in force on a day; never the difference of two, which would
not add up. Exact in minor units, half away from zero, with the decimals of both currencies.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from charter.rules.rates import first_day, fiscal_year, year_label
from tenants.formats import exponent


class NoRate(LookupError):
    """There is no rate for a currency in a fiscal year."""


def converted(minor: int, factor: Fraction) -> int:
    """Minor units times a factor, half away from zero."""
    above, below = factor.numerator, factor.denominator
    units = (2 * abs(minor) * above + below) // (2 * below)
    return -units if minor < 0 else units


@dataclass(frozen=True)
class Conversion:
    """From one currency to the tenant's. by_year: what one of it is worth in each fiscal year."""

    currency: str
    to: str
    first_month: int
    by_year: Mapping[int, Decimal] = field(default_factory=dict)

    @cached_property
    def factors(self) -> dict[int, Fraction]:
        """Minor units of the one for a minor unit of the other, by fiscal year."""
        decimals = Fraction(10) ** (exponent(self.to) - exponent(self.currency))
        return {year: Fraction(rate) * decimals for year, rate in self.by_year.items()}

    def minor(self, amount: int, day: date) -> int:
        """An amount in force on a day, in the tenant's minor units. Raises NoRate."""
        factor = self.factors.get(fiscal_year(day, self.first_month))
        if factor is None:
            raise NoRate(f"There is no rate from {self.currency} to {self.to} for {day}.")
        return converted(amount, factor)

    def has(self, day: date) -> bool:
        """Whether there is a rate for the fiscal year of a day."""
        return fiscal_year(day, self.first_month) in self.by_year

    def turns(self, since: date, until: date | None) -> Iterator[date]:
        """The days after `since` and before `until` on which a fiscal year with a rate begins."""
        for year in self.by_year:
            day = first_day(year, self.first_month)
            if since < day and (until is None or day < until):
                yield day

    def missing(self, since: date, until: date) -> list[str]:
        """The fiscal years of a span of days, both counted, that have no rate, as called."""
        years = range(
            fiscal_year(since, self.first_month), fiscal_year(until, self.first_month) + 1
        )
        return [year_label(year, self.first_month) for year in years if year not in self.by_year]


@dataclass(frozen=True)
class Rates:
    """Every rate to the tenant's currency, as one version of the charter has them."""

    to: str
    first_month: int = 1
    by_currency: Mapping[str, Mapping[int, Decimal]] = field(default_factory=dict)

    def of(self, currency: str) -> Conversion | None:
        """How a currency is converted; None for the tenant's own, which is not."""
        if currency == self.to:
            return None
        known = self.by_currency.get(currency, {})
        return Conversion(currency, self.to, self.first_month, known)

    def spans(self) -> list[dict[str, str]]:
        """Each rate with the days it holds on, for a statement that converts minor units."""
        found = []
        for currency, by_year in self.by_currency.items():
            decimals = exponent(self.to) - exponent(currency)
            for year, rate in by_year.items():
                found.append(
                    {
                        "currency": currency,
                        "since": first_day(year, self.first_month).isoformat(),
                        "until": first_day(year + 1, self.first_month).isoformat(),
                        "factor": f"{rate.scaleb(decimals):f}",
                    }
                )
        return found


def shown(conversion: Conversion, amount: int, day: date) -> int | None:
    """An amount at the rate of a day, to be shown beside it; None where there is no rate."""
    return conversion.minor(amount, day) if conversion.has(day) else None


def touched(starts_on: date, ends_on: date | None, today: date) -> tuple[date, date] | None:
    """The first and last day on which a contract has moved ARR by today; None before it starts.

    Its end is one of them: what it takes away is a move of that day.
    """
    last = today if ends_on is None else min(today, ends_on)
    return (starts_on, last) if starts_on <= last else None
