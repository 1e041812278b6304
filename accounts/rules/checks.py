"""What the fields of one row must be to each other."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Check:
    """A condition over several fields. `field` is the one to correct where it does not hold."""

    needs: tuple[str, ...]
    field: str
    code: str
    holds: Callable[[Values], bool]
    reason: Callable[[Values], str]


def after(first: str, second: str, *, code: str, reason: str, or_equal: bool = True) -> Check:
    """The second moment or day is not before the first. Nothing to say where one is open."""

    def holds(values: Values) -> bool:
        start, end = values.get(first), values.get(second)
        if start is None or end is None:
            return True
        return bool(end >= start if or_equal else end > start)

    def words(values: Values) -> str:
        return reason.format(**{first: values[first], second: values[second]})

    return Check((first, second), second, code, holds, words)
