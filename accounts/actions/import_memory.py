"""Targets that write in their own way remember in their own way what an import replaced."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Kept = dict[str, Any]


@dataclass(frozen=True)
class Memory:
    """How to take a batch of a target back.

    remember: `f(records, source=)` before the batch is written; JSON-ready. take_back: `f(kept,
    now=)` returns (values taken back, values left because they changed since).
    """

    remember: Callable[..., Kept]
    take_back: Callable[..., tuple[int, int]]


MEMORIES: dict[str, Memory] = {}
