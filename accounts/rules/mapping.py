"""Guess which column of a sheet fills which of our fields, with a score and a reason each."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from accounts.rules.columns import Profile
from accounts.rules.judgement import Kind

FieldKind = Literal[
    "text", "key", "integer", "decimal", "money", "share", "date", "datetime", "boolean", "email"
]

LEAST_SCORE = 0.6
NAME_WEIGHT = 0.75

# How well a kind of column suits a kind of field, 0.0-1.0; what is not here does not fit at all.
_FITS: dict[FieldKind, dict[Kind, float]] = {
    "text": {"text": 1.0, "email": 0.7, "integer": 0.7, "boolean": 0.6, "decimal": 0.5,
             "date": 0.5, "datetime": 0.5, "money": 0.5},
    "key": {"text": 1.0, "integer": 1.0, "email": 0.8},
    "integer": {"integer": 1.0, "decimal": 0.5},
    "decimal": {"decimal": 1.0, "integer": 0.9, "money": 0.6},
    "money": {"money": 1.0, "decimal": 0.9, "integer": 0.8},
    "share": {"decimal": 1.0, "integer": 0.6},
    "date": {"date": 1.0, "datetime": 0.8},
    "datetime": {"datetime": 1.0, "date": 0.9},
    "boolean": {"boolean": 1.0, "integer": 0.5},
    "email": {"email": 1.0, "text": 0.4},
}  # fmt: skip
_EMPTY_FIT = 0.5
# Words a system puts in front of its own field names.
_PREFIXES = ("property", "properties", "custom", "field", "col")


@dataclass(frozen=True)
class TargetField:
    """A field of ours that a column can fill. aliases: other names it goes by in exports."""

    key: str
    label: str
    kind: FieldKind
    required: bool = False
    aliases: tuple[str, ...] = ()
    help: str = ""


@dataclass(frozen=True)
class Match:
    """A column for a field. score: 0.0-1.0. reason: why, for the person who checks it."""

    field: str
    column: int
    score: float
    reason: str


@dataclass(frozen=True)
class Mapping:
    """matches: at most one per field and per column, best first. unused: columns left over.
    missing: required fields without a column."""

    matches: tuple[Match, ...]
    unused: tuple[int, ...]
    missing: tuple[str, ...]

    def column_of(self, field: str) -> int | None:
        """The column guessed for a field."""
        return next((match.column for match in self.matches if match.field == field), None)


def guess_mapping(fields: Sequence[TargetField], profiles: Sequence[Profile]) -> Mapping:
    """The best pairs of field and column, taken in order of score, none used twice."""
    pairs = sorted(
        (match for field in fields for profile in profiles if (match := _match(field, profile))),
        key=lambda match: (-match.score, match.column),
    )
    taken: list[Match] = []
    for match in pairs:
        if all(match.field != m.field and match.column != m.column for m in taken):
            taken.append(match)
    columns = {match.column for match in taken}
    filled = {match.field for match in taken}
    return Mapping(
        matches=tuple(taken),
        unused=tuple(p.index for p in profiles if p.index not in columns),
        missing=tuple(f.key for f in fields if f.required and f.key not in filled),
    )


def words_of(name: str) -> tuple[str, ...]:
    """The words of a column name, lower case: accountName, ACCOUNT_NAME and Account name agree."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    words = re.sub(r"[\W_]+", " ", spaced).lower().split()
    while len(words) > 1 and words[0] in _PREFIXES:
        words = words[1:]
    return tuple(words)


def name_likeness(one: str, other: str) -> float:
    """How alike two names are, 0.0-1.0: equal words 1, shared words less, typing errors a bit."""
    a, b = words_of(one), words_of(other)
    if not a or not b:
        return 0.0
    if a == b or "".join(a) == "".join(b):
        return 1.0
    shared = len(set(a) & set(b)) / len(set(a) | set(b))
    spelled = SequenceMatcher(None, " ".join(a), " ".join(b)).ratio()
    return max(0.95 * shared, 0.9 * spelled if spelled >= 0.85 else 0.0)


def _match(field: TargetField, profile: Profile) -> Match | None:
    likeness, name = _best_name(field, profile.name)
    fit = _FITS[field.kind].get(profile.kind, 0.0)
    if profile.kind == "empty":
        fit = _EMPTY_FIT
    if field.kind == "boolean" and profile.kind == "integer" and profile.distinct > 2:
        fit = 0.0
    score = round(NAME_WEIGHT * likeness + (1 - NAME_WEIGHT) * fit, 3)
    if not fit or score < LEAST_SCORE:
        return None
    return Match(field.key, profile.index, score, _reason(profile, likeness, name))


def _best_name(field: TargetField, column: str) -> tuple[float, str]:
    """The likeliest of the field's names; an alias counts a touch less than the label."""
    own = [(name_likeness(column, name), name) for name in (field.label, field.key)]
    other = [(0.98 * name_likeness(column, name), name) for name in field.aliases]
    return max(own + other, key=lambda pair: pair[0])


def _reason(profile: Profile, likeness: float, name: str) -> str:
    how = "is named like" if likeness >= 0.95 else "has a name close to"
    holds = "is empty" if profile.kind == "empty" else f"holds {_HOLDS[profile.kind]}"
    return f"“{profile.name}” {how} “{name}” and {holds}"


_HOLDS: dict[Kind, str] = {
    "empty": "nothing",
    "text": "text",
    "integer": "whole numbers",
    "decimal": "decimal numbers",
    "money": "amounts of money",
    "date": "dates",
    "datetime": "moments",
    "boolean": "yes or no",
    "email": "e-mail addresses",
}


def columns_of_kind(profiles: Iterable[Profile], *kinds: Kind) -> list[Profile]:
    """The columns of one of the kinds, in order."""
    return [profile for profile in profiles if profile.kind in kinds]
