"""Joint plans: read, begun, moved to another day, agreed to and ended."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.filters import Filter, Filters
from accounts.api.named import account_named
from accounts.models import Account, Contact
from accounts.queries.reach import in_reach
from accounts.rules.fields import Field, Kind
from journeys.actions.joint_agreeing import agree_ours, agree_theirs
from journeys.actions.joint_plans import (
    Anchor,
    anchor_of,
    begin_joint_plan,
    end_joint_plan,
    move_anchor,
)
from journeys.api.joint_shapes import (
    AgreeInput,
    AnchorInput,
    BeginJointInput,
    EndJointInput,
    JointPlanOutput,
    WholeJointPlanOutput,
    whole,
)
from journeys.models import JointPlan
from journeys.models.onboarding import Side
from tenants.actor import Actor
from tenants.rest.bodies import Body, read
from tenants.rest.people import member
from tenants.rest.schema import PAGING, page_of
from tenants.rest.views import Endpoint
from tenants.roles import Can

FILTERS = Filters(
    [
        Filter("account_id", "account_id", Field("account", "Account", Kind.EMAIL), "Account id."),
        Filter(
            "anchor",
            "anchor",
            Field("anchor", "Anchor", Kind.CHOICE, choices=tuple(JointPlan.Anchor.values)),
            "What it counts back from.",
        ),
    ]
)


def plans_of(actor: Actor, can: Can) -> QuerySet[JointPlan]:
    """The plans whose accounts a capability covers, with account and event."""
    rows = JointPlan.objects.filter(account__in=in_reach(actor, can))
    return rows.select_related("account", "event")


class JointPlans(Endpoint):
    """The list of joint plans."""

    needs = {"GET": Can.READ_SPICED, "POST": Can.EDIT_SPICED}
    tag = "Joint plans"

    @extend_schema(
        operation_id="list_joint_plans",
        summary="List joint plans",
        description="Joint plans, newest first, narrowed by filters; ended ones are among them.",
        parameters=[*PAGING, *FILTERS.parameters],
        responses=page_of(JointPlanOutput),
    )
    def get(self, request: Request) -> Response:
        rows = plans_of(self.actor, Can.READ_SPICED)
        return self.paged(FILTERS.apply(rows, request), JointPlanOutput, sort="-begun_at")

    @extend_schema(
        operation_id="begin_joint_plan",
        summary="Begin a joint plan",
        description="Dated backwards from an open event of the account, its renewal, or a day of "
        "its own. 409 `already_planned` where one is open; 422 `anchor_passed`, `no_anchor`.",
        request=BeginJointInput,
        responses={201: WholeJointPlanOutput},
        examples=[
            OpenApiExample(
                "To their audit",
                {
                    "account_id": "01930000-0000-7000-8000-000000000001",
                    "anchor": "day",
                    "name": "Their group audits the numbers",
                    "on": "2027-03-31",
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        said = read(BeginJointInput, request)
        account = account_named(self.actor, Can.EDIT_SPICED, said.pop("account_id"))
        anchor = _anchor(account, said)
        user, now = self.actor.user, timezone.now()
        made = begin_joint_plan(account=account, actor=user, now=now, anchor=anchor, **said)
        return Response(whole(made.pk), status=201)


class OneJointPlan(Endpoint):
    """One joint plan with its steps."""

    needs = {"GET": Can.READ_SPICED}
    tag = "Joint plans"

    @extend_schema(
        operation_id="get_joint_plan",
        summary="One joint plan, its steps and who agreed",
        description="Dated backwards from its anchor, with the room each step has today.",
        responses=WholeJointPlanOutput,
    )
    def get(self, request: Request, id: UUID) -> Response:
        found = get_object_or_404(plans_of(self.actor, Can.READ_SPICED), pk=id)
        return Response(whole(found.pk))


class PlanAct(Endpoint):
    """What is done to a plan. 409 with the code of what refuses it."""

    needs = {"POST": Can.EDIT_SPICED}
    tag = "Joint plans"

    def acted(
        self,
        request: Request,
        id: UUID,
        shape: type[Body],
        act: Callable[..., Any],
        turned: Callable[[JointPlan, dict[str, Any]], dict[str, Any]] | None = None,
    ) -> Response:
        """Read the body, do it, and tell how the plan stands. turned: into what the act is told."""
        plan = get_object_or_404(plans_of(self.actor, Can.EDIT_SPICED), pk=id)
        told = read(shape, request)
        told = turned(plan, told) if turned else told
        act(plan=plan, actor=self.actor.user, now=timezone.now(), **told)
        return Response(whole(plan.pk))


class MoveAnchor(PlanAct):
    """Count back from another day."""

    @extend_schema(
        operation_id="move_joint_plan",
        summary="Count back from another day",
        description="Open steps get new dates, what is done keeps its own, and both sides are "
        "asked again.",
        request=AnchorInput,
        responses=WholeJointPlanOutput,
        examples=[
            OpenApiExample(
                "To the renewal", {"seen_terms": 2, "anchor": "renewal"}, request_only=True
            )
        ],
    )
    def post(self, request: Request, id: UUID) -> Response:
        return self.acted(request, id, AnchorInput, move_anchor, _moved)


class Agree(PlanAct):
    """One side agrees."""

    @extend_schema(
        operation_id="agree_joint_plan",
        summary="Agree for a side",
        description="Records whose word it is, once for each terms. 409 `not_joint` while an open "
        "step lacks an owner on a side, `already_agreed`, `stale_joint_plan` where the plan "
        "changed since `seen_terms`.",
        request=AgreeInput,
        responses=WholeJointPlanOutput,
        examples=[
            OpenApiExample(
                "We agree",
                {"seen_terms": 2, "side": "us", "user": "maya.okafor@example.com"},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, id: UUID) -> Response:
        return self.acted(request, id, AgreeInput, _agree, self.whose)

    def whose(self, plan: JointPlan, said: dict[str, Any]) -> dict[str, Any]:
        """The person of the side that is named. Raises ValidationError."""
        side, seen = said["side"], said["seen_terms"]
        if side == Side.US:
            user = member(self.actor, said["user"], "user")
            return {"side": side, "seen_terms": seen, "user": user}
        contact = Contact.objects.filter(account=plan.account_id, pk=said["contact_id"]).first()
        if contact is None:
            raise ValidationError({"contact_id": ["There is no such contact at this account."]})
        return {"side": side, "seen_terms": seen, "contact": contact}


class EndJoint(PlanAct):
    """End a plan."""

    @extend_schema(
        operation_id="end_joint_plan",
        summary="End a joint plan",
        description="Achieved, or given up with a reason; another can begin after it. 409 "
        "`joint_plan_over` where it has ended.",
        request=EndJointInput,
        responses=WholeJointPlanOutput,
        examples=[OpenApiExample("Achieved", {"outcome": "achieved"}, request_only=True)],
    )
    def post(self, request: Request, id: UUID) -> Response:
        return self.acted(request, id, EndJointInput, end_joint_plan)


def _anchor(account: Account, said: dict[str, Any]) -> Anchor:
    """The anchor that was sent, taken out of what was said. Raises NoAnchor."""
    kind: str = said.pop("anchor")
    on: date | None = said.pop("on")
    return anchor_of(account, kind, event_id=said.pop("event_id"), name=said.pop("name"), on=on)


def _moved(plan: JointPlan, said: dict[str, Any]) -> dict[str, Any]:
    return {"anchor": _anchor(plan.account, said)} | said


def _agree(*, side: str, **told: Any) -> object:
    return agree_ours(**told) if side == Side.US else agree_theirs(**told)
