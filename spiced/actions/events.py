"""Dates that matter: setting one, and having it confirmed."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.actions.former import keep
from accounts.models import Account, Contact
from spiced.actions.confirming import confirm_element
from spiced.actions.holding import held_event, refuse_stranger
from spiced.actions.promises import said_at
from spiced.actions.refusals import InNote
from spiced.models import CriticalEvent
from tenants import trail
from tenants.actor import Actor
from tenants.errors import Refused
from tenants.timeline import describe

SAID = (
    *("statement", "on", "condition", "operator", "value", "expected_on", "consequence"),
    *("consequence_kind", "amount_minor", "sufferer"),
)

describe("spiced.event_confirmed", "The account confirmed the critical event", icon="flag")


class NoDate(Refused):
    """An event needs a date, or a condition that is reached."""

    status = 422


class ClosedEvent(Refused):
    """The event is over."""


class EventChanged(Refused):
    """Somebody changed the event meanwhile."""


class MoveInstead(Refused):
    """A date that is there moves, so that the move counts."""


class NotCritical(Refused):
    """Only an event with a consequence can be confirmed as critical."""

    status = 422


@transaction.atomic
def save_event(
    *,
    account: Account,
    actor: Actor,
    now: datetime,
    statement: str,
    on: date | None = None,
    condition: str = "",
    operator: str = "",
    value: float | None = None,
    expected_on: date | None = None,
    consequence: str = "",
    consequence_kind: str = "",
    amount_minor: int | None = None,
    sufferer: Contact | None = None,
    event: CriticalEvent | None = None,
) -> CriticalEvent:
    """Set or change an event beside the one the note speaks of. A renewal date enters this way.

    Raises NoDate without a date and without a condition, ClosedEvent, NotOfAccount.
    """
    if not statement.strip() or (on is None and not condition.strip()):
        raise NoDate("A critical event needs a name, and a date or a condition.")
    if sufferer is not None:
        refuse_stranger(account, sufferer)
    is_new = event is None
    event = held_event(event) if event else CriticalEvent(account=account)
    refuse_closed(event)
    event.statement, event.on, event.condition = statement.strip(), on, condition.strip()
    event.consequence, event.consequence_kind = consequence.strip(), consequence_kind
    event.operator, event.value, event.expected_on = operator, value, expected_on
    event.amount_minor, event.sufferer, event.recorded_at = amount_minor, sufferer, now
    event.confirmed_by, event.confirmed_at = None, None
    keep(CriticalEvent, [event.pk], now=now)
    event.save()
    verb = "spiced.event_set" if is_new else "spiced.event_changed"
    tell_event(verb=verb, event=event, actor=actor, now=now, level=str(event.level))
    return event


@transaction.atomic
def change_event(
    *,
    event: CriticalEvent,
    actor: Actor,
    now: datetime,
    given: dict[str, Any],
    seen: datetime | None = None,
) -> CriticalEvent:
    """Change what is given of an event, as saving takes it; what is the same changes nothing.

    seen: when the event was recorded that the writer had before him. Who confirmed it is asked
    again. Raises InNote, MoveInstead where it has another date already, EventChanged, and as saving
    does.
    """
    event = held_event(event)
    refuse_closed(event)
    if event.is_in_note:
        raise InNote("The SPICED note speaks of this event. Change it there.")
    if seen is not None and seen != event.recorded_at:
        raise EventChanged("Somebody changed this event meanwhile. Look again before you save.")
    if event.on is not None and given.get("on", event.on) != event.on:
        raise MoveInstead("This event has a date. Move it, with the reason, so that it counts.")
    was = {name: getattr(event, name) for name in SAID}
    if was | given == was:
        return event
    return save_event(account=event.account, event=event, actor=actor, now=now, **(was | given))


@transaction.atomic
def confirm_event(
    *,
    event: CriticalEvent,
    actor: Actor,
    now: datetime,
    confirmed_by: Contact,
    confirmed_on: date | None = None,
) -> CriticalEvent:
    """Record who at the account confirmed date and consequence, and on which day; today without.

    The event of the note is confirmed with the note's part. Raises ClosedEvent, NotOfAccount,
    NotCritical without a consequence.
    """
    event = held_event(event)
    refuse_closed(event)
    refuse_stranger(event.account, confirmed_by)
    if not event.level.is_critical:
        raise NotCritical(
            "It moved twice and nothing happened, so it is only compelling."
            if event.consequence
            else "Say first what happens if the date passes; a date alone is compelling."
        )
    on = confirmed_on or timezone.localdate(now)
    if event.is_in_note:
        confirm_element(
            account=event.account,
            actor=actor,
            now=now,
            letter="CE",
            heard_from=confirmed_by,
            heard_on=on,
        )
        return held_event(event)
    event.confirmed_by, event.confirmed_at = confirmed_by, said_at(on, now)
    keep(CriticalEvent, [event.pk], now=now)
    event.save()
    tell_event(
        verb="spiced.event_confirmed",
        event=event,
        actor=actor,
        now=now,
        contact=str(confirmed_by.pk),
        on=on.isoformat(),
    )
    return event


def refuse_closed(event: CriticalEvent) -> None:
    """Raises ClosedEvent for an event that is over."""
    if event.status != CriticalEvent.Status.OPEN:
        raise ClosedEvent(f"This event is {event.get_status_display().lower()} already.")


@transaction.atomic
def tell_event(
    *, verb: str, event: CriticalEvent, actor: Actor, now: datetime, **facts: object
) -> None:
    """A line of the trail about an event."""
    trail.record(
        verb,
        at=now,
        actor=actor.user,
        account_id=event.account_id,
        object_id=event.pk,
        statement=event.statement,
        **facts,
    )
