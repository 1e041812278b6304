"""A condition as rows that a person fills in: laid out from its tree, and put together again.

Posted values go by prefix, place and part: "when:0-1:op". A place is the way down from the whole
(""), by number; a group has a `kind`, a line a `what`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from health.rules.catalogue import DATES
from health.rules.conditions import BadCondition, parse
from health.rules.things import Thing, Vocabulary
from health.rules.tree import (
    All,
    Changed,
    Compare,
    Condition,
    Defined,
    ForDays,
    Is,
    Known,
    Moved,
    Not,
    OnDay,
    Some,
)

UNTIL = {measure: date for date, measure in DATES.items()}
NONE = "∅"  # stands for having no value, where an empty field means any
KINDS = {"all": "All of these", "any": "Any of these", "none": "None of these"}
DEEPEST = 4  # groups within groups that the page lets one make
Json = dict[str, Any]
Given = Mapping[str, str]


@dataclass
class Line:
    """One comparison as entered. texts: its values as they stand in the fields."""

    what: str = ""
    op: str = ""
    texts: list[str] = field(default_factory=list)
    days: str = ""
    error: str = ""
    place: str = ""


@dataclass
class Group:
    """Lines and groups that belong together. kind: all, any or none."""

    kind: str = "all"
    parts: "list[Line | Group]" = field(default_factory=list)
    days: str = ""
    error: str = ""
    place: str = ""

    def lines(self) -> list[Line]:
        found: list[Line] = []
        for part in self.parts:
            found += [part] if isinstance(part, Line) else part.lines()
        return found

    def placed(self) -> "Group":
        """The same with the place of each part."""
        for at, part in enumerate(self.parts):
            part.place = f"{self.place}-{at}".lstrip("-")
            if isinstance(part, Group):
                part.placed()
        return self

    @property
    def depth(self) -> int:
        return self.place.count("-") + 1 if self.place else 0


# -- from a tree


def laid_out(condition: Condition | None, vocabulary: Vocabulary) -> Group:
    """A condition as rows; one empty row without any."""
    if condition is None:
        return Group(parts=[Line()]).placed()
    whole = _part(condition, vocabulary)
    if isinstance(whole, Line) or whole.days:
        whole = Group(parts=[whole])
    return whole.placed()


def _part(condition: Condition, vocabulary: Vocabulary) -> Line | Group:
    match condition:
        case All(parts):
            return Group("all", [_part(each, vocabulary) for each in parts])
        case Some(parts):
            return Group("any", [_part(each, vocabulary) for each in parts])
        case Not(Defined(key)):
            return Line(f"definition.{key}", "isnt")
        case Not(Some(parts)):
            return Group("none", [_part(each, vocabulary) for each in parts])
        case Not(part):
            return Group("none", [_part(part, vocabulary)])
        case ForDays(days, part):
            inner = _part(part, vocabulary)
            if inner.days:
                inner = Group("all", [inner])
            inner.days = str(days)
            return inner
    return _line(condition, vocabulary)


def _line(leaf: Condition, vocabulary: Vocabulary) -> Line | Group:
    match leaf:
        case Compare(key, op, value):
            what = UNTIL.get(key, key)
            return Line(what, op, [_entered(vocabulary.thing(what), value)])
        case Is(name, op, values):
            return _among(name, op, values, vocabulary.thing(name))
        case OnDay(name, op, day, days):
            return Line(name, op, [day]) if day else Line(name, f"days {op}", [str(days)])
        case Known(name, is_known):
            return Line(UNTIL.get(name, name), "known" if is_known else "unknown")
        case Changed(name, was, now):
            sides = [
                [value or NONE for value in dict.fromkeys(side)] or [""] for side in (was, now)
            ]
            lines: list[Line | Group] = [
                Line(name, "changed", [before, after]) for before in sides[0] for after in sides[1]
            ]
            return lines[0] if len(lines) == 1 else Group("any", lines)
        case Moved(key, bound_before, bound_after):
            what = UNTIL.get(key, key)
            thing, texts = vocabulary.thing(what), list[str]()
            for bound in (bound_before, bound_after):
                texts += [bound[0], _entered(thing, bound[1])] if bound else ["", ""]
            return Line(what, "changed", texts)
        case Defined(key):
            return Line(f"definition.{key}", "is")
    raise TypeError(leaf)


def _among(name: str, op: str, values: tuple[str, ...], thing: Thing) -> Line | Group:
    """A field among values; having none of them is a row of its own."""
    if thing.kind == "yes_no":
        return Line(name, op, ["yes" if values == ("true",) else "no"])
    if op == "contains":
        return Line(name, op, list(values))
    some, is_in = [value for value in values if value], op in ("=", "in")
    if not some:
        return Line(name, "unknown" if is_in else "known")
    line = Line(name, "in" if is_in else "not in", some)
    if len(some) == len(values) or not (is_in or thing.kind == "many"):
        return line
    none = Line(name, "unknown" if is_in else "known")
    return Group("any" if is_in else "all", [line, none])


def _entered(thing: Thing, value: float) -> str:
    """A stored number as people enter it: shares in %, money in whole units."""
    shown = round(value * thing.scale, 6)
    return str(int(shown)) if float(shown).is_integer() else str(shown)


# -- from what was posted


def posted(given: Given, prefix: str) -> Group | None:
    """What a form holds under a prefix; None where it holds nothing of it."""
    parts: dict[str, dict[str, str]] = {}
    for name, value in given.items():
        words = name.split(":")
        if len(words) == 3 and words[0] == prefix:
            parts.setdefault(words[1], {})[words[2]] = value
    if "" not in parts:
        return None

    def read(place: str) -> Line | Group:
        held = parts[place]
        if "kind" not in held:
            values = {key: text for key, text in held.items() if key.startswith("v")}
            at = [int(key[1:]) for key in values if key[1:].isdigit() and len(key) < 4]
            texts = [values.get(f"v{n}", "").strip() for n in range(max(at, default=-1) + 1)]
            what, op, days = (held.get(key, "") for key in ("what", "op", "days"))
            return Line(what, op, texts, days.strip())
        children = [
            other
            for other in parts
            if other != place and other.rpartition("-")[0] == place and _is_place(other)
        ]
        children.sort(key=lambda other: int(other.rpartition("-")[2]))
        kind = held["kind"] if held["kind"] in KINDS else "all"
        days = held.get("days", "").strip()
        return Group(kind, [read(child) for child in children], days)

    whole = read("")
    return whole.placed() if isinstance(whole, Group) else None


def _is_place(text: str) -> bool:
    return len(text) < 60 and all(part.isdigit() and len(part) < 4 for part in text.split("-"))


def done(group: Group, what: str) -> Group:
    """The rows after a button: "add:0", "group:", "remove:0-1"; what is none changes nothing."""
    verb, _, place = what.partition(":")
    spot: Line | Group = group
    above: Group | None = None
    for step in [part for part in place.split("-") if part]:
        if not isinstance(spot, Group) or not step.isdigit() or int(step) >= len(spot.parts):
            return group
        above, spot = spot, spot.parts[int(step)]
    if verb == "add" and isinstance(spot, Group):
        spot.parts.append(Line())
    elif verb == "group" and isinstance(spot, Group) and spot.depth < DEEPEST:
        spot.parts.append(Group("any", [Line()]))
    elif verb == "remove" and above is not None:
        above.parts = [part for part in above.parts if part is not spot]
    return group.placed()


# -- to a condition


def put_together(group: Group, vocabulary: Vocabulary) -> Json | None:
    """The condition that was entered; None where a row lacks something, which it then says."""
    made = _group(group, vocabulary)
    if made is None or any(line.error for line in group.lines()):
        return None
    try:
        parse(made)
    except BadCondition as problem:
        group.error = f"This cannot be put together: {problem}."
        return None
    return made


def _group(group: Group, vocabulary: Vocabulary) -> Json | None:
    made = [
        _group(part, vocabulary) if isinstance(part, Group) else _entry(part, vocabulary)
        for part in group.parts
    ]
    if not made:
        group.error = "Add a row, or take the group out."
        return None
    whole = [each for each in made if each is not None]
    if len(whole) < len(made):
        return None
    if group.kind == "none":
        body: Json = {"not": whole[0] if len(whole) == 1 else {"any": whole}}
    else:
        body = whole[0] if len(whole) == 1 else {group.kind: whole}
    return _for_days(group, body)


def _for_days(part: Line | Group, body: Json) -> Json | None:
    if not part.days:
        return body
    if not part.days.isdigit() or not 1 <= int(part.days) <= 400:
        part.error = "Days are a whole number from 1 to 400."
        return None
    return {"for_days": int(part.days), "of": body}


def _entry(line: Line, vocabulary: Vocabulary) -> Json | None:
    thing = vocabulary.things.get(line.what)
    if thing is None:
        line.error = "Choose what to look at." if not line.what else "This is not known any more."
        return None
    if line.op not in thing.ops:
        line.error = "Choose how to compare."
        return None
    try:
        return _for_days(line, MAKE[_how(line.op)](thing, line))
    except Lacking as lack:
        line.error = str(lack)
        return None


class Lacking(Exception):
    """What a row needs, in words."""


def _how(op: str) -> str:
    if op in ("known", "unknown", "changed", "is", "isnt", "contains"):
        return op
    return "days" if op.startswith("days ") else "compare"


def _knows(thing: Thing, line: Line) -> Json:
    return {thing.word: thing.key, "op": line.op}


def _changes(thing: Thing, line: Line) -> Json:
    texts = [*line.texts, "", "", "", ""]
    found: Json = {"changed": DATES.get(thing.key, thing.key)}
    if thing.kind == "number":
        for word, op, value in (("from", *texts[:2]), ("to", *texts[2:4])):
            if op:
                found[word] = {"op": op, "value": _number(thing, value)}
        return found
    sides = zip(("from", "to"), texts, strict=False)
    return found | {word: ["" if text == NONE else text] for word, text in sides if text}


def _days_ahead(thing: Thing, line: Line) -> Json:
    return {"days_until": thing.key, "op": line.op[5:], "value": _whole(line)}


def _compares(thing: Thing, line: Line) -> Json:
    found: Json = {thing.word: thing.key, "op": line.op}
    if thing.kind == "number":
        return found | {"value": _number(thing, _first(line))}
    if thing.kind == "yes_no":
        return found | {"value": _first(line) == "yes"}
    if line.op in ("in", "not in"):
        values = list(dict.fromkeys(text for text in line.texts if text))
        if not values:
            raise Lacking("Choose at least one value.")
        return found | {"value": values}
    return found | {"value": _first(line)}


def _first(line: Line) -> str:
    if not line.texts or not line.texts[0]:
        raise Lacking("Enter a value.")
    return line.texts[0]


def _whole(line: Line) -> int:
    try:
        return int(_first(line))
    except ValueError:
        raise Lacking("Enter whole days, such as 120.") from None


def _number(thing: Thing, text: str) -> float:
    try:
        value = float(text.replace(",", "").removesuffix("%"))
        if value != value or abs(value) > 1e15:
            raise ValueError
    except ValueError:
        raise Lacking(f"Enter a number{thing.unit_words}.") from None
    stored = round(value / thing.scale, 9)
    return int(stored) if float(stored).is_integer() else stored


MAKE: dict[str, Callable[[Thing, Line], Json]] = {
    "known": _knows,
    "unknown": _knows,
    "changed": _changes,
    "is": lambda thing, line: {"definition": thing.key},
    "isnt": lambda thing, line: {"not": {"definition": thing.key}},
    "contains": _compares,
    "days": _days_ahead,
    "compare": _compares,
}
