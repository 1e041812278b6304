"""Records as lines one types: words, and keys before what they name.

    Month end takes nine people eleven days @Priya #monthly =310k ~their close report !reduced

`@` a person, `#` how often or when, `=` money, `~` on what ground or criteria, `!` status or
stance. Names and choices may be cut short. A key counts at the start of a word alone; a backslash
before it makes it a plain sign.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any

from accounts.rules.amounts import read_amount
from accounts.rules.currencies import MARKS
from accounts.rules.currencies import SIGNS as MONEY_MARKS
from spiced.rules.fields import Field, Kind, Row
from spiced.rules.values import WrongValue, filled_lines
from tenants.currencies import CODES
from tenants.formats import exponent, joined

MARKS_OFF = ",;:"
MOST_NAMES = 6
NAME = re.compile(r"\s*([^\s,;:]+)")
MONEY = re.compile(
    r"(?P<amount>\S*?)(?P<step>[kKmM]?)[.,;]?(?:\s+(?P<code>[A-Z]{3})(?!\w))?(?=\s|$)"
)
BEGINS = {  # what comes after the key of a column
    Kind.PERSON: r"[^\W\d_]",
    Kind.CHOICE: r"[^\W\d_]",
    Kind.DATE: r"\d",
    Kind.MONEY: rf"[\d{MONEY_MARKS}]",
    Kind.LINE: r"\S",
}
STEPS = {"": 1, "k": 1000, "m": 1_000_000}


@dataclass(frozen=True)
class Tongue:
    """What lines are read and written with. people: id by name as it is typed, each one once."""

    people: Mapping[str, str]
    currency: str

    @cached_property
    def names(self) -> list[tuple[str, str, list[str]]]:
        """Each name, how it compares, and its words."""
        return [(name, name.casefold(), name.casefold().split()) for name in self.people]

    def name_of(self, known_as: str) -> str:
        return next((name for name, each in self.people.items() if each == known_as), "")


def read_lines(field: Field, text: str, tongue: Tongue) -> list[dict[str, Any]]:
    """The records that lines tell of. Raises WrongValue with an error for each line, from 0."""
    rows, errors = list[dict[str, Any]](), dict[str, str]()
    for n, line in enumerate(filled_lines(text)):
        try:
            rows.append(_read(field, line, tongue))
        except WrongValue as wrong:
            errors |= {f"{n}.{key}": words for key, words in wrong.errors.items()}
    if errors:
        raise WrongValue(*next(iter(errors.items())), errors)
    return rows


def _read(field: Field, line: str, tongue: Tongue) -> dict[str, Any]:
    signed = {column.sign: column for column in field.columns}
    starts = [found.start() for found in _keys(field).finditer(line)]
    told = line[: starts[0]].strip() if starts else line
    row: dict[str, Any] = {}
    for start, end in pairwise((*starts, len(line))):
        column, said = signed[line[start]], line[start + 1 : end]
        if column.key in row:
            raise WrongValue(column.key, f"{column.label} is said twice.")
        if column.kind is Kind.LINE:
            found, rest = {column.key: _plainly(field, said.strip())}, ""
        else:
            found, rest = READERS[column.kind](column, said, tongue)
        row |= found
        told = _joined(told, rest)
    plain = next(column for column in field.columns if not column.sign)
    told = told.strip()
    return ({plain.key: _plainly(field, told)} if told else {}) | row


def _joined(told: str, rest: str) -> str:
    """Words before a key and after what it names; a mark that only parts them from it goes."""
    if not told:
        return re.sub(r"^\s*[,;:]?\s*", "", rest)
    return f"{told}{'' if rest[:1] in MARKS_OFF else ' '}{rest.strip()}".rstrip()


@lru_cache(maxsize=16)
def _keys(field: Field, before: str = "") -> re.Pattern[str]:
    """The keys of a field, each where its value could begin. before: what precedes one."""
    keys = [f"{each.sign}(?={BEGINS[each.kind]})" for each in field.columns if each.sign]
    return re.compile(rf"(?<!\S){before}(?=({'|'.join(keys)}))")


def _plainly(field: Field, said: str) -> str:
    """Words without the backslash that makes a key behind it a plain sign."""
    return _keys(field, r"\\(?P<more>\\*)").sub(r"\g<more>", said)


def _guarded(field: Field, words: str) -> str:
    """Words in which nothing is read as a key."""
    return _keys(field, r"\\*").sub(r"\\\g<0>", words)


def _person(column: Field, said: str, tongue: Tongue) -> tuple[dict[str, Any], str]:
    whole = [name for name, folded, _ in tongue.names if _begins(said, len(name), folded)]
    if whole:
        name = max(whole, key=len)
        return {column.key: tongue.people[name]}, said[len(name) :]
    fits = [(name, words) for name, _, words in tongue.names]
    at = 0
    while word := NAME.match(said, at):
        begun = word[1].casefold()
        if at:
            left = [(name, rest[1:]) for name, rest in fits if rest and rest[0].startswith(begun)]
        else:
            left = [
                (name, words[n + 1 :])
                for name, words in fits
                for n, each in enumerate(words)
                if each.startswith(begun)
            ]
        if not left and at:
            break
        fits, at = left, word.end()
    names = sorted({name for name, _ in fits})
    if len(names) == 1:
        return {column.key: tongue.people[names[0]]}, said[at:]
    typed = said.split()[0]
    if names:
        raise WrongValue(column.key, f"“@{typed}” may be {few(names)}.")
    raise WrongValue(column.key, f"“@{typed}” is no contact of this account.")


def few(names: Sequence[str]) -> str:
    """Names to choose from: "Priya Raman, Tom Berg or 4 more"."""
    more = len(names) - MOST_NAMES
    return joined([*names[:MOST_NAMES], *([f"{more} more"] if more > 0 else [])], "or")


def _begins(said: str, length: int, folded: str) -> bool:
    """Whether a text begins with a name as a whole, in whatever case."""
    is_over = not (said[length : length + 1].isalnum() or said[length : length + 1] == "_")
    return is_over and said[:length].casefold() == folded


def _choice(column: Field, said: str, tongue: Tongue) -> tuple[dict[str, Any], str]:
    typed = re.match(r"[\w-]+", said)[0]  # type: ignore[index]  # a key stands before a letter
    begun = [each for each in column.choices if each.startswith(typed.casefold())]
    if len(begun) != 1:
        among = joined([f"{column.sign}{each}" for each in begun or column.choices], "or")
        raise WrongValue(column.key, f"“{column.sign}{typed}” is to be {among}.")
    return {column.key: begun[0]}, said[len(typed) :]


def _date(column: Field, said: str, tongue: Tongue) -> tuple[dict[str, Any], str]:
    typed, _, rest = said.partition(" ")
    try:
        on = date.fromisoformat(typed.rstrip(".,;"))
    except ValueError:
        raise WrongValue(
            column.key, f"“{column.sign}{typed}” is to be a date such as #2026-12-15."
        ) from None
    return {column.key: on.isoformat()}, rest


def _money(column: Field, said: str, tongue: Tongue) -> tuple[dict[str, Any], str]:
    found = MONEY.match(said)
    amount = read_amount(found["amount"]) if found else None
    value = (amount.dot or amount.comma) if amount else None
    if not found or amount is None or value is None or amount.unit == "%":
        raise WrongValue(column.key, f"“={said.split()[0]}” is no amount such as =310k.")
    code, is_code = found["code"] or "", found["code"] in CODES
    currency = code if is_code else _currency(column, amount.unit, tongue)
    step = STEPS[found["step"].lower()]
    minor = Decimal(value) * step * 10 ** exponent(currency)
    # 1.500 is fifteen hundred to many: what is written finer than the currency is asked again
    finest = exponent(currency) + len(str(step)) - 1
    is_too_fine = len(value.partition(".")[2]) > finest
    if is_too_fine or minor != minor.to_integral_value() or not 0 <= minor < 10**15:
        raise WrongValue(column.key, f"“={said.split()[0]}” is no amount of {currency}.")
    rest = said[found.end() :] if is_code or not code else said[found.start("code") :]
    return {column.key: int(minor), "currency": currency}, rest


def _currency(column: Field, unit: str, tongue: Tongue) -> str:
    meant = MARKS.get(unit, {unit} if unit else {tongue.currency})
    if tongue.currency in meant:
        return tongue.currency
    if len(meant) > 1:
        raise WrongValue(column.key, f"“{unit}” may be {joined(sorted(meant), 'or')}.")
    return next(iter(meant))


READERS: Mapping[Kind, Callable[[Field, str, Tongue], tuple[dict[str, Any], str]]] = {
    Kind.PERSON: _person,
    Kind.CHOICE: _choice,
    Kind.DATE: _date,
    Kind.MONEY: _money,
}


def line_of(field: Field, row: Row, tongue: Tongue) -> str:
    """A record as one would type it. Whoever is no longer known by name is left out."""
    told: list[str] = []
    for column in field.columns:
        value = row.get(column.key)
        if value is None or value == column.default or column.key == "currency":
            continue
        if column.kind is Kind.PERSON:
            value = tongue.name_of(value)
            if not value:
                continue
        elif column.kind is Kind.MONEY:
            value = _written(value, row.get("currency") or tongue.currency, tongue)
        elif column.kind in (Kind.LINE, Kind.TEXT):
            value = _guarded(field, value)
        is_after_name = bool(told) and not column.sign
        told[-1:] = [f"{told[-1]},"] if is_after_name else told[-1:]
        told.append(f"{column.sign}{value}")
    return " ".join(told)


def _written(minor: int, currency: str, tongue: Tongue) -> str:
    whole = format(Decimal(minor).scaleb(-exponent(currency)), "f")
    whole = whole.rstrip("0").rstrip(".") if "." in whole else whole
    return whole if currency == tongue.currency else f"{whole} {currency}"


def lines_of(field: Field, rows: Any, tongue: Tongue) -> str:
    """Records as lines."""
    return "\n".join(line_of(field, row, tongue) for row in rows or ())
