"""Strict readers for numbers: money in minor units, counts, decimals and shares. No floats."""

import re
from decimal import Decimal
from typing import Literal, NamedTuple

from accounts.rules.currencies import MARKS, SIGNS
from accounts.rules.texts import BadValue, is_missing_word, shown
from tenants.currencies import CODES

DecimalMark = Literal[".", ","]

BIGINT_MAX = 2**63 - 1
DIGITS_LIMIT = 40

_SPACES = " \u00a0\u2009\u202f"
_CURRENCY = rf"[A-Za-z]{{0,3}}[{SIGNS}]|[A-Z]{{3}}|kr\.?|zł|Kč|Ft"
_SIGN = r"[-+\u2212]"
_AMOUNT = re.compile(
    rf"(?P<open>\()?\s*(?P<sign>{_SIGN})?\s*(?P<before>{_CURRENCY})?\s*(?P<inner>{_SIGN})?\s*"
    rf"(?P<body>[.,]?[0-9]+(?:[.,'’{_SPACES}][0-9]+)*)"
    rf"(?P<last>-)?\s*(?P<after>{_CURRENCY}|%)?\s*(?P<close>\))?"
)
_DOT = re.compile(
    rf"(?P<whole>[0-9]+|[1-9][0-9]{{0,2}}(?P<gap>[,'’{_SPACES}])[0-9]{{3}}(?:(?P=gap)[0-9]{{3}})*"
    r"|[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}|)(?:\.(?P<fraction>[0-9]+))?"
)
_COMMA = re.compile(
    rf"(?P<whole>[0-9]+|[1-9][0-9]{{0,2}}(?P<gap>[.'’{_SPACES}])[0-9]{{3}}(?:(?P=gap)[0-9]{{3}})*"
    r"|)(?:,(?P<fraction>[0-9]+))?"
)
_SHORTENED = re.compile(r"[-+]?[0-9]+(?:[.,][0-9]+)?[eE][-+]?[0-9]+")


class Amount(NamedTuple):
    """A number as written. `dot` and `comma`: its digits ("-1234.5") when "." or "," is the
    decimal mark, None when it cannot be read so. `unit`: currency mark, "%" or ""."""

    dot: str | None
    comma: str | None
    unit: str

    @property
    def is_ambiguous(self) -> bool:
        return None not in (self.dot, self.comma) and self.dot != self.comma


def read_amount(text: str) -> Amount | None:
    """The number in the cell under both decimal marks, or None when it is not a number.

    Knows signs before and after, brackets for negatives, currency marks, percent signs, and
    thousands set apart by comma, point, apostrophe or space, in threes (or the Indian way).
    """
    found = _AMOUNT.fullmatch(text.strip())
    if not found or bool(found["open"]) != bool(found["close"]):
        return None
    if found["before"] and found["after"]:
        return None
    unit = found["before"] or found["after"] or ""
    if unit.isascii() and unit.isupper() and unit.isalpha() and unit not in CODES:
        return None
    signs = [s for s in (found["sign"], found["inner"], found["last"]) if s]
    if len(signs) + bool(found["open"]) > 1:
        return None
    negative = bool(found["open"]) or (bool(signs) and signs[0] != "+")
    dot, comma = (_digits(mark, found["body"], negative) for mark in (_DOT, _COMMA))
    if dot is None and comma is None:
        return None
    return Amount(dot, comma, unit.rstrip("."))


def _digits(mark: re.Pattern[str], body: str, negative: bool) -> str | None:
    found = mark.fullmatch(body)
    if not found:
        return None
    whole = re.sub("[^0-9]", "", found["whole"]) or "0"
    fraction = found["fraction"]
    return ("-" if negative else "") + whole + (f".{fraction}" if fraction else "")


def parse_decimal(text: str, decimal_mark: DecimalMark | None = None) -> Decimal:
    """The exact number in the cell; a currency mark is allowed, a percent sign is not.

    decimal_mark: None accepts only what reads the same under both marks.
    """
    return Decimal(_plain(text, decimal_mark, _amount(text)))


def parse_money(
    text: str, decimal_mark: DecimalMark | None = None, *, exponent: int = 2, currency: str = ""
) -> int:
    """The amount in minor units (cents), exact; more decimals than the currency has are refused.

    exponent: decimals of the currency (EUR 2, JPY 0, KWD 3). currency: ISO code; when given,
    a cell that names another currency is refused.
    """
    amount = _amount(text)
    _check_currency(text, amount.unit, currency)
    digits = _plain(text, decimal_mark, amount)
    whole, _, fraction = digits.partition(".")
    if fraction[exponent:].strip("0"):
        raise BadValue(f"{shown(text)} has more than the {exponent} decimals of the currency")
    minor = int(whole + fraction[:exponent].ljust(exponent, "0"))
    if abs(minor) > BIGINT_MAX:
        raise BadValue(f"{shown(text)} is too large an amount")
    return minor


def parse_count(
    text: str, decimal_mark: DecimalMark | None = None, *, negative: bool = False
) -> int:
    """A whole number, 0 or more unless `negative`; 10.0 is 10, 10.5 is refused."""
    amount = _amount(text)
    if amount.unit:
        raise BadValue(f"{shown(text)} has a unit; a plain whole number is needed")
    number = Decimal(_plain(text, decimal_mark, amount))
    if number != number.to_integral_value():
        raise BadValue(f"{shown(text)} is not a whole number")
    if number < 0 and not negative:
        raise BadValue(f"{shown(text)} is below zero")
    if abs(number) > BIGINT_MAX:
        raise BadValue(f"{shown(text)} is too large a number")
    return int(number)


def parse_share(
    text: str, decimal_mark: DecimalMark | None = None, *, percent: bool = False
) -> Decimal:
    """A share of 0 to 1, written 0.12 or 12%. percent: bare numbers of the column are percents."""
    amount = _amount(text)
    if amount.unit not in ("", "%"):
        raise BadValue(f"{shown(text)} is an amount of money, not a share")
    share = Decimal(_plain(text, decimal_mark, amount._replace(unit="")))
    if amount.unit == "%" or percent:
        share = share.scaleb(-2)
    if not 0 <= share <= 1:
        raise BadValue(f"{shown(text)} is not between 0 and 1: write 12% or 0.12")
    return share


def _amount(text: str) -> Amount:
    """The number in the cell, or BadValue with what is wrong with it."""
    bare = text.strip()
    if not bare:
        raise BadValue("The cell is empty")
    if len(bare) > DIGITS_LIMIT:
        raise BadValue(f"{shown(text)} is too long for a number")
    amount = read_amount(bare)
    if amount:
        return amount
    if _SHORTENED.fullmatch(bare):
        raise BadValue(f"{shown(text)} was shortened by a spreadsheet: export the full number")
    if bare.startswith("#"):
        raise BadValue(f"{shown(text)} is a spreadsheet error, not a number")
    if is_missing_word(bare) or bare.lower().lstrip("+-") in ("inf", "infinity", "nan"):
        raise BadValue(f"{shown(text)} is not a number: leave the cell empty if there is none")
    raise BadValue(f"{shown(text)} is not a number")


def _plain(text: str, mark: DecimalMark | None, amount: Amount) -> str:
    """The digits under the chosen mark."""
    if amount.unit == "%":
        raise BadValue(f"{shown(text)} is a share, not an amount")
    if mark is None:
        if amount.is_ambiguous:
            whole, part = sorted((str(amount.dot), str(amount.comma)), key=lambda d: "." in d)
            raise BadValue(
                f"{text.strip()} could mean {int(whole):,} or {part}: choose the decimal mark"
            )
        return amount.dot or amount.comma or ""
    digits = amount.dot if mark == "." else amount.comma
    if digits is None:
        name = "point" if mark == "." else "comma"
        raise BadValue(f"{shown(text)} cannot be read with a decimal {name}")
    return digits


def _check_currency(text: str, unit: str, currency: str) -> None:
    named = bool(currency) and unit not in ("", "%")
    if named and currency != unit and currency not in MARKS.get(unit, ()):
        raise BadValue(f"{shown(text)} is not in {currency}")
