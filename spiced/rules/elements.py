"""The five parts of SPICED, the fields of each, and what a value of each field may be."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

LONGEST = 4000
LINE = 200


class Kind(StrEnum):
    """What a field holds. Stored as JSON: dates as ISO text, money as minor units."""

    TEXT = "text"
    LINE = "line"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    CHOICE = "choice"
    PERSON = "person"
    PEOPLE = "people"


@dataclass(frozen=True)
class Field:
    """One field of a part. name: what it is called when it is missing."""

    key: str
    label: str
    kind: Kind = Kind.LINE
    needed: bool = False
    name: str = ""
    hint: str = ""
    choices: tuple[str, ...] = ()

    @property
    def called(self) -> str:
        return self.name or self.label.lower()


@dataclass(frozen=True)
class Part:
    """One of the five letters. The first field is its text."""

    letter: str
    name: str
    fields: tuple[Field, ...]

    def field(self, key: str) -> Field:
        return next(field for field in self.fields if field.key == key)


OFTEN = ("daily", "weekly", "monthly", "quarterly", "yearly")
OPERATORS = ("≥", "≤", ">", "<", "=")
CONSEQUENCES = ("financial", "operational", "regulatory", "reputational", "personal")

PARTS: dict[str, Part] = {
    part.letter: part
    for part in (
        Part(
            "S",
            "Situation",
            (
                Field("text", "Situation", Kind.TEXT, True, hint="How they work today."),
                Field("tools", "Current tools", needed=True, hint="Apart them by commas."),
                Field("team", "Team", needed=True, hint="Who does the work, how many, where."),
                Field(
                    "changes", "Changes", hint="People, tools, priorities since the last version."
                ),
            ),
        ),
        Part(
            "P",
            "Pain",
            (
                Field("text", "Pain", Kind.TEXT, True, hint="In their words."),
                Field("who", "Who feels it", Kind.PERSON, True, "who feels it"),
                Field("frequency", "How often", Kind.CHOICE, True, "frequency", choices=OFTEN),
                Field("annual_cost", "Cost a year", Kind.MONEY, True, "annual cost"),
            ),
        ),
        Part(
            "I",
            "Impact",
            (
                Field("text", "Rational impact", Kind.TEXT, True, "rational impact"),
                Field("measure", "Measure", needed=True),
                Field("unit", "Unit", needed=True),
                Field("baseline", "Baseline", Kind.NUMBER, True),
                Field("target", "Target", Kind.NUMBER, True),
                Field("by", "By", Kind.DATE, True, "date"),
                Field("words", "Emotional impact", Kind.TEXT, True, "emotional impact"),
                Field("person", "Whose", Kind.PERSON, True, "whose emotional impact it is"),
            ),
        ),
        Part(
            "CE",
            "Critical event",
            (
                Field("text", "Critical event", Kind.TEXT, True, "event"),
                Field("on", "Date", Kind.DATE, True, "date"),
                Field("condition", "Or condition", hint="What is counted, where no date is."),
                Field("operator", "Reaches", Kind.CHOICE, choices=OPERATORS),
                Field("value", "Value", Kind.NUMBER),
                Field("expected_on", "Expected", Kind.DATE, name="when it is expected"),
                Field("consequence", "Consequence", Kind.TEXT, True),
                Field("consequence_kind", "Kind", Kind.CHOICE, choices=CONSEQUENCES),
                Field("amount", "What it costs", Kind.MONEY),
                Field("sufferer", "Who suffers", Kind.PERSON),
            ),
        ),
        Part(
            "D",
            "Decision",
            (
                Field("text", "Decision", Kind.TEXT, True, hint="What they decide, and when."),
                Field("people", "People", Kind.PEOPLE, True, "people"),
                Field("process", "Process", Kind.TEXT, True, hint="Steps in order, with dates."),
                Field("criteria", "Criteria", needed=True, hint="What they judge it on."),
                Field("paper", "Paper", hint="Legal, security, procurement."),
            ),
        ),
    )
}
LETTERS = tuple(PARTS)


class WrongValue(ValueError):
    """A value does not fit its field."""

    def __init__(self, key: str, words: str) -> None:
        super().__init__(words)
        self.key = key


def typed(letter: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Values of one part, checked and in the shape they are stored in; blank values are None.

    Raises WrongValue for an unknown field or a value that does not fit.
    """
    fields = {field.key: field for field in PARTS[letter].fields}
    for key in given:
        if key not in fields:
            raise WrongValue(key, f"{PARTS[letter].name} has no field “{key}”.")
    return {key: _typed(fields[key], value) for key, value in given.items()}


def _typed(field: Field, value: Any) -> Any:
    if value is None or value == "" or value == []:
        return "" if field.kind in (Kind.TEXT, Kind.LINE) else None
    reader = {
        Kind.TEXT: _text,
        Kind.LINE: _text,
        Kind.NUMBER: _number,
        Kind.MONEY: _money,
        Kind.DATE: _date,
        Kind.CHOICE: _choice,
        Kind.PERSON: _person,
        Kind.PEOPLE: _people,
    }[field.kind]
    return reader(field, value)


def _text(field: Field, value: Any) -> str:
    most = LONGEST if field.kind is Kind.TEXT else LINE
    if not isinstance(value, str) or len(value) > most or "\x00" in value:
        raise WrongValue(field.key, f"{field.label} takes a text of at most {most} characters.")
    return value.replace("\r\n", "\n").strip()


def _number(field: Field, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e15:
        raise WrongValue(field.key, f"{field.label} takes a number.")
    return float(value)


def _money(field: Field, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 10**15:
        raise WrongValue(field.key, f"{field.label} takes an amount in minor units.")
    return value


def _date(field: Field, value: Any) -> str:
    try:
        moment = value if isinstance(value, date) else date.fromisoformat(value)
    except (TypeError, ValueError):
        raise WrongValue(field.key, f"{field.label} takes a date such as 2026-12-15.") from None
    if not 2000 <= moment.year < 2100:
        raise WrongValue(field.key, f"{field.label} takes a date of this century.")
    return moment.isoformat()


def _choice(field: Field, value: Any) -> str:
    if value not in field.choices:
        raise WrongValue(field.key, f"{field.label} is one of {', '.join(field.choices)}.")
    return str(value)


def _person(field: Field, value: Any) -> str:
    try:
        return str(UUID(str(value)))
    except ValueError:
        raise WrongValue(field.key, f"{field.label} takes the id of a contact.") from None


def _people(field: Field, value: Any) -> list[str]:
    if not isinstance(value, list | tuple) or len(value) > 50:
        raise WrongValue(field.key, f"{field.label} takes a list of ids of contacts.")
    return sorted({_person(field, item) for item in value})


def people_in(letter: str, values: Mapping[str, Any]) -> set[str]:
    """The contacts that values of a part name."""
    named: set[str] = set()
    for field in PARTS[letter].fields:
        value = values.get(field.key)
        if value and field.kind is Kind.PERSON:
            named.add(value)
        elif value and field.kind is Kind.PEOPLE:
            named |= set(value)
    return named


def gaps(letter: str, values: Mapping[str, Any]) -> tuple[str, ...]:
    """Keys of the needed fields that are blank.

    A condition stands in for the event's date; then it needs what it reaches, and by when.
    """
    needed = {field.key for field in PARTS[letter].fields if field.needed}
    if values.get("condition") and not values.get("on"):
        needed = needed - {"on"} | {"operator", "value", "expected_on"}
    return tuple(
        field.key
        for field in PARTS[letter].fields
        if field.key in needed and values.get(field.key) in (None, "", [])
    )


def is_blank(letter: str, values: Mapping[str, Any]) -> bool:
    """Nothing is known of this part."""
    return all(values.get(field.key) in (None, "", []) for field in PARTS[letter].fields)
