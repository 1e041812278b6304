"""The fields of what can be brought in: what each takes, and in plain words why it would not."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2100, 12, 31)
MOST_MONEY = 10**15
MOST_WHOLE = 2**31 - 1
MOST_TEXT = 20_000
MOST_IN_LIST = 50

ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
ISO_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")
EMAIL = re.compile(r"[^\s@,;<>]+@[^\s@,;<>]+\.[^\s@,;<>]+")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


class Kind(StrEnum):
    """What a field holds."""

    TEXT = "text"
    EMAIL = "email"
    WHOLE = "whole"
    NUMBER = "number"
    MONEY = "money"
    CURRENCY = "currency"
    SHARE = "share"
    DATE = "date"
    MOMENT = "moment"
    YES_NO = "yes_no"
    CHOICE = "choice"
    TEXTS = "texts"
    REFERENCE = "reference"
    REFERENCES = "references"
    CUSTOM = "custom"


class Unfit(Exception):
    """A value a field does not take."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


@dataclass(frozen=True)
class Field:
    """One field of a target: its name for machines and people, and what it takes.

    most: the longest text, the largest number or the most members of a list.
    refers_to: the noun a reference points to, given by its external id, e-mail or key.
    """

    key: str
    label: str
    kind: Kind = Kind.TEXT
    required: bool = False
    help: str = ""
    aliases: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    column: str = ""
    refers_to: str = ""

    @cached_property
    def stored_as(self) -> str:
        """The column that holds it."""
        return self.column or self.key

    @cached_property
    def longest(self) -> int:
        """How many characters fit, where it is a text."""
        return self.most or MOST_TEXT

    @cached_property
    def _reader(self) -> "Callable[[Field, Any], Any]":
        return READERS[self.kind]

    def read(self, value: Any) -> Any:
        """The value as it is stored. Raises Unfit with the reason; None means empty."""
        if value is None or value == "":
            if self.required:
                raise Unfit("missing", f"{self.label} cannot be empty.")
            return None
        return self._reader(self, value)


def _text(field: Field, value: Any) -> str | None:
    if not isinstance(value, str):
        raise Unfit("wrong_type", f"{field.label} is a text, not {_noun(value)}.")
    if not value.isprintable() and CONTROL.search(value):
        raise Unfit("unreadable_text", f"{field.label} holds characters that are not text.")
    text = value.strip()
    if len(text) > field.longest:
        reason = f"{field.label} has {len(text)} characters; at most {field.longest} fit."
        raise Unfit("too_long", reason)
    if not text and field.required:
        raise Unfit("missing", f"{field.label} cannot be empty.")
    return text or None


def _email(field: Field, value: Any) -> str | None:
    text = _text(field, value)
    if text is not None and not EMAIL.fullmatch(text):
        raise Unfit("not_an_email", f"“{text}” is not an e-mail address.")
    return text


def _number(field: Field, value: Any) -> float | int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unfit("wrong_type", f"{field.label} is a number, not {_noun(value)}.")
    if not math.isfinite(value):
        raise Unfit("not_a_number", f"{field.label} is not a number that can be counted with.")
    return value


def _within(field: Field, value: float, least: float | None, most: float) -> None:
    if least is not None and value < least:
        if least == 0:
            raise Unfit("negative", f"{field.label} cannot be negative.")
        raise Unfit("out_of_range", f"{field.label} is at least {least:,}.")
    if value > most or value < -most:
        raise Unfit("out_of_range", f"{field.label} is at most {most:,}.")


def _whole(field: Field, value: Any) -> int:
    number = _number(field, value)
    if number != int(number):
        raise Unfit("not_whole", f"{field.label} is a whole number; {value} is not.")
    _within(field, number, field.least, MOST_WHOLE if field.most is None else field.most)
    return int(number)


def _money(field: Field, value: Any) -> int:
    number = _number(field, value)
    if number != int(number):
        reason = f"{field.label} is counted in whole cents (minor units); {value} is not whole."
        raise Unfit("not_whole", reason)
    _within(field, number, field.least, MOST_MONEY)
    return int(number)


def _decimal(field: Field, value: Any) -> float | int:
    number = _number(field, value)
    _within(field, number, field.least, MOST_MONEY)
    return number


def _share(field: Field, value: Any) -> float:
    number = _number(field, value)
    if not 0 <= number <= 1:
        raise Unfit("out_of_range", f"{field.label} is a share from 0 to 1; {value} is not.")
    return float(number)


def _currency(field: Field, value: Any) -> str:
    text = (_text(field, value) or "").upper()
    if not re.fullmatch("[A-Z]{3}", text):
        raise Unfit("not_a_currency", f"“{text}” is not a currency code such as EUR.")
    return text


def _date(field: Field, value: Any) -> date:
    if isinstance(value, str) and ISO_DATE.fullmatch(value):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            raise Unfit("not_a_date", f"There is no day {value}.") from None
    if not isinstance(value, date) or isinstance(value, datetime):
        raise Unfit("not_a_date", f"{field.label} is a date such as 2026-11-19, not {value!r}.")
    return _in_our_time(field, value)


def _moment(field: Field, value: Any) -> datetime:
    if isinstance(value, str) and ISO_MOMENT.match(value):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise Unfit("not_a_moment", f"There is no moment {value}.") from None
    if not isinstance(value, datetime):
        reason = f"{field.label} is a moment such as 2026-11-19T09:04:00Z, not {value!r}."
        raise Unfit("not_a_moment", reason)
    if value.tzinfo is None:
        raise Unfit("no_time_zone", f"{field.label} says no time zone; end it with Z or +01:00.")
    _in_our_time(field, value.date())
    return value.astimezone(UTC)


def _in_our_time(field: Field, day: date) -> date:
    if not FIRST_DAY <= day <= LAST_DAY:
        reason = (
            f"{field.label} is {day}; dates from {FIRST_DAY.year} to {LAST_DAY.year} are taken."
        )
        raise Unfit("impossible_date", reason)
    return day


def _yes_no(field: Field, value: Any) -> bool:
    if not isinstance(value, bool):
        raise Unfit("wrong_type", f"{field.label} is true or false, not {_noun(value)}.")
    return value


def _choice(field: Field, value: Any) -> str | None:
    text = _text(field, value)
    by_name = {choice.lower(): choice for choice in field.choices}
    if text is not None and text.lower() not in by_name:
        reason = f"{field.label} “{text}” is not known; one of: {', '.join(field.choices)}."
        raise Unfit("not_a_choice", reason)
    return by_name[text.lower()] if text else None


def _texts(field: Field, value: Any) -> list[str]:
    if not isinstance(value, list | tuple):
        raise Unfit("wrong_type", f"{field.label} is a list of texts, not {_noun(value)}.")
    if len(value) > MOST_IN_LIST:
        raise Unfit("too_long", f"{field.label} has {len(value)} members; {MOST_IN_LIST} fit.")
    one = _choice if field.choices else _text
    texts = [one(field, item) for item in value]
    return list(dict.fromkeys(text for text in texts if text))


def _custom(field: Field, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Unfit("wrong_type", f"{field.label} are an object of values by field.")
    return value


def _noun(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    nouns = {str: "a text", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return nouns.get(type(value), "something else")


READERS: dict[Kind, Callable[[Field, Any], Any]] = {
    Kind.TEXT: _text,
    Kind.EMAIL: _email,
    Kind.WHOLE: _whole,
    Kind.NUMBER: _decimal,
    Kind.MONEY: _money,
    Kind.CURRENCY: _currency,
    Kind.SHARE: _share,
    Kind.DATE: _date,
    Kind.MOMENT: _moment,
    Kind.YES_NO: _yes_no,
    Kind.CHOICE: _choice,
    Kind.TEXTS: _texts,
    Kind.REFERENCE: _text,
    Kind.REFERENCES: _texts,
    Kind.CUSTOM: _custom,
}
