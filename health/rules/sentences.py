"""Conditions in words, as people would say them."""

from datetime import date

from health.rules.catalogue import DATES, shown_in
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
from health.rules.vocabulary import FIELDS, field_name, number_name, number_unit
from tenants.formats import day as day_words
from tenants.formats import inside, joined, plural, with_article

OPS = {
    "<": "is below",
    "<=": "is at most",
    ">": "is above",
    ">=": "is at least",
    "=": "is",
    "!=": "is not",
}
DATE_OPS = {
    "<": "is before",
    "<=": "is at the latest",
    ">": "is after",
    ">=": "is at the earliest",
}
BOUNDS = {"<": "below", "<=": "at most", ">": "above", ">=": "at least", "=": "", "!=": "not"}
DATE_NAMES = {"renews_on": "the renewal", "critical_event": "the critical event"}
FIELD_NAMES = {key: field.name for key, field in FIELDS.items()}
Names = dict[str, str]


def sentence(condition: Condition, names: Names | None = None) -> str:
    """A condition as one sentence with a capital and a full stop.

    names: what to call values such as owner ids and stage keys, and own fields by their name.
    """
    words = _clause(condition, names or {})
    return f"{words[:1].upper()}{words[1:]}."


def phrase(condition: Condition, names: Names | None = None) -> str:
    """The same to stand inside a sentence."""
    return _clause(condition, names or {})


def _clause(condition: Condition, names: Names) -> str:
    match condition:
        case All(parts):
            return " and ".join(_inner(part, Some, names) for part in parts)
        case Some(parts):
            return " or ".join(_inner(part, All, names) for part in parts)
        case Not(part):
            return f"not ({_clause(part, names)})"
        case ForDays(days, part):
            return f"for {plural(days, 'day')}: {_inner(part, (All, Some), names)}"
        case Compare(key, op, value, until):
            return _compared(key, op, value, until, names)
        case Is(field, "contains", values):
            return f"{_field(field, names)} has “{values[0]}” in it"
        case Is(field, op, values):
            verb = "is not" if op in ("!=", "not in") else "is"
            return f"{_field(field, names)} {verb} {_values(field, values, names)}"
        case OnDay(field, op, day, days):
            name = _field(field, names)
            if not day:
                return f"{name} {_ahead(op, days)}"
            return f"{name} {DATE_OPS[op]} {day_words(date.fromisoformat(day))}"
        case Known(name, is_known, is_number):
            called = _number(name, names) if is_number else _field(name, names)
            if name in FIELDS:
                return f"there is {inside(with_article(called)) if is_known else f'no {called}'}"
            return f"{called} is {'' if is_known else 'not '}known"
        case Changed(field, was, now):
            before = f" from {_values(field, was, names)}" if was else ""
            after = f" to {_values(field, now, names)}" if now else ""
            return f"{_field(field, names)} changed{before}{after}"
        case Moved(key, bound_was, bound_now):
            before = f" from {_bound(key, *bound_was)}" if bound_was else ""
            after = f" to {_bound(key, *bound_now)}" if bound_now else ""
            return f"{_number(key, names)} changed{before}{after}"
        case Defined(key):
            return f"it counts as “{names.get(f'definition.{key}', key.replace('_', ' '))}”"


def _inner(part: Condition, loose: type[All] | type[Some] | tuple[type, ...], names: Names) -> str:
    """A part, in brackets where it would otherwise be read wrongly."""
    words = _clause(part, names)
    is_loose = isinstance(part, All | Some) and isinstance(part, loose) and len(part.parts) > 1
    return f"({words})" if is_loose else words


def _number(key: str, names: Names) -> str:
    return inside(names.get(key) or number_name(key))


def _field(field: str, names: Names) -> str:
    return field_name(field) if field in FIELDS else inside(names.get(field) or field_name(field))


def _compared(key: str, op: str, value: float, until: str, names: Names) -> str:
    if until:
        return f"{DATE_NAMES[until]} {_ahead(op, value)}"
    return f"{_number(key, names)} {OPS[op]} {shown_in(number_unit(key), value)}"


def _bound(key: str, op: str, value: float) -> str:
    return f"{BOUNDS[op]} {shown_in(number_unit(key), value)}".strip()


def _ahead(op: str, days: float) -> str:
    """How far off a date is: "is at most 120 days ahead", "is at most 30 days past"."""
    if days < 0:
        turned = op.translate(str.maketrans("<>", "><"))
        return f"{OPS[turned]} {plural(round(-days), 'day')} past"
    return f"{OPS[op]} {plural(round(days), 'day')} ahead"


def _values(field: str, values: tuple[str, ...], names: Names) -> str:
    own = {"true": "yes", "false": "no"} if field not in FIELDS else {}
    return joined(
        [own.get(v) or names.get(v, v.replace("_", " ") or "empty") for v in values], "or"
    )


assert set(DATE_NAMES) == set(DATES)  # noqa: S101 - a date nobody can name is a defect
