"""What people do with one task, each with its undo."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Account
from accounts.queries.reach import account_in_reach
from charter.queries import calendar
from plays.actions.tasks import (
    add_task,
    drop_task,
    finish_task,
    plan_task,
    reassign_task,
    reopen_task,
    snooze_task,
)
from plays.forms.tasks import OwnerForm, PlanForm, SnoozeForm, TaskForm
from plays.models import Task
from plays.queries.queue import people
from plays.queries.reach import task_in_reach
from plays.views.answers import refused, said
from tenants.access import TenantRequest, needs
from tenants.errors import Refused
from tenants.formats import day, weekday
from tenants.models import User
from tenants.roles import Can


@needs(Can.WORK_TASKS)
@require_POST
def done(request: TenantRequest, task_id: UUID) -> HttpResponse:
    """Mark a task done."""
    task = task_in_reach(request.actor, Can.WORK_TASKS, task_id)
    version = request.POST.get("version", "")
    try:
        finish_task(
            task=task,
            actor=request.actor,
            now=timezone.now(),
            seen_version=int(version) if version.isdecimal() else None,
        )
    except Refused as refusal:
        return refused(request, refusal)
    return said(request, f"Done: {task.title}", reverse("plays:reopen", args=[task.pk]))


@needs(Can.WORK_TASKS)
@require_POST
def reopen(request: TenantRequest, task_id: UUID) -> HttpResponse:
    """Take back done or dropped."""
    task = task_in_reach(request.actor, Can.WORK_TASKS, task_id)
    try:
        reopen_task(task=task, actor=request.actor, now=timezone.now())
    except Refused as refusal:
        return refused(request, refusal)
    return said(request, f"Open again: {task.title}")


@needs(Can.WORK_TASKS)
@require_POST
def drop(request: TenantRequest, task_id: UUID) -> HttpResponse:
    """Let a task go undone."""
    task = task_in_reach(request.actor, Can.WORK_TASKS, task_id)
    try:
        drop_task(task=task, actor=request.actor, now=timezone.now())
    except Refused as refusal:
        return refused(request, refusal)
    return said(request, f"Dropped: {task.title}", reverse("plays:reopen", args=[task.pk]))


@needs(Can.WORK_TASKS)
@require_POST
def plan(request: TenantRequest, task_id: UUID) -> HttpResponse:
    """Put a task on the plan of a day, or take it off where no day is named."""
    task = task_in_reach(request.actor, Can.WORK_TASKS, task_id)
    now = timezone.now()
    form = PlanForm(request.POST if "on" in request.POST else request.GET)
    if not form.is_valid():
        return HttpResponse("That is no date.", status=422, content_type="text/plain")
    on, was = form.cleaned_data["on"], task.planned_on
    try:
        plan_task(task=task, actor=request.actor, now=now, on=on)
    except Refused as refusal:
        return refused(request, refusal)
    words = f"Planned for {day(on, timezone.localdate(now))}" if on else "Off the plan"
    undo = f"{reverse('plays:plan', args=[task.pk])}?on={was.isoformat() if was else ''}"
    return said(request, f"{words}: {task.title}", undo)


@needs(Can.WORK_TASKS)
@require_http_methods(["GET", "POST"])
def snooze(request: TenantRequest, task_id: UUID) -> HttpResponse:
    """Put a task off to a working day or a date, with a reason if one wants."""
    task = task_in_reach(request.actor, Can.WORK_TASKS, task_id)
    now = timezone.now()
    today = now.astimezone(ZoneInfo(request.tenant.time_zone)).date()
    form = SnoozeForm(calendar(), today, request.POST or None)
    context: dict[str, Any] = {"title": "Snooze", "task": task, "form": form}
    if request.method == "GET":
        return render(request, "plays/snooze.html", context)
    if not form.is_valid():
        return render(request, "plays/snooze.html", context, status=422)
    until = form.moment()
    try:
        snooze_task(
            task=task,
            actor=request.actor,
            now=now,
            until=until,
            reason=form.cleaned_data["reason"],
            seen_version=form.cleaned_data["version"],
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return render(request, "plays/snooze.html", context, status=refusal.status)
    words = f"Snoozed until {weekday(until.date(), today)}"
    return said(request, words, reverse("plays:wake", args=[task.pk]))


@needs(Can.WORK_TASKS)
@require_POST
def wake(request: TenantRequest, task_id: UUID) -> HttpResponse:
    """Bring a snoozed task back."""
    task = task_in_reach(request.actor, Can.WORK_TASKS, task_id)
    try:
        snooze_task(task=task, actor=request.actor, now=timezone.now(), until=None)
    except Refused as refusal:
        return refused(request, refusal)
    return said(request, f"Back in the list: {task.title}")


@needs(Can.WORK_TASKS)
@require_http_methods(["GET", "POST"])
def reassign(request: TenantRequest, task_id: UUID) -> HttpResponse:
    """Give a task to somebody within reach."""
    task = task_in_reach(request.actor, Can.WORK_TASKS, task_id)
    form = OwnerForm(people(request.actor), request.POST or None)
    if request.method == "GET":
        return _reassign(request, task, form)
    if not form.is_valid():
        return _reassign(request, task, form, 422)
    owner = get_object_or_404(User, pk=form.cleaned_data["owner"])
    try:
        reassign_task(task=task, owner=owner, actor=request.actor, now=timezone.now())
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _reassign(request, task, form, refusal.status)
    return said(request, f"{owner} has it now: {task.title}")


@needs(Can.WORK_TASKS)
@require_http_methods(["GET", "POST"])
def new_task(request: TenantRequest) -> HttpResponse:
    """Add a task, for an account (?account=) or for oneself."""
    account = _account(request)
    initial = {"owner": str(request.actor.user_id)}
    form = TaskForm(people(request.actor), request.POST or None, initial=initial)
    if request.method == "GET":
        return _new_task(request, account, form)
    if not form.is_valid():
        return _new_task(request, account, form, 422)
    owner_id = form.owner_id() or request.actor.user_id
    entered = form.cleaned_data
    try:
        task = add_task(
            account=account,
            owner=get_object_or_404(User, pk=owner_id),
            title=entered["title"],
            actor=request.actor,
            now=timezone.now(),
            due_at=form.due_at(calendar()),
            planned_on=entered["planned_on"],
            minutes=entered["minutes"],
            kind=entered["kind"],
            reason=entered["reason"],
            is_proactive=not entered["is_reactive"],
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _new_task(request, account, form, refusal.status)
    return said(request, f"Added: {task.title}", reverse("plays:drop", args=[task.pk]))


def _account(request: TenantRequest) -> Account | None:
    """The account the task is for. Raises Http404 where it is out of reach."""
    text = request.GET.get("account", "")
    if not text:
        return None
    try:
        account_id = UUID(text)
    except ValueError:
        return get_object_or_404(Account.objects.none())
    return account_in_reach(request.actor, Can.WORK_TASKS, account_id)


def _new_task(
    request: TenantRequest, account: Account | None, form: TaskForm, status: int = 200
) -> HttpResponse:
    url = reverse("plays:new_task") + (f"?account={account.pk}" if account else "")
    context = {
        "title": "New task",
        "about": f"For {account.name}." if account else "",
        "form": form,
        "url": url,
        "save": "Add task",
    }
    return render(request, "plays/dialog.html", context, status=status)


def _reassign(
    request: TenantRequest, task: Task, form: OwnerForm, status: int = 200
) -> HttpResponse:
    context = {
        "title": "Give to somebody",
        "about": task.title,
        "form": form,
        "url": reverse("plays:reassign", args=[task.pk]),
        "save": "Give",
    }
    return render(request, "plays/dialog.html", context, status=status)
