"""Reads of the playbook: what is in force, its versions, and how each play has done."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q

from plays.models import Held, Play, Run
from plays.rules.bodies import Body, read

FIRED_DAYS = 30
FEW = 5  # closed runs below which a rate says little


@dataclass(frozen=True)
class Record:
    """How a play has done. success is of `closed` runs, None where none closed."""

    fired: int = 0
    open: int = 0
    held: int = 0
    closed: int = 0
    succeeded: int = 0
    dismissed: int = 0

    @property
    def success(self) -> float | None:
        return self.succeeded / self.closed if self.closed else None

    @property
    def is_low_n(self) -> bool:
        return self.closed < FEW


def in_force() -> list[tuple[Play, Body]]:
    """The published plays with their bodies, the most urgent first. One query."""
    found = [(play, read(play.body)) for play in Play.objects.filter(state=Play.State.PUBLISHED)]
    return sorted(found, key=lambda each: (each[1].priority, each[0].key))


def latest() -> list[Play]:
    """One version of each play: the published one, else the newest. One query."""
    chosen: dict[str, Play] = {}
    for play in Play.objects.order_by("key", "-version"):
        held = chosen.get(play.key)
        if held is None or (play.state == Play.State.PUBLISHED and held.state != play.state):
            chosen[play.key] = play
    return list(chosen.values())


def versions(key: str) -> list[Play]:
    """All versions of a play, newest first. One query."""
    return list(Play.objects.filter(key=key).select_related("author").order_by("-version"))


def records(now: datetime) -> dict[str, Record]:
    """How every play has done, by key. Two queries."""
    since = now - timedelta(days=FIRED_DAYS)
    closed = Q(closed_at__isnull=False) & ~Q(state=Run.State.DISMISSED)
    rows = list(
        Run.objects.values("play_key").annotate(
            fired=Count("id", filter=Q(started_at__gte=since)),
            open=Count("id", filter=Q(closed_at=None)),
            closed=Count("id", filter=closed),
            succeeded=Count("id", filter=closed & Q(outcome="success")),
            dismissed=Count("id", filter=Q(state=Run.State.DISMISSED)),
        )
    )
    held = dict(
        Held.objects.filter(recorded_at__gte=since).values_list("play_key").annotate(n=Count("id"))
    )
    made: dict[str, dict[str, Any]] = {row["play_key"]: {**row} for row in rows}
    for row in made.values():
        del row["play_key"]
    return {
        key: Record(held=held.get(key, 0), **made.get(key, {})) for key in set(made) | set(held)
    }
