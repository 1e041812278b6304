"""The dates that matter to an account, and how often each moved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from accounts.models import Account
from spiced.models import CriticalEvent
from spiced.rules.events import moved
from tenants.models import TrailEntry

MOVED, TAKEN_BACK = "spiced.event_moved", "spiced.event_move_taken_back"


@dataclass(frozen=True)
class Move:
    """One time a date moved. confirmed_by, confirmed_at: of the date it had before."""

    was_on: date | None
    on: date | None
    reason: str
    at: datetime
    confirmed_by: str
    confirmed_at: datetime | None


@dataclass(frozen=True)
class Dated:
    """An event with the moves that were told, oldest first."""

    event: CriticalEvent
    moves: tuple[Move, ...]

    @property
    def is_open(self) -> bool:
        return self.event.status == CriticalEvent.Status.OPEN

    @property
    def moved(self) -> str:
        return moved(self.event.times_moved)

    @property
    def may_be_taken_back(self) -> bool:
        """Whether the last move still says the date."""
        return self.is_open and bool(self.moves) and self.moves[-1].on == self.event.on


def events_of(account: Account) -> list[Dated]:
    """The events of an account: open ones first, the nearest first. Two queries."""
    found = list(
        CriticalEvent.objects.filter(account=account)
        .select_related("sufferer", "confirmed_by")
        .order_by("-is_in_note", "on", "id")
    )
    told = moves(found)
    dated = [Dated(event, tuple(told[event.pk])) for event in found]
    return sorted(dated, key=lambda each: not each.is_open)


def to_ask(account: Account) -> CriticalEvent | None:
    """The open event of which nobody said what happens if it passes: the renewal, else the nearest.

    One query.
    """
    lacking = CriticalEvent.objects.filter(
        account=account, status=CriticalEvent.Status.OPEN, consequence=""
    )
    return lacking.order_by("-is_renewal", "on", "id").first()


def moves(events: Sequence[CriticalEvent]) -> dict[UUID, list[Move]]:
    """The moves of events of one account, oldest first, without those taken back. One query."""
    told: dict[UUID, list[Move]] = {event.pk: [] for event in events}
    entries = TrailEntry.objects.filter(
        account_id__in={event.account_id for event in events},
        object_id__in=list(told),
        verb__in=(MOVED, TAKEN_BACK),
    )
    for entry in entries.order_by("recorded_at", "id"):
        if (about := entry.object_id) is None:
            continue
        if entry.verb == MOVED:
            told[about].append(_move(entry))
        elif told[about]:
            told[about].pop()
    return told


def _move(entry: TrailEntry) -> Move:
    was_on, on = (date.fromisoformat(each) if each else None for each in entry.facts["on"])
    contact, confirmed_at = entry.facts.get("confirmed") or ("", "")
    return Move(
        was_on,
        on,
        entry.facts.get("reason", ""),
        entry.at,
        contact,
        datetime.fromisoformat(confirmed_at) if confirmed_at else None,
    )
