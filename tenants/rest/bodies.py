"""JSON bodies without loose ends."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from rest_framework import exceptions, serializers
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

DEEPEST = 20
LONGEST_NUMBER = 19  # digits: what a bigint holds
BAD_TEXT = re.compile("[\x00\ud800-\udfff]")


JSON_TYPES: dict[type[serializers.Field[Any, Any, Any, Any]], tuple[type, str]] = {
    serializers.BooleanField: (bool, "true or false"),
    serializers.IntegerField: (int, "a whole number"),
    serializers.CharField: (str, "a text"),
}


class Body(serializers.Serializer[Any]):
    """What a call sends. Fields that do not exist are refused by name, not passed over, and
    nothing is read into another type of JSON: 0 is not false, "3" is not 3."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping) and (errors := dict(self._strangers(data))):
            raise exceptions.ValidationError(errors)
        return super().to_internal_value(data)

    def _strangers(self, data: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
        for name, value in data.items():
            if name not in self.fields:
                yield name, ["There is no such field."]
            for field, (kind, words) in JSON_TYPES.items():
                is_so = isinstance(self.fields.get(name), field)
                is_fit = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
                if is_so and value is not None and not is_fit:
                    yield name, [f"This is {words}."]


class StrictJSONParser(BaseParser):
    """JSON without its loose ends: UTF-8, no duplicate keys, no NaN, no NUL, bounded depth."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            return strict_json(stream.read())
        except ValueError as error:
            raise exceptions.ParseError(str(error)) from None


def strict_json(body: bytes) -> Any:
    """Parse a JSON body. Raises ValueError with a plain reason for anything doubtful.

    A mark of byte order at its start is passed over.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"The body is not UTF-8 from byte {error.start} on.") from None
    try:
        value = json.loads(
            text,
            object_pairs_hook=_no_duplicates,
            parse_constant=_no_constant,
            parse_int=_whole,
            parse_float=_fraction,
        )
        _look_through(value, may_hide_signs="\\u" in text)
    except RecursionError:
        raise _too_deep() from None
    except json.JSONDecodeError as error:
        raise ValueError(f"Not JSON: {error.msg} at character {error.pos}.") from None
    return value


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise ValueError(f"The key “{_shown(twice)}” stands twice in one object.")
    return made


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number.")


def _whole(digits: str) -> int:
    if len(digits.lstrip("-")) > LONGEST_NUMBER:
        raise ValueError(f"A number has more than {LONGEST_NUMBER} digits.")
    return int(digits)


def _fraction(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{_shown(text)} is beyond all numbers.")
    return number


def _look_through(value: Any, *, may_hide_signs: bool) -> None:
    """Refuse what is nested too deep and texts that no database holds. Level by level.

    may_hide_signs: the body has escapes, without which no text can hold such signs.
    """
    level, depth = [value], 0
    while level:
        below: list[Any] = []
        for each in level:
            if isinstance(each, dict):
                below += each.values()
                if may_hide_signs:
                    below += each
            elif isinstance(each, list):
                below += each
            elif may_hide_signs and isinstance(each, str):
                _refuse_bad_text(each)
        if depth == DEEPEST and any(isinstance(each, dict | list) for each in level):
            raise _too_deep()
        level, depth = below, depth + 1


def _refuse_bad_text(text: str) -> None:
    if found := BAD_TEXT.search(text):
        what = "the NUL character" if found[0] == "\x00" else "half of a surrogate pair"
        raise ValueError(f"A text holds {what}.")


def _too_deep() -> ValueError:
    return ValueError(f"The body is nested more than {DEEPEST} levels deep.")


def _shown(text: str) -> str:
    """A piece of the body as an error may repeat it: short, and without what cannot be sent."""
    return BAD_TEXT.sub("�", text[:40])


def read(shape: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """What the body of a call says, by a shape. Raises ValidationError."""
    body = shape(data=request.data)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)
