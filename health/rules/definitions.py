"""Shared definitions as conditions: read together, since one may refer to another."""

from collections.abc import Iterable, Mapping
from typing import Any

from health.rules.conditions import BadCondition, parse
from health.rules.tree import All, Condition, Defined, ForDays, Not, Some, name_of_leaf, walk
from health.rules.vocabulary import is_of_now

NEVER = Some(())
Definitions = Mapping[str, Condition]


def read(parts: Iterable[Mapping[str, Any]]) -> dict[str, Condition]:
    """The definitions of a chapter by key; one that cannot be read holds of nobody."""
    found: dict[str, Condition] = {}
    for each in parts:
        try:
            found[each["key"]] = parse(each["condition"])
        except BadCondition:
            found[each["key"]] = NEVER
    return found


def inlined(
    condition: Condition, definitions: Definitions, above: tuple[str, ...] = ()
) -> Condition:
    """The condition with what it refers to in its place.

    What is not defined, or refers back to itself, holds of nobody.
    """
    match condition:
        case All(parts):
            return All(tuple(inlined(part, definitions, above) for part in parts))
        case Some(parts):
            return Some(tuple(inlined(part, definitions, above) for part in parts))
        case Not(part):
            return Not(inlined(part, definitions, above))
        case ForDays(days, part):
            return ForDays(days, inlined(part, definitions, above))
        case Defined(key):
            if key in above or key not in definitions:
                return NEVER
            return inlined(definitions[key], definitions, (*above, key))
    return condition


def refers_to(condition: Condition) -> set[str]:
    """The keys of the definitions it names."""
    return {part.key for part in walk(condition) if isinstance(part, Defined)}


def faults(condition: Condition, definitions: Iterable[str] = ()) -> list[str]:
    """Why a condition that is asked of any day cannot stand, in words.

    definitions: the keys it may refer to.
    """
    found = [
        f"there is no definition “{key}”" for key in sorted(refers_to(condition) - set(definitions))
    ]
    for part in walk(condition):
        if not isinstance(part, All | Some | Not | ForDays) and is_of_now(name_of_leaf(part)):
            name = name_of_leaf(part).replace("_", " ")
            found.append(f"“{name}” is known of today only, so no other day could be judged by it")
    return found


def circle(definitions: Definitions) -> tuple[str, ...]:
    """The keys of definitions that refer to each other in a circle, in order; empty without."""

    def search(key: str, above: tuple[str, ...]) -> tuple[str, ...]:
        if key in above:
            return (*above[above.index(key) :], key)
        nexts = refers_to(definitions[key]) if key in definitions else set()
        return next((found for each in sorted(nexts) if (found := search(each, (*above, key)))), ())

    return next((found for key in definitions if (found := search(key, ()))), ())
