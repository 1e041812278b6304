"""A date that matters moves, and is moved back where it never did."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from accounts.actions.former import keep
from accounts.models import Contact
from spiced.actions.events import refuse_closed, tell_event
from spiced.actions.holding import held_event
from spiced.actions.notes import save_note
from spiced.models import CriticalEvent
from spiced.queries.events import MOVED, TAKEN_BACK, moves
from spiced.queries.notes import current_note
from tenants.actor import Actor
from tenants.errors import Refused
from tenants.formats import day
from tenants.timeline import describe


def _dates(facts: Mapping[str, Any]) -> str:
    was, now = (day(date.fromisoformat(each)) if each else "no date" for each in facts["on"])
    return f"{was} to {now}"


describe(
    MOVED,
    lambda facts: f"The critical event moved from {_dates(facts)}",
    icon="flag",
    detail="{reason}",
)
describe(
    TAKEN_BACK,
    lambda facts: f"{facts['who']} took back that the critical event moved, {_dates(facts)}",
    icon="undo-2",
)


class EventMoved(Refused):
    """Somebody moved the event meanwhile."""


class NoMove(Refused):
    """There is no move that could be taken back."""


class SameDate(Refused):
    """An event moves to another date."""

    status = 422


@transaction.atomic
def move_event(
    *,
    event: CriticalEvent,
    actor: Actor,
    now: datetime,
    on: date,
    reason: str,
    seen_moves: int | None = None,
) -> CriticalEvent:
    """The date moved and nothing happened. Twice, and the event is only compelling.

    seen_moves: how often it had moved when the mover looked. The note that speaks of the event
    keeps its versions and carries the new date. Raises ClosedEvent, SameDate, EventMoved.
    """
    event = held_event(event)
    refuse_closed(event)
    if seen_moves is not None and seen_moves != event.times_moved:
        raise EventMoved(f"Somebody moved this event meanwhile, to {day(event.on)}.")
    if on == event.on:
        raise SameDate("Choose another date than the one it has.")
    was_on = event.on.isoformat() if event.on else None
    facts: dict[str, Any] = {
        "on": [was_on, on.isoformat()],
        "reason": reason,
        "confirmed": _confirmed(event),
    }
    event.times_moved += 1
    event.confirmed_by, event.confirmed_at = None, None
    _put(event, on, actor, now)
    facts |= {"times_moved": event.times_moved, "level": str(event.level)}
    tell_event(verb=MOVED, event=event, actor=actor, now=now, **facts)
    return event


@transaction.atomic
def take_back_move(*, event: CriticalEvent, actor: Actor, now: datetime) -> CriticalEvent:
    """The last move was an error: the date is as before, with who confirmed it, and counts anew.

    Raises ClosedEvent, NoMove where the date was changed since.
    """
    event = held_event(event)
    refuse_closed(event)
    made = moves([event])[event.pk]
    if not made or event.on != made[-1].on:
        raise NoMove("There is no move to take back, or the date was changed since.")
    last = made[-1]
    event.times_moved = max(event.times_moved - 1, 0)
    contact = Contact.objects.filter(pk=last.confirmed_by).first() if last.confirmed_by else None
    _put(event, last.was_on, actor, now)
    if last.confirmed_at:
        event.confirmed_by, event.confirmed_at = contact, last.confirmed_at
        keep(CriticalEvent, [event.pk], now=now)
        event.save()
    was, on = (each.isoformat() if each else None for each in (last.on, last.was_on))
    tell_event(
        verb=TAKEN_BACK,
        event=event,
        actor=actor,
        now=now,
        on=[was, on],
        times_moved=event.times_moved,
    )
    return event


def _confirmed(event: CriticalEvent) -> list[str] | None:
    if event.confirmed_at is None:
        return None
    return [str(event.confirmed_by_id or ""), event.confirmed_at.isoformat()]


def _put(event: CriticalEvent, on: date | None, actor: Actor, now: datetime) -> None:
    """The date, in the event and in the note that speaks of it."""
    event.on, event.recorded_at = on, now
    keep(CriticalEvent, [event.pk], now=now)
    event.save()
    note = current_note(event.account) if event.is_in_note else None
    if note is not None:
        save_note(
            account=event.account,
            actor=actor,
            now=now,
            seen_version=note.version,
            given={"CE": {"on": on.isoformat() if on else None}},
        )
