"""How long requests take, counted by every web process of this machine into one shared memory.

Each process adds to a slot of its own, so nobody waits for anybody, and reading sums the slots. A
process that takes over the slot of one that ended goes on counting where that one stopped.
"""

import mmap
import struct
from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

SLOTS = 256  # web processes at a time
CLASSES = ("page", "part", "api", "outside", "probe")
OUTCOMES = ("ok", "refused", "failed")  # below 400, below 500, from 500
BOUNDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds
WIDTH = len(BOUNDS) + 1 + 1 + len(OUTCOMES)  # buckets, the last without end; the sum; outcomes
RECORD = struct.Struct(f"{WIDTH}d")
NUMBER = struct.Struct("d")
SLOT_SIZE = RECORD.size * len(CLASSES)


class Timing(NamedTuple):
    """Of one class. buckets: requests within each of BOUNDS and beyond, not summed up."""

    buckets: tuple[int, ...]
    seconds: float
    outcomes: dict[str, int]


class Timings:
    """Memory that processes forked from this one share."""

    def __init__(self) -> None:
        self.memory = mmap.mmap(-1, SLOT_SIZE * SLOTS)
        self.slot = 0

    def add(self, kind: str, seconds: float, status: int) -> None:
        """Count a request of one of CLASSES."""
        start = self.slot * SLOT_SIZE + CLASSES.index(kind) * RECORD.size
        outcome = len(BOUNDS) + 2 + (status >= 400) + (status >= 500)
        for place, more in (
            (bisect_left(BOUNDS, seconds), 1),
            (len(BOUNDS) + 1, seconds),
            (outcome, 1),
        ):
            at = start + place * NUMBER.size
            NUMBER.pack_into(self.memory, at, NUMBER.unpack_from(self.memory, at)[0] + more)

    def read(self) -> Iterator[tuple[str, Timing]]:
        """Each class with what all processes counted."""
        for place, kind in enumerate(CLASSES):
            sums = [0.0] * WIDTH
            for slot in range(SLOTS):
                record = RECORD.unpack_from(self.memory, slot * SLOT_SIZE + place * RECORD.size)
                sums = [a + b for a, b in zip(sums, record, strict=True)]
            counts = [int(one) for one in sums]
            n = len(BOUNDS) + 1
            outcomes = dict(zip(OUTCOMES, counts[n + 1 :], strict=True))
            yield kind, Timing(tuple(counts[:n]), sums[n], outcomes)


shared = Timings()
