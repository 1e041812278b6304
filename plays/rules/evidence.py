"""What started a play: the comparisons that were met, with the values they met, frozen."""

import operator
import string
from typing import Any
from uuid import UUID

from health.rules.catalogue import MEASURES, is_known, name_of, shown
from health.rules.conditions import Compare, Condition, Leaf, leaves, name_of_leaf
from health.rules.sentences import FIELD_NAMES, phrase
from tenants.formats import joined

COMPARES = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "!=": operator.ne,
}
Fact = dict[str, Any]


def facts(
    condition: Condition, values: dict[str, Any], names: dict[str, str] | None = None
) -> list[Fact]:
    """One entry for each comparison that holds: words, key, name, value, and the value shown.

    Where none holds by itself, as under a “not”, every comparison is told.
    """
    every = [(leaf, _fact(leaf, values, names or {})) for leaf in leaves(condition)]
    met = [fact for leaf, fact in every if _holds(leaf, values)]
    return met or [fact for _, fact in every]


def told(because: str, values: dict[str, Any], found: list[Fact]) -> str:
    """Why a run started, in the play's words; the bare facts where it lacks words or a value."""
    names = {name for _, name, _, _ in string.Formatter().parse(because) if name}
    if not because or any(values.get(name) is None for name in names):
        return reason(found)
    return because.format(**{name: shown(name, values[name]) for name in names})[:300]


def reason(found: list[Fact]) -> str:
    """The facts on one short line: “Usage trend −38% and tickets in seven days 5”."""
    words = joined(f"{fact['name']} {fact['shown']}" for fact in found if fact["key"] in MEASURES)
    words = words or joined(f"{fact['name']} {fact['shown']}" for fact in found)
    return words[:300]


def chart_key(found: list[Fact]) -> str:
    """The measure whose history is worth a drawing: the first one named, else the score."""
    return next((fact["key"] for fact in found if fact["key"] in MEASURES), "score")


def _holds(leaf: Leaf, values: dict[str, Any]) -> bool:
    if not isinstance(leaf, Compare):
        return True
    value = values.get(leaf.key)
    return value is not None and bool(COMPARES[leaf.op](value, leaf.value))


def _fact(leaf: Leaf, values: dict[str, Any], names: dict[str, str]) -> Fact:
    key = name_of_leaf(leaf)
    value = values.get(key)
    if is_known(key):
        name, words = name_of(key), shown(key, value)
    else:
        name = FIELD_NAMES.get(key, key).capitalize()
        words = ", ".join(value) if isinstance(value, list) else str(value or "none")
        words = names.get(words, words.replace("_", " "))
    return {
        "words": phrase(leaf, names),
        "key": key,
        "name": name,
        "value": value,
        "shown": words,
    }


def by_hand(name: str, user_id: UUID | None, *, is_met: bool) -> dict[str, str]:
    """What the evidence of a run says of who started it; is_met: whether its condition was."""
    said = {} if is_met else {"reason": f"Started by {name}"}
    return said | {"started_by": str(user_id) if user_id else ""}
