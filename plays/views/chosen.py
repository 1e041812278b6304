"""What can be done with the chosen rows of a list of accounts: add a task, start a play, undo."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.actions.ownership import NothingToUndo
from charter.queries import calendar
from health.views.chosen import Chosen, chosen, told
from health.views.listing import address, page_named
from plays.actions.chosen_plays import start_chosen, undo_start
from plays.actions.chosen_tasks import Done, add_tasks, undo_tasks
from plays.forms.tasks import ChosenTaskForm, StartForm
from plays.models import Play
from plays.queries.definitions import in_force
from plays.queries.queue import people
from tenants.access import TenantRequest, needs
from tenants.errors import Refused
from tenants.formats import plural
from tenants.ids import uuid7
from tenants.models import User
from tenants.roles import Can

TASKS, PLAYS = "plays:chosen_tasks", "plays:chosen_play"
Form = ChosenTaskForm | StartForm


@needs(Can.WORK_TASKS)
@require_POST
def tasks(request: TenantRequest) -> HttpResponse:
    """Ask for a task, then add it to each of the chosen accounts."""
    picked, batch = chosen(request), _batch(request)
    form = ChosenTaskForm(people(request.actor), request.POST if batch else None)
    if batch is None:
        return _ask(request, picked, form, TASKS, "Add task", "Add a task to")
    if _is_refused(picked, form):
        return _ask(request, picked, form, TASKS, "Add task", "Add a task to", batch)
    entered, owner_id = form.cleaned_data, form.owner_id()
    try:
        done = add_tasks(
            account_ids=picked.ids,
            owner=get_object_or_404(User, pk=owner_id) if owner_id else None,
            title=entered["title"],
            batch=batch,
            actor=request.actor,
            now=timezone.now(),
            due_at=form.due_at(calendar()),
            minutes=entered["minutes"],
            kind=entered["kind"],
            reason=entered["reason"],
            is_proactive=not entered["is_reactive"],
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _ask(request, picked, form, TASKS, "Add task", "Add a task to", batch, refusal)
    words = f"Task added to {plural(len(done.account_ids), 'account')}"
    return _answer(request, done, words, reverse("plays:undo_tasks", args=[batch]))


@needs(Can.WORK_TASKS)
@require_POST
def play(request: TenantRequest) -> HttpResponse:
    """Ask which play, then start it on each of the chosen accounts."""
    picked, batch = chosen(request), _batch(request)
    form = StartForm([play for play, _ in in_force()], request.POST if batch else None)
    if batch is None:
        return _ask(request, picked, form, PLAYS, "Start play", "Start a play on")
    if _is_refused(picked, form):
        return _ask(request, picked, form, PLAYS, "Start play", "Start a play on", batch)
    found = get_object_or_404(Play, pk=form.cleaned_data["play"])
    try:
        done = start_chosen(
            account_ids=picked.ids,
            play=found,
            batch=batch,
            actor=request.actor,
            now=timezone.now(),
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _ask(request, picked, form, PLAYS, "Start play", "Start a play on", batch, refusal)
    words = f"{found.name} started on {plural(len(done.account_ids), 'account')}"
    return _answer(request, done, words, reverse("plays:undo_start", args=[batch]))


@needs(Can.WORK_TASKS)
@require_POST
def undo_added(request: TenantRequest, batch: UUID) -> HttpResponse:
    """Drop the tasks that were added together."""
    return _undo(request, batch, undo_tasks, "task")


@needs(Can.WORK_TASKS)
@require_POST
def undo_started(request: TenantRequest, batch: UUID) -> HttpResponse:
    """Take back the plays that were started together."""
    return _undo(request, batch, undo_start, "play")


def _batch(request: TenantRequest) -> UUID | None:
    """The name the dialog gave what is to be done; None before there was a dialog."""
    given = request.POST.get("batch")
    if given is None:
        return None
    try:
        return UUID(given)
    except ValueError:
        return uuid7()


def _is_refused(picked: Chosen, form: Form) -> bool:
    """Whether the answer to the dialog cannot be followed; the form then says why."""
    if picked.has_moved:
        form.add_error(None, f"The list has changed: it is {picked.words} now.")
    elif not picked.ids:
        form.add_error(None, "No account is chosen.")
    return not form.is_valid()


def _ask(
    request: TenantRequest,
    picked: Chosen,
    form: Form,
    view: str,
    verb: str,
    title: str,
    batch: UUID | None = None,
    refusal: Refused | None = None,
) -> HttpResponse:
    status = 200 if batch is None else 409 if picked.has_moved else 422
    context = {
        "title": f"{title} {picked.words}",
        "form": form,
        "verb": verb,
        "action": f"{reverse(view)}?{request.GET.urlencode()}",
        "batch": batch or uuid7(),
        **picked.fields(),
    }
    status = refusal.status if refusal else status
    return render(request, "health/bulk.html", context, status=status)


def _answer(request: TenantRequest, done: Done, words: str, undo: str) -> HttpResponse:
    """A toast with Undo; where accounts were left out, a dialog that says which and why."""
    toast = {"text": words, "undo": undo}
    events: dict[str, Any] = {"toast": toast, "accounts:changed": {}, "tasks:changed": {}}
    if not done.refused:
        return told(request, events | {"dialog:close": {}})
    left = f"{sum(len(names) for names in done.refused.values())} left out"
    is_done = bool(done.account_ids)
    context = {
        "title": f"{words}, {left}" if is_done else f"Nothing was done: {left}",
        "refused": done.refused,
        "back": reverse(page_named(request).view) + address(request.GET, on=None),
    }
    answer = render(request, "plays/chosen_done.html", context, status=200 if is_done else 409)
    if is_done:
        answer["HX-Trigger"] = json.dumps(events)
    return answer


def _undo(request: TenantRequest, batch: UUID, undo: Callable[..., int], noun: str) -> HttpResponse:
    try:
        n = undo(batch=batch, actor=request.actor, now=timezone.now())
    except NothingToUndo as refusal:
        return told(request, {"toast": {"text": str(refusal)}}, status=refusal.status)
    events = {"toast": {"text": f"{plural(n, noun)} taken back"}}
    return told(request, events | {"accounts:changed": {}, "tasks:changed": {}})
