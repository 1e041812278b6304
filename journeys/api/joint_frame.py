"""What a joint plan is for, how often both sides meet, and its risks."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.queries.reach import in_reach
from journeys.actions.joint_frame import frame_joint_plan, note_joint_risk, set_joint_risk
from journeys.api.joint import PlanAct
from journeys.api.joint_shapes import (
    FrameInput,
    JointRiskOutput,
    RiskInput,
    RiskStateInput,
    WholeJointPlanOutput,
)
from journeys.models import JointPlan, JointRisk
from tenants.rest.bodies import read
from tenants.rest.people import member
from tenants.rest.views import Endpoint
from tenants.roles import Can


class Frame(PlanAct):
    """Goals and meetings."""

    @extend_schema(
        operation_id="frame_joint_plan",
        summary="Say what a joint plan is for, and how often both sides meet",
        description="Both are part of what is agreed to: a change asks both sides again. 422 "
        "`strange_goal` for one of another account, or a retired one.",
        request=FrameInput,
        responses=WholeJointPlanOutput,
        examples=[
            OpenApiExample(
                "Every two weeks",
                {
                    "seen_terms": 2,
                    "goals": ["01930000-0000-7000-8000-000000000001"],
                    "cadence": "fortnightly",
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, id: UUID) -> Response:
        return self.acted(request, id, FrameInput, frame_joint_plan, _framed)


class NoteRisk(PlanAct):
    """A risk more."""

    @extend_schema(
        operation_id="note_joint_risk",
        summary="Note a risk to a joint plan",
        description="The account does not see it, and what was agreed stays as it is.",
        request=RiskInput,
        responses=WholeJointPlanOutput,
        examples=[
            OpenApiExample(
                "A freeze",
                {"text": "Their IT freezes in December", "owner": "maya.okafor@example.com"},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, id: UUID) -> Response:
        return self.acted(request, id, RiskInput, note_joint_risk, self.noted)

    def noted(self, plan: JointPlan, said: dict[str, Any]) -> dict[str, Any]:
        """The member who is named. Raises ValidationError."""
        user = member(self.actor, said["owner"])
        return {"text": said["text"], "owner_id": user.pk if user else None}


class RiskState(Endpoint):
    """What becomes of a risk."""

    needs = {"POST": Can.EDIT_SPICED}
    tag = "Joint plans"

    @extend_schema(
        operation_id="set_joint_risk_state",
        summary="Close a risk to a joint plan, or open it again",
        description="409 `risk_moved` where it is so already.",
        request=RiskStateInput,
        responses=JointRiskOutput,
        examples=[OpenApiExample("Closed", {"is_closed": True}, request_only=True)],
    )
    def post(self, request: Request, id: UUID) -> Response:
        reach = in_reach(self.actor, Can.EDIT_SPICED)
        risk = get_object_or_404(JointRisk.objects.filter(plan__account__in=reach), pk=id)
        body = read(RiskStateInput, request)
        now = timezone.now()
        set_joint_risk(risk=risk, actor=self.actor.user, now=now, **body)
        rows = JointRisk.objects.select_related("owner", "closed_by")
        return Response(JointRiskOutput(rows.get(pk=risk.pk)).data)


def _framed(plan: JointPlan, said: dict[str, Any]) -> dict[str, Any]:
    return {"goal_ids": said.pop("goals")} | said
