"""What one may choose in the rows of a condition, in this tenant: each thing with its operators."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from accounts.rules.custom import named
from accounts.rules.fields import Kind
from health.rules.catalogue import COLUMNS, DATES, MEASURES, name_of, unit_of
from health.rules.sentences import DATE_NAMES, DATE_OPS, OPS
from health.rules.vocabulary import FIELDS, NOW_NUMBERS

Shape = Literal["number", "choice", "many", "text", "day", "yes_no", "definition"]
Use = Literal["any day", "lists", "cap"]  # what the condition is for
Choices = list[tuple[str, str]]

COMPARED = dict(OPS)
AMONG = {"in": "is", "not in": "is not"}
KNOWN = {"known": "is known", "unknown": "is not known"}
THERE = {"known": "is there", "unknown": "is not there"}
HAS = {"contains": "has in it"}
CHANGED = {"changed": "changed"}
DAYS = {f"days {op}": f"{words}, in days from then" for op, words in OPS.items()}
OPERATORS: dict[str, dict[str, str]] = {
    "number": COMPARED | KNOWN | CHANGED,
    "choice": AMONG | KNOWN | CHANGED | HAS,
    "many": AMONG | THERE,
    "text": HAS | AMONG | KNOWN | CHANGED,
    "day": DATE_OPS | DAYS | KNOWN | CHANGED,
    "yes_no": {"=": "is", "!=": "is not"} | KNOWN | CHANGED,
    "definition": {"is": "holds", "isnt": "does not hold"},
}
SHAPES: dict[str, Shape] = {
    Kind.TEXT: "text",
    Kind.NUMBER: "number",
    Kind.DATE: "day",
    Kind.CHOICE: "choice",
    Kind.YES_NO: "yes_no",
}
SCALES = {"share": 100.0, "change": 100.0, "money": 0.01}
UNITS = {"share": "%", "change": "%", "days": "days", "weeks": "weeks", "points": "points"}


@dataclass(frozen=True)
class Thing:
    """Something a row may look at. word: the key of a condition that reads it.

    scale: what a stored number is multiplied by to be entered; unit: in words, behind the field.
    """

    key: str
    label: str
    group: str
    kind: Shape
    word: str
    ops: Mapping[str, str]
    choices: Choices
    scale: float = 1.0
    unit: str = ""

    @property
    def unit_words(self) -> str:
        return f" of {self.unit}" if self.unit and self.unit != "%" else " in %" * bool(self.unit)


@dataclass(frozen=True)
class Own:
    """A field of the tenant's own, as far as conditions care."""

    key: str
    label: str
    kind: str
    choices: tuple[str, ...]


@dataclass(frozen=True)
class Vocabulary:
    """All a condition may look at, in groups, and what to call things in its sentence."""

    things: Mapping[str, Thing]
    names: dict[str, str]

    def thing(self, key: str) -> Thing:
        """A thing of that key, also where it is not offered any more."""
        return self.things.get(key) or Thing(key, key, "", "text", "field", {}, [])

    def groups(self) -> list[tuple[str, list[Thing]]]:
        found: dict[str, list[Thing]] = {}
        for thing in self.things.values():
            found.setdefault(thing.group, []).append(thing)
        return list(found.items())


def vocabulary(
    use: Use,
    *,
    choices: Mapping[str, Choices],
    own: Iterable[Own],
    definitions: Mapping[str, str],
    money: str,
) -> Vocabulary:
    """What conditions for a use may look at. choices: values by field; definitions: labels by key.

    A cap looks at one day, and neither at the score nor at what follows from it.
    """
    found: list[Thing] = []
    if use != "cap":
        found += [
            Thing(key, label, "What the charter defines", "definition", "definition",
                  OPERATORS["definition"], [])
            for key, label in definitions.items()
        ]  # fmt: skip
    found += [
        _made(key, each.name.capitalize(), "The account", _shape(key, choices), choices.get(key))
        for key, each in FIELDS.items()
        if (use == "lists" or not each.is_of_now) and not (use == "cap" and key in ("band", "caps"))
    ]
    found += [_dated(key) for key in DATES]
    found += [
        _made(named(each.key), each.label, "Own fields", SHAPES[each.kind],
              [(choice, choice) for choice in each.choices])
        for each in own
    ]  # fmt: skip
    if use == "lists":
        found += [
            _number(key, each.name, "Today", each.unit, money) for key, each in NOW_NUMBERS.items()
        ]
    if use != "cap":
        found += [_number(key, name_of(key), "Health", unit_of(key), money) for key in COLUMNS]
    hidden = set(DATES.values())
    found += [
        _number(each.key, each.name, "Measures", each.unit, money)
        for each in sorted(MEASURES.values(), key=lambda each: each.name)
        if each.key not in hidden and not each.is_retired
    ]
    if use == "cap":
        found = [_of_one_day(each) for each in found]
    names: dict[str, str] = {}
    for key in choices:
        names |= {value: label for value, label in choices[key] if value not in names}
    placed = {f"definition.{each.key}" if each.kind == "definition" else each.key: each
              for each in found}  # fmt: skip
    names |= {place: each.label for place, each in placed.items()}
    return Vocabulary(placed, names)


def _shape(key: str, choices: Mapping[str, Choices]) -> Shape:
    return "many" if FIELDS[key].is_set else "choice" if key in choices else "text"


def _made(key: str, label: str, group: str, kind: Shape, choices: Choices | None = None) -> Thing:
    word = {"number": "measure", "definition": "definition"}.get(kind, "field")
    return Thing(key, label, group, kind, word, OPERATORS[kind], choices or [])


def _number(key: str, label: str, group: str, unit: str, money: str) -> Thing:
    told = money if unit == "money" else UNITS.get(unit, "")
    ops = OPERATORS["number"]
    if key in NOW_NUMBERS:
        ops = COMPARED | KNOWN
    return Thing(key, label, group, "number", "measure", ops, [], SCALES.get(unit, 1.0), told)


def _dated(key: str) -> Thing:
    label = f"Days until {DATE_NAMES[key]}"
    ops = OPERATORS["number"]
    return Thing(key, label, "The account", "number", "days_until", ops, [], unit="days")


def _of_one_day(thing: Thing) -> Thing:
    ops = {op: words for op, words in thing.ops.items() if op != "changed" and op not in DAYS}
    return Thing(**vars(thing) | {"ops": ops})
