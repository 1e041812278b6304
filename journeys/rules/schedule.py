"""Dates of a plan: forward from an anchor, each task after those it depends on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from charter.rules.calendar import Calendar


class CycleFound(Exception):
    """Tasks wait for each other. keys: those in the circle, in order."""

    def __init__(self, keys: list[str]):
        super().__init__(" → ".join([*keys, keys[0]]))
        self.keys = keys


class UnknownTask(Exception):
    """A task comes after one that the plan does not have."""


@dataclass(frozen=True)
class Node:
    """What dates are made from. offset, days: working days; due_on: a date set by hand or by fact.

    after: keys of the tasks whose end it waits for.
    """

    key: str
    offset: int = 0
    days: int = 0
    after: tuple[str, ...] = ()
    due_on: date | None = None


@dataclass(frozen=True)
class Span:
    starts_on: date
    due_on: date


def ordered(nodes: Iterable[Node]) -> list[Node]:
    """Each task after those it depends on, else in the order given.

    Raises CycleFound, UnknownTask.
    """
    by_key = {node.key: node for node in nodes}
    done: dict[str, Node] = {}
    path: list[str] = []

    def visit(node: Node) -> None:
        if node.key in done:
            return
        if node.key in path:
            raise CycleFound(path[path.index(node.key) :])
        path.append(node.key)
        for key in node.after:
            if key not in by_key:
                raise UnknownTask(key)
            visit(by_key[key])
        path.pop()
        done[node.key] = node

    for node in by_key.values():
        visit(node)
    return list(done.values())


def schedule(nodes: Iterable[Node], anchor: date, calendar: Calendar) -> dict[str, Span]:
    """When each task starts and is due.

    A task starts so many working days after the anchor, or when the last task it depends on is
    due where that is later, and is due so many working days after its start. A date of its own
    holds, and moves what depends on it. Raises CycleFound, UnknownTask.
    """
    spans: dict[str, Span] = {}
    for node in ordered(nodes):
        ready = calendar.add_days(anchor, node.offset)
        start = max([ready, *(spans[key].due_on for key in node.after)])
        due = node.due_on or calendar.add_days(start, node.days)
        spans[node.key] = Span(min(start, due), due)
    return spans


def pushed(nodes: Iterable[Node], key: str, dates: Mapping[str, Span], to: date) -> list[str]:
    """The keys of tasks that cannot start by plan where one ends on a day, nearest first.

    dates: the plan. A task is pushed where one it depends on ends after its planned start.
    """
    ends = {each: span.due_on for each, span in dates.items()} | {key: to}
    hit: list[str] = []
    for node in ordered(nodes):
        if node.key == key or not node.after:
            continue
        ready = max(ends[each] for each in node.after)
        if ready > dates[node.key].starts_on and {key, *hit} & set(node.after):
            hit.append(node.key)
            ends[node.key] = max(ends[node.key], ready)
    return hit
