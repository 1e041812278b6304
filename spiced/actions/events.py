"""Dates that matter: setting one, and having it confirmed."""

from datetime import date, datetime

from django.db import transaction

from accounts.models import Account, Contact
from spiced.actions.holding import held_event
from spiced.models import CriticalEvent
from tenants import trail
from tenants.actor import Actor
from tenants.errors import Refused
from tenants.timeline import describe

describe("spiced.event_confirmed", "The account confirmed the critical event", icon="flag")


class NoDate(Refused):
    """An event needs a date, or a condition that is reached."""

    status = 422


class ClosedEvent(Refused):
    """The event is over."""


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

    Raises NoDate without a date and without a condition.
    """
    if not statement.strip() or (on is None and not condition.strip()):
        raise NoDate("A critical event needs a name, and a date or a condition.")
    is_new = event is None
    event = event or CriticalEvent(account=account)
    event.statement, event.on, event.condition = statement.strip(), on, condition.strip()
    event.consequence, event.consequence_kind = consequence.strip(), consequence_kind
    event.operator, event.value, event.expected_on = operator, value, expected_on
    event.amount_minor, event.sufferer, event.recorded_at = amount_minor, sufferer, now
    event.confirmed_by, event.confirmed_at = None, None
    event.save()
    verb = "spiced.event_set" if is_new else "spiced.event_changed"
    tell_event(verb=verb, event=event, actor=actor, now=now, level=str(event.level))
    return event


@transaction.atomic
def confirm_event(
    *, event: CriticalEvent, actor: Actor, now: datetime, confirmed_by: Contact
) -> CriticalEvent:
    """Record who at the account confirmed date and consequence.

    Raises ClosedEvent, NotCritical without a consequence.
    """
    event = held_event(event)
    refuse_closed(event)
    if not event.level.is_critical:
        raise NotCritical("Say first what happens if the date passes; a date alone is compelling.")
    event.confirmed_by, event.confirmed_at = confirmed_by, now
    event.save()
    tell_event(
        verb="spiced.event_confirmed",
        event=event,
        actor=actor,
        now=now,
        contact=str(confirmed_by.pk),
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
