"""JSON bodies without loose ends."""

import json
from typing import Any

from rest_framework import exceptions
from rest_framework.parsers import BaseParser

DEEPEST = 20


class StrictJSONParser(BaseParser):
    """JSON without its loose ends: UTF-8, no duplicate keys, no NaN, no NUL, bounded depth."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            return strict_json(stream.read())
        except ValueError as error:
            raise exceptions.ParseError(str(error)) from None


def strict_json(body: bytes) -> Any:
    """Parse a JSON body. Raises ValueError with a plain reason for anything doubtful."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("The body is not UTF-8.") from None
    if _depth(text) > DEEPEST:
        raise ValueError(f"The body is nested more than {DEEPEST} levels deep.")
    try:
        value = json.loads(text, object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("The body is nested too deep.") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"Not JSON: {error.msg} at character {error.pos}.") from None
    _no_bad_text(value)
    return value


def _depth(text: str) -> int:
    deepest = depth = 0
    is_in_string = is_escaped = False
    for sign in text:
        if is_in_string:
            if is_escaped:
                is_escaped = False
            elif sign == "\\":
                is_escaped = True
            elif sign == '"':
                is_in_string = False
        elif sign == '"':
            is_in_string = True
        elif sign in "[{":
            depth += 1
            deepest = max(deepest, depth)
            if deepest > DEEPEST:
                return deepest
        elif sign in "]}":
            depth -= 1
    return deepest


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"The key “{twice}” stands twice in one object.")
    return made


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number.")


def _no_bad_text(value: Any) -> None:
    if isinstance(value, str):
        if "\x00" in value:
            raise ValueError("A text holds the NUL character.")
        if any("\ud800" <= sign <= "\udfff" for sign in value):
            raise ValueError("A text holds half of a surrogate pair.")
    elif isinstance(value, dict):
        for key, item in value.items():
            _no_bad_text(key)
            _no_bad_text(item)
    elif isinstance(value, list):
        for item in value:
            _no_bad_text(item)
    elif isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**19:
        raise ValueError("A number has more than 19 digits.")
