"""What is at work on one account, and plays started or dismissed by hand."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import Account
from accounts.queries.reach import account_in_reach, in_reach
from plays.actions.runs import dismiss_run, start_by_hand
from plays.forms.tasks import DismissForm, StartForm
from plays.models import Play, Run
from plays.queries.definitions import in_force
from plays.queries.reach import run_in_reach
from plays.queries.runs import closed_runs, loose_tasks, open_runs
from plays.views.answers import said
from tenants.access import TenantRequest, needs
from tenants.errors import Refused
from tenants.roles import Can


@needs(Can.READ_ACCOUNTS)
@require_GET
def panel(request: TenantRequest, account_id: UUID) -> HttpResponse:
    """The plays at work on an account with their steps, and its other tasks."""
    account = account_in_reach(request.actor, Can.READ_ACCOUNTS, account_id)
    context: dict[str, Any] = panel_context(request, account) | {"account": account}
    template = "plays/panel.html#panel" if request.htmx else "plays/panel.html"
    return render(request, template, context)


def panel_context(request: TenantRequest, account: Account) -> dict[str, Any]:
    """What the panel shows, for pages that hold it."""
    reached = in_reach(request.actor, Can.WORK_TASKS).filter(pk=account.pk)
    return {
        "runs": open_runs(account),
        "tasks": loose_tasks(account),
        "past": closed_runs(account),
        "may_work": reached.exists(),
        "now": timezone.now(),
    }


@needs(Can.WORK_TASKS)
@require_http_methods(["GET", "POST"])
def start(request: TenantRequest, account_id: UUID) -> HttpResponse:
    """Start a play on an account by hand."""
    account = account_in_reach(request.actor, Can.WORK_TASKS, account_id)
    form = StartForm([play for play, _ in in_force()], request.POST or None)
    if request.method == "GET":
        return _start(request, account, form)
    if not form.is_valid():
        return _start(request, account, form, 422)
    play = get_object_or_404(Play, pk=form.cleaned_data["play"])
    try:
        start_by_hand(account=account, play=play, actor=request.actor, now=timezone.now())
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _start(request, account, form, refusal.status)
    return _back(request, account.pk, f"Started: {play.name}")


@needs(Can.WORK_TASKS)
@require_http_methods(["GET", "POST"])
def dismiss(request: TenantRequest, run_id: UUID) -> HttpResponse:
    """Stop a play that does not fit, with the reason."""
    run = run_in_reach(request.actor, Can.WORK_TASKS, run_id)
    form = DismissForm(request.POST or None)
    if request.method == "GET":
        return _dismiss(request, run, form)
    if not form.is_valid():
        return _dismiss(request, run, form, 422)
    try:
        dismiss_run(
            run=run,
            actor=request.actor,
            now=timezone.now(),
            reason=form.cleaned_data["reason"],
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _dismiss(request, run, form, refusal.status)
    return _back(request, run.account_id, f"Dismissed: {run.play.name}")


def _back(request: TenantRequest, account_id: UUID, words: str) -> HttpResponse:
    return said(request, words) if request.htmx else redirect("plays:panel", account_id)


def _start(
    request: TenantRequest, account: Account, form: StartForm, status: int = 200
) -> HttpResponse:
    context = {
        "title": "Start a play",
        "about": f"On {account.name}, whatever its condition says.",
        "form": form,
        "url": reverse("plays:start", args=[account.pk]),
        "save": "Start",
    }
    return render(request, "plays/dialog.html", context, status=status)


def _dismiss(
    request: TenantRequest, run: Run, form: DismissForm, status: int = 200
) -> HttpResponse:
    context = {
        "title": f"Dismiss {run.play.name}",
        "about": f"{run.account.name}: {run.evidence.get('reason', '')}",
        "form": form,
        "url": reverse("plays:dismiss", args=[run.pk]),
        "save": "Dismiss",
    }
    return render(request, "plays/dialog.html", context, status=status)
