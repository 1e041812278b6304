"""What people do with a joint plan: one click, or a form in a dialog."""

from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Account, Contact
from accounts.queries.reach import account_in_reach
from journeys.actions.joint_agreeing import agree_ours, agree_theirs
from journeys.actions.joint_plans import (
    begin_joint_plan,
    end_joint_plan,
    move_anchor,
    show_joint_plan,
)
from journeys.actions.joint_steps import (
    add_joint_step,
    change_joint_step,
    remove_joint_step,
    set_joint_step,
)
from journeys.forms.joint import (
    AgreedForm,
    AnchorForm,
    BeginJointForm,
    EndJointForm,
    JointStepForm,
)
from journeys.models import JointPlan, JointStep
from journeys.queries.joint import anchors
from journeys.views.joint import home_of, joint_plan_of
from tenants.access import TenantRequest, needs
from tenants.models import Membership
from tenants.roles import Can
from tenants.views.acts import asked, one_click, seen, sent


@needs(Can.EDIT_SPICED)
@require_http_methods(["GET", "POST"])
def begin(request: TenantRequest, account_id: UUID) -> HttpResponse:
    """Begin a joint plan."""
    account = account_in_reach(request.actor, Can.EDIT_SPICED, account_id)
    today = timezone.localdate()
    form = BeginJointForm(account, anchors(account, today), today, sent(request))
    told = {
        "title": "Begin a joint plan",
        "about": "Steps are dated backwards from the day, with an owner on each side.",
        "save": "Begin",
    }
    return asked(
        request,
        home_of(request, account),
        form,
        partial(begin_joint_plan, account=account),
        told,
        "Begun",
    )


@needs(Can.EDIT_SPICED)
@require_http_methods(["GET", "POST"])
def anchor(request: TenantRequest, joint_plan_id: UUID) -> HttpResponse:
    """Count back from another day."""
    plan = joint_plan_of(request, Can.EDIT_SPICED, joint_plan_id)
    today = timezone.localdate()
    account = plan.account
    form = AnchorForm(account, anchors(account, today), today, sent(request), plan=plan)
    told = {"title": "Count back from", "about": "Open steps get new dates.", "save": "Save"}
    return asked(
        request,
        home_of(request, account),
        form,
        partial(move_anchor, plan=plan),
        told,
        "Dates moved",
    )


@needs(Can.EDIT_SPICED)
@require_http_methods(["GET", "POST"])
def add(request: TenantRequest, joint_plan_id: UUID) -> HttpResponse:
    """Add a step."""
    plan = joint_plan_of(request, Can.EDIT_SPICED, joint_plan_id)
    form = JointStepForm(*_around(request, plan), sent(request), terms=plan.terms)
    told = {"title": "Add a step", "about": "", "save": "Add step"}
    return asked(
        request,
        home_of(request, plan.account),
        form,
        partial(add_joint_step, plan=plan),
        told,
        "Added",
    )


@needs(Can.EDIT_SPICED)
@require_http_methods(["GET", "POST"])
def change(request: TenantRequest, joint_step_id: UUID) -> HttpResponse:
    """Change a step."""
    step, plan = _step_of(request, joint_step_id)
    form = JointStepForm(*_around(request, plan), sent(request), step=step, terms=plan.terms)
    told = {"title": "Change the step", "about": "", "save": "Save"}
    act = partial(change_joint_step, step=step)
    return asked(request, home_of(request, plan.account), form, act, told, f"Changed: {step.label}")


@needs(Can.EDIT_SPICED)
@require_POST
def remove(request: TenantRequest, joint_step_id: UUID) -> HttpResponse:
    """Take a step out."""
    step, plan = _step_of(request, joint_step_id)
    act = partial(remove_joint_step, step=step, seen_terms=seen(request, "terms"))
    return one_click(request, home_of(request, plan.account), act, f"Taken out: {step.label}")


@needs(Can.EDIT_SPICED)
@require_POST
def state(request: TenantRequest, joint_step_id: UUID) -> HttpResponse:
    """Say that a step is open, begun or done."""
    step, plan = _step_of(request, joint_step_id)
    wanted = request.POST.get("state", "")
    act = partial(set_joint_step, step=step, state=wanted)
    return one_click(request, home_of(request, plan.account), act, f"{step.label}: {wanted}")


@needs(Can.EDIT_SPICED)
@require_POST
def agree(request: TenantRequest, joint_plan_id: UUID) -> HttpResponse:
    """Agree for us."""
    plan = joint_plan_of(request, Can.EDIT_SPICED, joint_plan_id)
    act = partial(agree_ours, plan=plan, seen_terms=seen(request, "terms"))
    return one_click(request, home_of(request, plan.account), act, "Agreed for us")


@needs(Can.EDIT_SPICED)
@require_http_methods(["GET", "POST"])
def agreed(request: TenantRequest, joint_plan_id: UUID) -> HttpResponse:
    """Record who of the account agreed."""
    plan = joint_plan_of(request, Can.EDIT_SPICED, joint_plan_id)
    form = AgreedForm(list(_contacts(plan.account)), plan.terms, sent(request))
    told = {
        "title": "They agreed",
        "about": "Record whose word it was. They can also say so on the page shared with them.",
        "save": "Record",
    }
    return asked(
        request,
        home_of(request, plan.account),
        form,
        partial(agree_theirs, plan=plan),
        told,
        "Recorded",
    )


@needs(Can.SHARE)
@require_POST
def show(request: TenantRequest, joint_plan_id: UUID) -> HttpResponse:
    """Show the plan on the page shared with the account, or hide it."""
    plan = joint_plan_of(request, Can.SHARE, joint_plan_id)
    is_shown = request.POST.get("show") == "yes"
    act = partial(show_joint_plan, plan=plan, is_shown=is_shown)
    words = "They see it on their page" if is_shown else "Hidden from them"
    return one_click(request, home_of(request, plan.account), act, words)


@needs(Can.EDIT_SPICED)
@require_http_methods(["GET", "POST"])
def end(request: TenantRequest, joint_plan_id: UUID) -> HttpResponse:
    """End a plan."""
    plan = joint_plan_of(request, Can.EDIT_SPICED, joint_plan_id)
    told = {"title": "End the joint plan", "about": "Another can begin after it.", "save": "End"}
    form = EndJointForm(sent(request))
    return asked(
        request,
        home_of(request, plan.account),
        form,
        partial(end_joint_plan, plan=plan),
        told,
        "Ended",
    )


def _step_of(request: TenantRequest, joint_step_id: UUID) -> tuple[JointStep, JointPlan]:
    step = get_object_or_404(JointStep, pk=joint_step_id)
    return step, joint_plan_of(request, Can.EDIT_SPICED, step.plan_id)


def _around(request: TenantRequest, plan: JointPlan) -> tuple[Any, Any, Any]:
    members = Membership.objects.filter(tenant=request.tenant, ended_at=None)
    return (
        list(JointStep.objects.filter(plan=plan).order_by("position", "pk")),
        members.select_related("user").order_by("user__name", "pk"),
        _contacts(plan.account),
    )


def _contacts(account: Account) -> Any:
    found = Contact.objects.filter(account=account, archived_at=None, departed_on=None)
    return found.order_by("name", "pk")
