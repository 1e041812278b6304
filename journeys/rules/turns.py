"""Whose turn it is, and how the time of an onboarding divides between the two sides."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from journeys.rules.standing import Item, in_hand


@dataclass(frozen=True)
class Stretch:
    """A span in which one side had to act; ended_at is None while it runs."""

    side: str
    began_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class Split:
    """Time with us and time with them: together the whole."""

    us: timedelta
    them: timedelta

    @property
    def whole(self) -> timedelta:
        return self.us + self.them

    @property
    def their_share(self) -> float | None:
        return self.them / self.whole if self.whole else None


def waits_on(item: Item) -> str:
    """The side a task waits for: the one it was set to wait for, else its owner's."""
    return item.waiting_on or item.side


def turn(items: Iterable[Item]) -> str:
    """Theirs where every task in hand waits for them; else ours, as when nothing is in hand."""
    found = in_hand(items)
    return "them" if found and all(waits_on(each) == "them" for each in found) else "us"


def split(stretches: Iterable[Stretch], until: datetime) -> Split:
    """Time by side, the running stretch up to `until`."""
    spent = {"us": timedelta(), "them": timedelta()}
    for each in stretches:
        spent[each.side] += (each.ended_at or until) - each.began_at
    return Split(spent["us"], spent["them"])
