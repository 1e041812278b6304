"""Many values of one field read at once."""

from collections.abc import Sequence
from types import NoneType
from typing import Any

from accounts.rules.fields import Field, Kind

PLAIN = {Kind.TEXT, Kind.REFERENCE}


def read_all(field: Field, values: Sequence[Any]) -> Sequence[Any]:
    """What `field.read` gives for each value. Raises Unfit where it would for any of them.

    Plain texts are judged together, others once for each that is different. What equal values
    are read as may be one object.
    """
    kinds = set(map(type, values))
    if kinds == {str} and field.kind in PLAIN:
        texts = list(map(str.strip, values))
        if all(texts) and max(map(len, texts)) <= field.longest and "".join(values).isprintable():
            return texts
    if any(kinds <= alike for alike in ({str, NoneType}, {int, NoneType})):
        return _each_once(field, values, values)
    if kinds == {list} and field.kind is Kind.TEXTS:
        try:
            return _each_once(field, values, list(map(tuple, values)))
        except TypeError:  # a member cannot be compared, so it is no text
            pass
    return [field.read(value) for value in values]


def _each_once(field: Field, values: Sequence[Any], keys: Sequence[Any]) -> Sequence[Any]:
    """Read one value for each key."""
    read = {key: field.read(value) for key, value in dict(zip(keys, values, strict=True)).items()}
    return list(map(read.__getitem__, keys))
