"""Impact promised, measured and confirmed, in dialogs over the list of goals."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Account
from accounts.queries.reach import account_in_reach, in_reach
from spiced.actions.endings import restore_goal, retire_goal
from spiced.actions.goals import change_goal, save_emotional_goal, save_rational_goal
from spiced.actions.measurements import confirm_measurement, measure_goal
from spiced.forms.impact import (
    ConfirmedByForm,
    EmotionalGoalForm,
    MeasurementForm,
    RationalGoalForm,
    RetireForm,
)
from spiced.models import ImpactGoal, ImpactMeasurement
from spiced.queries.changes import changes_of
from spiced.queries.events import events_of
from spiced.queries.impact import progress, return_of
from spiced.queries.notes import contacts
from spiced.rules.impact import wrong_number
from spiced.views.dialogs import asked, done
from spiced.views.editor import today_of
from tenants.access import TenantRequest, needs
from tenants.formats import figure
from tenants.roles import Can


@needs(Can.READ_SPICED)
@require_GET
def goals(request: TenantRequest, account_id: UUID) -> HttpResponse:
    """The goals of an account, each with its measurements."""
    account = account_in_reach(request.actor, Can.READ_SPICED, account_id)
    part = "#goals" if request.htmx else ""
    return render(request, f"spiced/goals.html{part}", goals_context(request, account))


def goals_context(request: TenantRequest, account: Account) -> dict[str, Any]:
    """What the partial `goals` shows: goals and the dates that matter."""
    found = progress(account, today_of(request))
    told = changes_of([each.goal for each in found], request.tenant.currency)
    found = [replace(each, changes=tuple(told.get(each.goal.pk, ()))) for each in found]
    n_active = sum(each.is_active for each in found)
    return {
        "account": account,
        "goals": found,
        "wrong_number": wrong_number(n_active) if any(each.is_open for each in found) else "",
        "n_open": sum(each.is_open for each in found),
        "n_retired": sum(not each.is_open for each in found),
        "events": events_of(account),
        "return": return_of(account, [each for each in found if each.is_open]),
        "may_share": in_reach(request.actor, Can.SHARE).filter(pk=account.pk).exists(),
        "may_measure": in_reach(request.actor, Can.EDIT_SPICED).filter(pk=account.pk).exists(),
    }


@needs(Can.EDIT_SPICED)
@require_http_methods(["GET", "POST"])
def new_goal(request: TenantRequest, account_id: UUID, kind: str) -> HttpResponse:
    """Set a goal for the business, or for a person."""
    account = account_in_reach(request.actor, Can.EDIT_SPICED, account_id)
    data = request.POST or None
    form: RationalGoalForm | EmotionalGoalForm
    act: Callable[..., ImpactGoal]
    if kind == ImpactGoal.Kind.RATIONAL:
        form, act = RationalGoalForm(request.tenant.currency, data), save_rational_goal
    elif kind == ImpactGoal.Kind.EMOTIONAL:
        form, act = EmotionalGoalForm(list(contacts(account)), data), save_emotional_goal
    else:
        raise Http404
    told = {"title": f"Impact for {account.name}", "save": "Set goal", "done": "Goal set"}
    return asked(request, account, form, lambda **given: act(account=account, **given), told)


@needs(Can.EDIT_SPICED)
@require_http_methods(["GET", "POST"])
def edit(request: TenantRequest, goal_id: UUID) -> HttpResponse:
    """Change a goal; what it was before stays readable. What the note says is changed there."""
    goal, data = _goal(request, goal_id), request.POST or None
    currency = request.tenant.currency
    form: RationalGoalForm | EmotionalGoalForm
    if goal.kind == ImpactGoal.Kind.RATIONAL:
        held = RationalGoalForm.held(goal, currency)
        form = RationalGoalForm(currency, data, initial=held)
    else:
        people = list(contacts(goal.account))
        form = EmotionalGoalForm(people, data, initial=EmotionalGoalForm.held(goal))
    about = ""
    if goal.is_in_note:
        form.narrow()
        named = goal.statement.rstrip(".")
        about = f"{named}. What the SPICED note says of it is changed in the note."
    return asked(
        request,
        goal.account,
        form,
        lambda **given: change_goal(goal=goal, **given),
        {"title": "Change this goal", "about": about, "save": "Save", "done": "Goal changed"},
        wanted=form.changed,
    )


@needs(Can.EDIT_SPICED)
@require_http_methods(["GET", "POST"])
def measure(request: TenantRequest, goal_id: UUID) -> HttpResponse:
    """Note where a goal stands, and who confirmed it where somebody did."""
    goal = _goal(request, goal_id)
    people, data = list(contacts(goal.account)), request.POST or None
    form = MeasurementForm(people, today_of(request), goal.unit, data)
    told = {"title": goal.measure or "Measure", "about": goal.statement, "save": "Add"}
    return asked(
        request,
        goal.account,
        form,
        lambda **given: measure_goal(goal=goal, **given),
        told | {"done": "Measurement added"},
    )


@needs(Can.EDIT_SPICED)
@require_http_methods(["GET", "POST"])
def confirm(request: TenantRequest, measurement_id: UUID) -> HttpResponse:
    """Record who at the account confirmed a measurement."""
    reached = in_reach(request.actor, Can.EDIT_SPICED)
    found = ImpactMeasurement.objects.filter(goal__account__in=reached).select_related("goal")
    measurement = get_object_or_404(found, pk=measurement_id)
    goal = measurement.goal
    form = ConfirmedByForm(list(contacts(goal.account)), request.POST or None)
    about = f"{goal.measure}: {figure(measurement.value)} {goal.unit}"
    return asked(
        request,
        goal.account,
        form,
        lambda **given: confirm_measurement(measurement=measurement, **given),
        {"title": "Confirmed by the account", "about": about, "save": "Confirm"}
        | {"done": "Measurement confirmed"},
    )


@needs(Can.EDIT_SPICED)
@require_http_methods(["GET", "POST"])
def retire(request: TenantRequest, goal_id: UUID) -> HttpResponse:
    """Close a goal that no longer matters, with a reason."""
    goal = _goal(request, goal_id)
    told = {"title": "Retire this goal", "about": goal.statement, "save": "Retire goal"}
    return asked(
        request,
        goal.account,
        RetireForm(request.POST or None),
        lambda **given: retire_goal(goal=goal, **given),
        told | {"done": "Goal retired", "undo": reverse("spiced:restore_goal", args=[goal.pk])},
    )


@needs(Can.EDIT_SPICED)
@require_POST
def restore(request: TenantRequest, goal_id: UUID) -> HttpResponse:
    """Take a retired goal up again."""
    goal = _goal(request, goal_id)
    return done(
        request,
        goal.account,
        lambda **given: restore_goal(goal=goal, **given),
        "Goal taken up again",
    )


def _goal(request: TenantRequest, goal_id: UUID) -> ImpactGoal:
    reached = in_reach(request.actor, Can.EDIT_SPICED)
    found = ImpactGoal.objects.filter(account__in=reached).select_related("account")
    return get_object_or_404(found, pk=goal_id)
