"""Who belongs to whom: groups of companies without circles."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

Id = TypeVar("Id")
DEEPEST = 20


def circular(parents: Mapping[Id, Id | None], starts: Iterable[Id]) -> set[Id]:
    """Those of `starts` whose line of parents comes back to itself or is too long to follow."""
    found: set[Id] = set()
    for start in starts:
        seen, here = {start}, parents.get(start)
        while here is not None:
            if here in seen or len(seen) > DEEPEST:
                found.add(start)
                break
            seen.add(here)
            here = parents.get(here)
    return found
