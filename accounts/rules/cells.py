"""What one cell looks like, as a short mark that is cheap to count over a whole column."""

import re
from functools import lru_cache

from accounts.rules.amounts import DIGITS_LIMIT, read_amount
from accounts.rules.clocks import split_moment
from accounts.rules.currencies import SIGNS
from accounts.rules.dates import date_orders
from accounts.rules.texts import FALSE_WORDS, TRUE_WORDS, is_email, is_missing_word

_YES_NO = (TRUE_WORDS | FALSE_WORDS) - {"0", "1", "on", "off", "si", "non"}
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
# Cells that begin with letters and may still be an amount (EUR 5, US$5, kr 5) or a date (Oct 24).
_LETTERS_FIRST = re.compile(
    rf"[A-Za-z]{{0,3}}[{SIGNS}]|[A-Z]{{3}}\W|kr\W|[A-Za-z]{{3,9}}[-/. ]+[0-9]{{1,2}}\W"
)
INTEGER_DIGITS = 18


@lru_cache(maxsize=16384)
def mark_of(cell: str) -> str:
    """The mark of a cell: a family, then after ":" what decides how to read it.

    empty, missing (n/a, null), text, email, boolean; integer:unit; code (digits that are no
    number: 08123, or too long for one); number.i: and number.d: (needs a decimal point; whole,
    or with decimals), number,i: and number,d: (needs a decimal comma), number?.: and number?,:
    (either; the separator seen), each with the unit; date:orders, date2:orders (year of two
    digits), datetime:orders, datetime2:orders, orders joined by "+", none when impossible.
    """
    text = cell.strip()
    if not text:
        return "empty"
    if text.isascii() and text.isdigit():
        is_code = len(text) > INTEGER_DIGITS or (text[0] == "0" and len(text) > 1)
        return "code" if is_code else "integer:"
    if len(text) <= DIGITS_LIMIT:
        if text.lower() in _YES_NO:
            return "boolean"
        if is_missing_word(text):
            return "missing"
        if not text[0].isalpha() or _LETTERS_FIRST.match(text):
            return _number_mark(text) or _date_mark(text) or _rest(text)
    return _rest(text)


def family(mark: str) -> str:
    """The mark without its details: number, date, datetime, boolean, email, text, ..."""
    name = mark.partition(":")[0].rstrip("2")
    return "number" if name.startswith(("number", "integer")) else name


def is_year(cell: str) -> bool:
    """Four digits from 1900 to 2099: in a header it labels, in a column it counts."""
    return bool(_YEAR.fullmatch(cell.strip()))


def _number_mark(text: str) -> str:
    amount = read_amount(text)
    if not amount:
        return ""
    if amount.is_ambiguous:
        seen = "." if "." in (amount.dot or "") else ","
        return f"number?{seen}:{amount.unit}"
    if amount.dot == amount.comma:
        return f"integer:{amount.unit}"
    mark, digits = (".", amount.dot) if amount.dot else (",", amount.comma)
    return f"number{mark}{'d' if '.' in (digits or '') else 'i'}:{amount.unit}"


def _date_mark(text: str) -> str:
    day, has_time = split_moment(text)
    read = date_orders(day)
    if read is None:
        return ""
    orders, is_short = read
    return ("datetime" if has_time else "date") + ("2:" if is_short else ":") + "+".join(orders)


def _rest(text: str) -> str:
    return "email" if "@" in text and is_email(text) else "text"
