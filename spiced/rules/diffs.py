"""Two versions of a note side by side: which fields changed, and which words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from typing import Any


@dataclass(frozen=True)
class Piece:
    """A run of words, and whether the other version has it as well."""

    words: str
    is_changed: bool


@dataclass(frozen=True)
class Row:
    """One field in both versions."""

    part: str
    label: str
    before: tuple[Piece, ...]
    after: tuple[Piece, ...]

    @property
    def is_changed(self) -> bool:
        return any(piece.is_changed for piece in (*self.before, *self.after))


def compared(before: str, after: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both texts in pieces, with the words marked that the other one lacks."""
    old, new = _words(before), _words(after)
    left: list[Piece] = []
    right: list[Piece] = []
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if a < b:
            left.append(Piece("".join(old[a:b]), what != "equal"))
        if c < d:
            right.append(Piece("".join(new[c:d]), what != "equal"))
    return tuple(left), tuple(right)


def rows(before: Mapping[tuple[str, str], str], after: Mapping[tuple[str, str], str]) -> list[Row]:
    """A row for each field that either version fills. Keys are (part, label), in order."""
    keys = dict.fromkeys((*before, *after))
    return [
        Row(*key, *compared(before.get(key, ""), after.get(key, "")))
        for key in keys
        if before.get(key) or after.get(key)
    ]


def changes(was: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, list[Any]]:
    """What differs of two states of a record: [before, after] by field, as JSON holds it."""
    return {
        key: [_plain(was.get(key)), _plain(value)]
        for key, value in now.items()
        if was.get(key) != value
    }


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return value if value is None or isinstance(value, int | float | str) else str(value)


def _words(text: str) -> list[str]:
    return re.findall(r"\s*\S+", text)[:2000]
