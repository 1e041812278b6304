"""The groups of the day's queue, and which a task belongs to."""

from datetime import date, datetime
from enum import Enum

QUICK_MINUTES = 10


class Group(Enum):
    """In the order of the page: title and what it means."""

    CLOCK = ("Clock running", "promises with a deadline today")
    IMPACT = ("Most impact at stake", "ranked by ARR, risk, nearness and how movable it is")
    PLANNED = ("Planned for today", "you put these here")
    QUICK = ("Ten-minute jobs", "each closes quickly")

    @property
    def title(self) -> str:
        return self.value[0]

    @property
    def note(self) -> str:
        return self.value[1]


def group_of(
    *,
    has_clock: bool,
    due_at: datetime | None,
    planned_on: date | None,
    minutes: int,
    today: date,
    end: datetime,
) -> Group:
    """A running clock comes first, then a person's own plan, then the short, then the rest.

    end: the moment the day ends.
    """
    if has_clock and due_at is not None and due_at <= end:
        return Group.CLOCK
    if planned_on is not None and planned_on <= today:
        return Group.PLANNED
    return Group.QUICK if minutes <= QUICK_MINUTES else Group.IMPACT
