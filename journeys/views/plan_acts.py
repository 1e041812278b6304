"""What people do with an onboarding and its tasks: one click with an undo, or a dialog."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Contact
from accounts.queries.reach import account_in_reach
from journeys.actions.endings import end_onboarding, leave_onboarding
from journeys.actions.onboardings import agree_on, begin_onboarding
from journeys.actions.plan_changes import add_plan_task, change_plan_task
from journeys.actions.plan_tasks import (
    finish_plan_task,
    hold_plan_task,
    reopen_plan_task,
    skip_plan_task,
)
from journeys.forms.plans import (
    AgreeForm,
    BeginForm,
    EndForm,
    LeaveForm,
    NewPlanTaskForm,
    PlanTaskForm,
    ReasonForm,
    WaitForm,
)
from journeys.models import Onboarding, PlanTask
from journeys.queries.templates import in_force, template_for
from journeys.views.plans import onboarding_of
from tenants.access import TenantRequest, needs
from tenants.formats import day
from tenants.models import Membership
from tenants.roles import Can
from tenants.views.acts import Home, asked, one_click, sent

Act = Callable[..., object]


@needs(Can.RUN_ONBOARDING)
@require_http_methods(["GET", "POST"])
def begin(request: TenantRequest, account_id: UUID) -> HttpResponse:
    """Begin an onboarding by hand."""
    account = account_in_reach(request.actor, Can.RUN_ONBOARDING, account_id)
    chosen = template_for(account.touch_model)
    form = BeginForm(in_force(), chosen, timezone.localdate(), sent(request))
    told = {
        "title": "Begin onboarding",
        "about": f"{account.name} gets a plan from a template in force.",
        "save": "Begin",
    }
    url = reverse("account_onboarding", args=[account.pk])
    home = Home(request.user, url, "Back to the account", ("plan:changed", "tasks:changed"))
    act = partial(begin_onboarding, account=account)
    return asked(request, home, form, act, told, "Onboarding began")


@needs(Can.RUN_ONBOARDING)
@require_POST
def done(request: TenantRequest, plan_task_id: UUID) -> HttpResponse:
    """Mark a task of the plan done."""
    task, onboarding = _task_of(request, plan_task_id)
    version = request.POST.get("version", "")
    seen = int(version) if version.isdecimal() and len(version) < 10 else None
    act = partial(finish_plan_task, task=task, seen_version=seen)
    return one_click(request, _home(request, onboarding), act, f"Done: {task.label}", _undo(task))


@needs(Can.RUN_ONBOARDING)
@require_POST
def reopen(request: TenantRequest, plan_task_id: UUID) -> HttpResponse:
    """Take a task up again that was done, left out or waiting."""
    task, onboarding = _task_of(request, plan_task_id)
    act = partial(reopen_plan_task, task=task)
    return one_click(request, _home(request, onboarding), act, f"Open again: {task.label}")


@needs(Can.RUN_ONBOARDING)
@require_http_methods(["GET", "POST"])
def skip(request: TenantRequest, plan_task_id: UUID) -> HttpResponse:
    """Leave a task out, with a reason."""
    task, onboarding = _task_of(request, plan_task_id)
    form = ReasonForm(sent(request), initial={"version": task.version})
    told = {"title": "Leave out", "about": task.label, "save": "Leave out"}
    act = partial(skip_plan_task, task=task)
    return asked(
        request, _home(request, onboarding), form, act, told, f"Left out: {task.label}", _undo(task)
    )


@needs(Can.RUN_ONBOARDING)
@require_http_methods(["GET", "POST"])
def wait(request: TenantRequest, plan_task_id: UUID) -> HttpResponse:
    """Say on whom a task waits; the time counts for that side from now on."""
    task, onboarding = _task_of(request, plan_task_id)
    initial = {"version": task.version, "on": task.waiting_on or "them", "reason": task.reason}
    form = WaitForm(sent(request), initial=initial)
    told = {"title": "Waiting", "about": task.label, "save": "It waits"}
    act = partial(hold_plan_task, task=task)
    return asked(
        request, _home(request, onboarding), form, act, told, f"Waiting: {task.label}", _undo(task)
    )


@needs(Can.RUN_ONBOARDING)
@require_http_methods(["GET", "POST"])
def change(request: TenantRequest, plan_task_id: UUID) -> HttpResponse:
    """Change who does a task, by when, after which others, and who sees it."""
    task, onboarding = _task_of(request, plan_task_id)
    form = PlanTaskForm(*_people(request, onboarding), sent(request), task=task)
    told = {"title": "Change the task", "about": task.label, "save": "Save"}
    act = partial(change_plan_task, task=task)
    return asked(request, _home(request, onboarding), form, act, told, f"Changed: {task.label}")


@needs(Can.RUN_ONBOARDING)
@require_http_methods(["GET", "POST"])
def add(request: TenantRequest, onboarding_id: UUID) -> HttpResponse:
    """Add a task that the template does not have."""
    onboarding = onboarding_of(request, Can.RUN_ONBOARDING, onboarding_id)
    form = NewPlanTaskForm(*_people(request, onboarding), sent(request))
    told = {"title": "Add a task", "about": "", "save": "Add task"}
    act = partial(add_plan_task, onboarding=onboarding)
    return asked(request, _home(request, onboarding), form, act, told, "Task added")


@needs(Can.RUN_ONBOARDING)
@require_http_methods(["GET", "POST"])
def agree(request: TenantRequest, onboarding_id: UUID) -> HttpResponse:
    """Agree another day for First Impact."""
    onboarding = onboarding_of(request, Can.RUN_ONBOARDING, onboarding_id)
    form = AgreeForm(sent(request), initial={"on": onboarding.agreed_on})
    about = f"Planned for {day(onboarding.planned_on)}. That day is kept beside the new one."
    told = {"title": "Agree First Impact", "about": about, "save": "Agree"}
    act = partial(agree_on, onboarding=onboarding)
    return asked(request, _home(request, onboarding), form, act, told, "First Impact agreed")


@needs(Can.RUN_ONBOARDING)
@require_http_methods(["GET", "POST"])
def end(request: TenantRequest, onboarding_id: UUID) -> HttpResponse:
    """End at First Impact, on evidence."""
    onboarding = onboarding_of(request, Can.RUN_ONBOARDING, onboarding_id)
    about = (
        "What counts is a measured result, or a quote, that the champion, buyer or sponsor "
        "confirmed. The account moves to First Impact; the transition stays to do."
    )
    told = {"title": "End at First Impact", "about": about, "save": "End onboarding"}
    act = partial(end_onboarding, onboarding=onboarding)
    return asked(
        request,
        _home(request, onboarding),
        EndForm(sent(request)),
        act,
        told,
        "First Impact reached",
    )


@needs(Can.RUN_ONBOARDING)
@require_http_methods(["GET", "POST"])
def leave(request: TenantRequest, onboarding_id: UUID) -> HttpResponse:
    """End without First Impact."""
    onboarding = onboarding_of(request, Can.RUN_ONBOARDING, onboarding_id)
    about = "The account left, or the plan was begun in error. It does not count as First Impact."
    told = {"title": "End without First Impact", "about": about, "save": "End", "danger": "yes"}
    act = partial(leave_onboarding, onboarding=onboarding)
    return asked(
        request, _home(request, onboarding), LeaveForm(sent(request)), act, told, "Onboarding ended"
    )


def _task_of(request: TenantRequest, plan_task_id: UUID) -> tuple[PlanTask, Onboarding]:
    task = get_object_or_404(PlanTask, pk=plan_task_id)
    return task, onboarding_of(request, Can.RUN_ONBOARDING, task.onboarding_id)


def _people(request: TenantRequest, onboarding: Onboarding) -> tuple[Any, Any, Any]:
    tasks = list(PlanTask.objects.filter(onboarding=onboarding).order_by("position", "pk"))
    members = Membership.objects.filter(tenant=request.tenant, ended_at=None)
    contacts = Contact.objects.filter(account=onboarding.account_id, archived_at=None)
    return (
        tasks,
        members.select_related("user").order_by("user__name", "pk"),
        contacts.order_by("name", "pk"),
    )


def _undo(task: PlanTask) -> str:
    return reverse("journeys:plan_reopen", args=[task.pk])


def _home(request: TenantRequest, onboarding: Onboarding) -> Home:
    url = reverse("journeys:onboarding", args=[onboarding.pk])
    return Home(request.user, url, "Back to the plan", ("plan:changed", "tasks:changed"))
