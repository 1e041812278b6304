"""What an account is worth over its life, and what small gains come to (operating model, 3.4)."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod

from bowtie.rules.retention import Retention

YEARS, DISCOUNT = 5, 0.10
NEAR_ZERO = 0.05  # a churn a year under which the simple form tells of lives beyond twenty years


@dataclass(frozen=True)
class Lifetime:
    """The lifetime value of an account, minor units. is_capped: five discounted years of it.

    arpa_minor: ARR of an account; churn: share of accounts lost a year; nrr: of a year.
    """

    minor: float
    is_capped: bool
    arpa_minor: float
    margin: float
    churn: float
    nrr: float


def of_a_year(kept: float, days: float) -> float:
    """What a share kept over some days comes to in a year of 365; 2% lost a month are 21.5%."""
    return kept ** (365 / days)


def simple(arpa: float, margin: float, churn: float) -> float:
    """ARPA × gross margin ÷ annual logo churn; the churn is above 0."""
    return arpa * margin / churn


def capped(arpa: float, margin: float, nrr: float) -> float:
    """Σ ARPA × margin × (NRR ÷ (1 + discount))^t over the first five years."""
    return sum(arpa * margin * (nrr / (1 + DISCOUNT)) ** year for year in range(YEARS))


def lifetime(arpa: float, margin: float, churn: float, nrr: float) -> Lifetime:
    """The simple form; the capped one where it breaks: churn near zero, or NRR above 100%."""
    is_capped = churn < NEAR_ZERO or nrr > 1
    minor = capped(arpa, margin, nrr) if is_capped else simple(arpa, margin, churn)
    return Lifetime(minor, is_capped, arpa, margin, churn, nrr)


def lifetime_of(result: Retention, days: int, margin: float | None) -> Lifetime | None:
    """That of the accounts of a window; None without a margin, or without accounts.

    ARPA, churn and NRR are those of the accounts with ARR at the start.
    """
    if not margin or result.logo is None or result.nrr is None:
        return None
    churn, nrr = 1 - of_a_year(result.logo, days), of_a_year(max(0.0, result.nrr), days)
    return lifetime(result.base / result.n, margin, churn, nrr)


def gain(rates: Iterable[float], better: float = 0.1, *, most: float | None = None) -> float:
    """By how much the result grows where each conversion is better by a part of itself.

    most: what no conversion goes beyond. Seven at ten percent: 1.1^7, some 1.95.
    """
    found = [each for each in rates if each > 0]
    return prod(
        max(1.0, min(each * (1 + better), most or each * (1 + better)) / each) for each in found
    )
