"""Dates that matter: moved, closed, and taken back, in dialogs over the account."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.queries.reach import in_reach
from spiced.actions.endings import close_event, reopen_event
from spiced.actions.moves import move_event, take_back_move
from spiced.forms.impact import CloseForm, MoveForm
from spiced.models import CriticalEvent
from spiced.rules.events import moved
from spiced.views.dialogs import asked, done
from tenants.access import TenantRequest, needs
from tenants.formats import day
from tenants.roles import Can


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


def _event(request: TenantRequest, event_id: UUID) -> CriticalEvent:
    reached = in_reach(request.actor, Can.EDIT_SPICED)
    found = CriticalEvent.objects.filter(account__in=reached).select_related("account")
    return get_object_or_404(found, pk=event_id)
