"""An account's ARR from day to day, and how long it took from impact to what came of it."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import accumulate
from uuid import UUID

from bowtie.rules.funnel import DAY, Passage
from bowtie.rules.lines import Way
from bowtie.rules.stages import Stage


@dataclass(frozen=True)
class Heights:
    """ARR of one account after each day on which it moved, in order; minor units."""

    days: tuple[date, ...]
    arr: tuple[int, ...]

    def on(self, day: date) -> int:
        """ARR after a day; of one that has none yet, the first it comes to.

        A contract may begin some time after it was signed.
        """
        place = bisect_right(self.days, day) - 1
        if place >= 0 and self.arr[place]:
            return self.arr[place]
        return next((arr for arr in self.arr[place + 1 :] if arr), 0)


NONE = Heights((), ())


def heights(moves: Iterable[tuple[date, int]]) -> Heights:
    """From (day, amount), by day."""
    by_day: dict[date, int] = {}
    for day, amount in moves:
        by_day[day] = by_day.get(day, 0) + amount
    days = tuple(sorted(by_day))
    return Heights(days, tuple(accumulate(by_day[day] for day in days)))


def since_impact(
    ways: Sequence[Way],
    happened: dict[UUID, list[datetime]],
    start: datetime,
    end: datetime,
    as_of: datetime,
    stage: Stage = Stage.FIRST_IMPACT,
) -> list[Passage]:
    """Lives that reached First Impact, or another stage, in a window, and how long until something
    first happened.

    happened: when it did, by account. What did not happen yet is open until the life ended, or
    `as_of`. A First Impact that nobody confirmed, or that was skipped, has no day to count from.
    """
    found = []
    for way in ways:
        is_apart = bool(way.unproven) and stage == Stage.FIRST_IMPACT
        at = None if way.is_imported or is_apart else way.entered(stage)
        if at is None or not start <= at < end:
            continue
        last = way.ended() or as_of
        after = [day for day in happened.get(way.id, []) if at < day <= last]
        first = min(after, default=None)
        days = (first - at).total_seconds() / DAY if first else None
        open_days = None if first else (last - at).total_seconds() / DAY
        found.append(Passage(way, at, first, days, open_days))
    return found
