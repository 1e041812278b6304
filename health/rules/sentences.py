"""Conditions in words, as people would say them."""

from health.rules.catalogue import DATES, name_of, shown_in, unit_of
from health.rules.conditions import All, Changed, Compare, Condition, ForDays, Is, Not, Some
from tenants.formats import inside, joined, plural

OPS = {
    "<": "is below",
    "<=": "is at most",
    ">": "is above",
    ">=": "is at least",
    "=": "is",
    "!=": "is not",
}
DATE_NAMES = {"renews_on": "the renewal", "critical_event": "the critical event"}
FIELD_NAMES = {
    "segment": "segment",
    "stage": "stage",
    "touch_model": "touch model",
    "owner": "owner",
    "band": "health band",
    "tags": "tag",
}


def sentence(condition: Condition, names: dict[str, str] | None = None) -> str:
    """A condition as one sentence with a capital and a full stop.

    names: what to call values such as owner ids and stage keys.
    """
    words = _clause(condition, names or {})
    return f"{words[:1].upper()}{words[1:]}."


def phrase(condition: Condition, names: dict[str, str] | None = None) -> str:
    """The same to stand inside a sentence."""
    return _clause(condition, names or {})


def _clause(condition: Condition, names: dict[str, str]) -> str:
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
            return _compared(key, op, value, until)
        case Is(field, op, values):
            verb = "is not" if op in ("!=", "not in") else "is"
            return f"{FIELD_NAMES[field]} {verb} {_values(values, names)}"
        case Changed(field, was, now):
            before = f" from {_values(was, names)}" if was else ""
            after = f" to {_values(now, names)}" if now else ""
            return f"{FIELD_NAMES[field]} changed{before}{after}"


def _inner(
    part: Condition, loose: type[All] | type[Some] | tuple[type, ...], names: dict[str, str]
) -> str:
    """A part, in brackets where it would otherwise be read wrongly."""
    words = _clause(part, names)
    is_loose = isinstance(part, All | Some) and isinstance(part, loose) and len(part.parts) > 1
    return f"({words})" if is_loose else words


def _compared(key: str, op: str, value: float, until: str) -> str:
    if until:
        return f"{DATE_NAMES[until]} {_ahead(op, value)}"
    unit = unit_of(key)
    return f"{inside(name_of(key))} {OPS[op]} {shown_in(unit, value)}"


def _ahead(op: str, days: float) -> str:
    """How far off a date is: "is at most 120 days ahead", "is at most 30 days past"."""
    if days < 0:
        turned = op.translate(str.maketrans("<>", "><"))
        return f"{OPS[turned]} {plural(round(-days), 'day')} past"
    return f"{OPS[op]} {plural(round(days), 'day')} ahead"


def _values(values: tuple[str, ...], names: dict[str, str]) -> str:
    return joined([names.get(value, value.replace("_", " ") or "empty") for value in values], "or")


assert set(DATE_NAMES) == set(DATES)  # noqa: S101 - a date nobody can name is a defect
