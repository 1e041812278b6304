"""Dates that matter: added, given a consequence, confirmed, moved, closed, in dialogs."""

from decimal import Decimal
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.queries.reach import account_in_reach, in_reach
from spiced.actions.endings import close_event, reopen_event
from spiced.actions.events import change_event, confirm_event, save_event
from spiced.actions.moves import move_event, take_back_move
from spiced.forms.events import (
    CloseForm,
    ConfirmEventForm,
    ConsequenceForm,
    EventForm,
    MoveForm,
)
from spiced.models import CriticalEvent
from spiced.queries.notes import contacts
from spiced.rules.events import moved
from spiced.views.dialogs import asked, done
from spiced.views.editor import today_of
from tenants.access import TenantRequest, needs
from tenants.formats import day, exponent
from tenants.roles import Can


@needs(Can.EDIT_SPICED)
@require_http_methods(["GET", "POST"])
def new(request: TenantRequest, account_id: UUID) -> HttpResponse:
    """Add a date that matters beside the one the note speaks of."""
    account = account_in_reach(request.actor, Can.EDIT_SPICED, account_id)
    form = EventForm(
        list(contacts(account)),
        request.tenant.currency,
        today_of(request),
        request.POST or None,
    )
    about = "A date alone is compelling; with a consequence it is critical."
    return asked(
        request,
        account,
        form,
        lambda **given: save_event(account=account, **given),
        {"title": "A date that matters", "about": about, "save": "Add event"}
        | {"done": "Event added"},
    )


@needs(Can.EDIT_SPICED)
@require_http_methods(["GET", "POST"])
def consequence(request: TenantRequest, event_id: UUID) -> HttpResponse:
    """Say what happens if a date passes; for the event of the note, in the note."""
    event = _event(request, event_id)
    if event.is_in_note and request.method == "GET":
        return redirect(reverse("spiced:note", args=[event.account_id]) + "?step=CE")
    currency = request.tenant.currency
    amount = event.amount_minor
    held = {
        "consequence": event.consequence,
        "consequence_kind": event.consequence_kind,
        "amount": None if amount is None else Decimal(amount) / 10 ** exponent(currency),
        "sufferer": str(event.sufferer_id or ""),
        "seen": event.recorded_at.isoformat(),
    }
    people = list(contacts(event.account))
    form = ConsequenceForm(people, currency, request.POST or None, initial=held)
    return asked(
        request,
        event.account,
        form,
        lambda **given: change_event(event=event, **given),
        {"title": "What hangs on it", "about": _named(event), "save": "Save"}
        | {"done": "Consequence saved"},
    )


@needs(Can.EDIT_SPICED)
@require_http_methods(["GET", "POST"])
def confirm(request: TenantRequest, event_id: UUID) -> HttpResponse:
    """Record who at the account said that date and consequence are right, and when."""
    event = _event(request, event_id)
    people = list(contacts(event.account))
    return asked(
        request,
        event.account,
        ConfirmEventForm(people, today_of(request), request.POST or None),
        lambda **given: confirm_event(event=event, **given),
        {"title": "Confirmed by the account", "save": "Confirm", "done": "Event confirmed"}
        | {"about": f"{_named(event)} If it passes: {event.consequence or 'nobody said yet'}."},
    )


@needs(Can.EDIT_SPICED)
@require_http_methods(["GET", "POST"])
def move(request: TenantRequest, event_id: UUID) -> HttpResponse:
    """Move a date, with the reason; each move counts."""
    event = _event(request, event_id)
    form = MoveForm(request.POST or None, initial={"seen_moves": event.times_moved})
    now_on = f"now on {day(event.on)}" if event.on else "without a date so far"
    history = f", {moved(event.times_moved)}" if event.times_moved else ""
    about = f"{event.statement}, {now_on}{history}. Moved twice, it is only compelling."
    return asked(
        request,
        event.account,
        form,
        lambda **given: move_event(event=event, **given),
        {"title": "Move the date", "about": about, "save": "Move date", "done": "Date moved"}
        | {"undo": reverse("spiced:take_back_move", args=[event.pk])},
    )


@needs(Can.EDIT_SPICED)
@require_POST
def take_back(request: TenantRequest, event_id: UUID) -> HttpResponse:
    """The last move was an error."""
    event = _event(request, event_id)
    return done(
        request, event.account, lambda **given: take_back_move(event=event, **given), "Move undone"
    )


@needs(Can.EDIT_SPICED)
@require_http_methods(["GET", "POST"])
def close(request: TenantRequest, event_id: UUID) -> HttpResponse:
    """Say that a date is over: met, missed, or of no matter any more."""
    event = _event(request, event_id)
    return asked(
        request,
        event.account,
        CloseForm(request.POST or None),
        lambda **given: close_event(event=event, **given),
        {"title": "Close this event", "about": event.statement, "save": "Close event"}
        | {"done": "Event closed", "undo": reverse("spiced:reopen_event", args=[event.pk])},
    )


@needs(Can.EDIT_SPICED)
@require_POST
def reopen(request: TenantRequest, event_id: UUID) -> HttpResponse:
    """The event is not over after all."""
    event = _event(request, event_id)
    return done(
        request, event.account, lambda **given: reopen_event(event=event, **given), "Event reopened"
    )


def _named(event: CriticalEvent) -> str:
    when = day(event.on) if event.on else event.condition_words
    return f"{event.statement}, {when}."


def _event(request: TenantRequest, event_id: UUID) -> CriticalEvent:
    reached = in_reach(request.actor, Can.EDIT_SPICED)
    found = CriticalEvent.objects.filter(account__in=reached).select_related("account")
    return get_object_or_404(found, pk=event_id)
