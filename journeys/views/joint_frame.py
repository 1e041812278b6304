"""What a joint plan is for, how often both sides meet, and its risks."""

from functools import partial
from uuid import UUID

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods, require_POST

from journeys.actions.joint_frame import frame_joint_plan, note_joint_risk, set_joint_risk
from journeys.forms.joint import JointFrameForm, JointRiskForm
from journeys.models import JointGoal, JointRisk
from journeys.views.joint import home_of, joint_plan_of
from spiced.models import ImpactGoal
from tenants.access import TenantRequest, needs
from tenants.queries.people import members
from tenants.roles import Can
from tenants.views.acts import asked, one_click, sent


@needs(Can.EDIT_SPICED)
@require_http_methods(["GET", "POST"])
def frame(request: TenantRequest, joint_plan_id: UUID) -> HttpResponse:
    """Choose the goals a plan is for, and how often both sides meet."""
    plan = joint_plan_of(request, Can.EDIT_SPICED, joint_plan_id)
    linked = list(JointGoal.objects.filter(plan=plan).values_list("goal_id", flat=True))
    open_ = ~Q(status=ImpactGoal.Status.RETIRED) | Q(pk__in=linked)
    goals = ImpactGoal.objects.filter(open_, account=plan.account_id).order_by("created_at", "pk")
    form = JointFrameForm(list(goals), linked, plan, sent(request))
    told = {
        "title": "Goals and meetings",
        "about": "Part of what both sides agree to: a change asks both again.",
        "save": "Save",
    }
    act = partial(frame_joint_plan, plan=plan)
    return asked(request, home_of(request, plan.account), form, act, told, "Saved")


@needs(Can.EDIT_SPICED)
@require_http_methods(["GET", "POST"])
def risk(request: TenantRequest, joint_plan_id: UUID) -> HttpResponse:
    """Note a risk."""
    plan = joint_plan_of(request, Can.EDIT_SPICED, joint_plan_id)
    people = members(request.tenant).order_by("user__name", "pk")
    form = JointRiskForm(people, plan.account.owner_id, sent(request))
    about = "What may keep the plan from its day. The account does not see it."
    told = {"title": "Note a risk", "about": about, "save": "Note risk"}
    act = partial(note_joint_risk, plan=plan)
    return asked(request, home_of(request, plan.account), form, act, told, "Risk noted")


@needs(Can.EDIT_SPICED)
@require_POST
def close_risk(request: TenantRequest, joint_risk_id: UUID) -> HttpResponse:
    """Close a risk, or open it again."""
    found = get_object_or_404(JointRisk, pk=joint_risk_id)
    plan = joint_plan_of(request, Can.EDIT_SPICED, found.plan_id)
    is_closed = request.POST.get("state") != "open"
    act = partial(set_joint_risk, risk=found, is_closed=is_closed)
    words = "Closed" if is_closed else "Open again"
    return one_click(request, home_of(request, plan.account), act, f"{words}: {found.text}")
