"""Dates of a joint plan: backwards from its anchor, and how much room each step still has.

Source: the operating model, section 5.4. Days are working days of the tenant's calendar.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from charter.rules.calendar import Calendar
from journeys.rules.schedule import Node, Span, ordered
from tenants.formats import day, plural

BUFFER = 5  # working days kept free before the anchor, unless said otherwise
TIGHT = 5  # working days of slack up to which a step is tight
LONGEST = 250  # working days: of a step, or of the buffer
MOST_STEPS = 40
USUAL = (
    ("Kickoff held", 5, 2),
    ("Configuration complete", 5, 3),
    ("Users enabled", 15, 5),
    ("Go-live", 10, 2),
    ("First Impact measured", 10, 5),
    ("Impact confirmed", 20, 5),
)  # one after the other: the working days each takes, and in a plan of a month at least


@dataclass(frozen=True)
class Doing:
    """An open step as it is judged. days: it takes; begun_on: None where nobody began it."""

    key: str
    label: str
    days: int
    span: Span
    after: tuple[str, ...] = ()
    begun_on: date | None = None


@dataclass(frozen=True)
class Room:
    """What room a step has. slack: working days, negative where the date cannot be held.

    ends_on: the earliest it can end. reason: in words, empty where there is room enough.
    is_cause: whether it is not late only because of a step before it.
    """

    slack: int
    ends_on: date
    reason: str
    is_cause: bool

    @property
    def is_infeasible(self) -> bool:
        return self.slack < 0

    @property
    def is_tight(self) -> bool:
        return 0 <= self.slack <= TIGHT


def backward(
    nodes: Iterable[Node], anchor: date, buffer: int, calendar: Calendar
) -> dict[str, Span]:
    """The latest start and due day of each step, by key.

    What nothing comes after is due the buffer before the anchor; every other step is due when
    the first of those after it has to start. Raises CycleFound, UnknownTask.
    """
    in_order, last = ordered(nodes), last_day(anchor, buffer, calendar)
    before: dict[str, list[date]] = {node.key: [] for node in in_order}
    spans: dict[str, Span] = {}
    for node in reversed(in_order):
        due = min([last, *before[node.key]])
        spans[node.key] = Span(calendar.add_days(due, -node.days), due)
        for key in node.after:
            before[key].append(spans[node.key].starts_on)
    return spans


def last_day(anchor: date, buffer: int, calendar: Calendar) -> date:
    """The working day on which the last step is due: the buffer before the anchor."""
    if calendar.is_working_day(anchor) and not buffer:
        return anchor
    return calendar.add_days(anchor, -max(1, buffer))


def fitted(room: int) -> list[int]:
    """The days of the usual steps within so many working days, and more than tight if it can be.

    Each gives up the same part of what it has above its least; where even that has no room, each
    takes its least.
    """
    spare = sum(days - least for _, days, least in USUAL)
    needed = sum(least for _, _, least in USUAL)
    left = min(spare, max(0, room - TIGHT - 1 - needed))
    given, above, found = 0, 0, []
    for _, days, least in USUAL:
        above += days - least
        so_far = -(-left * above // spare)  # rounded up: the last ones give up what is over
        found.append(least + so_far - given)
        given = so_far
    return found


def rooms(steps: Iterable[Doing], today: date, calendar: Calendar) -> dict[str, Room]:
    """How much room each open step has today, by key. after: keys of open steps.

    A step that nobody began starts today at the earliest, or when the last open step before it
    can end. Raises CycleFound, UnknownTask.
    """
    by_key = {step.key: step for step in steps}
    nodes = (Node(step.key, days=step.days, after=step.after) for step in by_key.values())
    now = calendar.add_days(today, 0)
    found: dict[str, Room] = {}
    for node in ordered(nodes):
        step = by_key[node.key]
        ahead = max(step.after, key=lambda key: found[key].ends_on, default="")
        start = max(now, found[ahead].ends_on) if ahead else now
        if step.begun_on:
            ends = max(now, calendar.add_days(step.begun_on, step.days))
        else:
            ends = calendar.add_days(start, step.days)
        slack = calendar.days_between(ends, step.span.due_on)
        is_cause = slack < 0 and not any(found[key].is_infeasible for key in step.after)
        holds_up = by_key[ahead].label if ahead and start > now else ""
        reason = _reason(step, slack, ends, start, holds_up, today, calendar)
        found[node.key] = Room(slack, ends, reason, is_cause)
    return found


def worst(found: Mapping[str, Room]) -> int | None:
    """The least slack of a plan; None where no step is open."""
    return min((room.slack for room in found.values()), default=None)


def _reason(
    step: Doing,
    slack: int,
    ends: date,
    start: date,
    holds_up: str,
    today: date,
    calendar: Calendar,
) -> str:
    if slack > TIGHT:
        return ""
    if slack >= 0:
        room = f"{plural(slack, 'working day')} of slack" if slack else "no slack"
        return f"{room}, due {day(step.span.due_on, today)}"
    over = f"ends {day(ends, today)} at the earliest, due {day(step.span.due_on, today)}"
    if step.begun_on:
        return f"begun {day(step.begun_on, today)}, {over}"
    if holds_up:
        return f"cannot start before {day(start, today)}, after “{holds_up}”; {over}"
    late = calendar.days_between(step.span.starts_on, today)
    since = f", {plural(late, 'working day')} ago" if late else ""
    return f"had to start by {day(step.span.starts_on, today)}{since}; {over}"
