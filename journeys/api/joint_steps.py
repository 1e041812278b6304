"""The steps of a joint plan: added, changed, taken out, begun and done."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.queries.reach import in_reach
from journeys.actions.joint_steps import (
    StepSaid,
    add_joint_step,
    change_joint_step,
    remove_joint_step,
    set_joint_step,
)
from journeys.api.joint import plans_of
from journeys.api.joint_shapes import (
    ChangeStepInput,
    JointStateInput,
    JointStepOutput,
    NewStepInput,
    SeenTermsInput,
    WholeJointPlanOutput,
    roomy,
    whole,
)
from journeys.models import JointPlan, JointStep
from journeys.queries.joint import joint_cases
from tenants.actor import Actor
from tenants.rest.bodies import read
from tenants.rest.people import member
from tenants.rest.views import Endpoint
from tenants.roles import Can


class AddStep(Endpoint):
    """A step more."""

    needs = {"POST": Can.EDIT_SPICED}
    tag = "Joint plans"

    @extend_schema(
        operation_id="add_joint_step",
        summary="Add a step to a joint plan",
        description="The plan is dated anew and both sides are asked again. 422 "
        "`circle_of_steps`, `bad_joint_step`, `stranger_on_joint_plan`.",
        request=NewStepInput,
        responses={201: WholeJointPlanOutput},
        examples=[
            OpenApiExample(
                "Data loaded",
                {"seen_terms": 2, "label": "Data loaded", "days": 5, "after": ["step_0"]},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, id: UUID) -> Response:
        plan = get_object_or_404(plans_of(self.actor, Can.EDIT_SPICED), pk=id)
        seen, said = _said(self.actor, read(NewStepInput, request), None)
        user, now = self.actor.user, timezone.now()
        add_joint_step(plan=plan, actor=user, now=now, said=said, seen_terms=seen)
        return Response(whole(plan.pk), status=201)


class ChangeStep(Endpoint):
    """A step, changed. 409 with the code of what refuses it."""

    needs = {"POST": Can.EDIT_SPICED}
    tag = "Joint plans"

    @extend_schema(
        operation_id="change_joint_step",
        summary="Change a step of a joint plan",
        description="The plan is dated anew and both sides are asked again. 409 "
        "`stale_joint_plan`, `joint_step_done`; 422 as for a new one.",
        request=ChangeStepInput,
        responses=WholeJointPlanOutput,
        examples=[OpenApiExample("Longer", {"seen_terms": 2, "days": 15}, request_only=True)],
    )
    def post(self, request: Request, id: UUID) -> Response:
        step = get_object_or_404(_steps_of(self.actor), pk=id)
        seen, said = _said(self.actor, read(ChangeStepInput, request), step)
        user, now = self.actor.user, timezone.now()
        change_joint_step(step=step, actor=user, now=now, said=said, seen_terms=seen)
        return Response(whole(step.plan_id))


class RemoveStep(Endpoint):
    """A step less. 409 with the code of what refuses it."""

    needs = {"POST": Can.EDIT_SPICED}
    tag = "Joint plans"

    @extend_schema(
        operation_id="remove_joint_step",
        summary="Take a step out of a joint plan",
        description="What came after it comes after what it came after.",
        request=SeenTermsInput,
        responses=WholeJointPlanOutput,
        examples=[OpenApiExample("As read", {"seen_terms": 2}, request_only=True)],
    )
    def post(self, request: Request, id: UUID) -> Response:
        step = get_object_or_404(_steps_of(self.actor), pk=id)
        seen, now = read(SeenTermsInput, request), timezone.now()
        remove_joint_step(step=step, actor=self.actor.user, now=now, **seen)
        return Response(whole(step.plan_id))


class JointStepState(Endpoint):
    """What becomes of a step of a joint plan. 409 with the code of what refuses it."""

    needs = {"POST": Can.EDIT_SPICED}
    tag = "Joint plans"

    @extend_schema(
        operation_id="set_joint_step_state",
        summary="Begin, finish or open a step of a joint plan",
        description="What both sides agreed to stays as it is. A step is done after those it "
        "comes after.",
        request=JointStateInput,
        responses=JointStepOutput,
        examples=[OpenApiExample("Done", {"state": "done"}, request_only=True)],
    )
    def post(self, request: Request, id: UUID) -> Response:
        state = read(JointStateInput, request)["state"]
        step = get_object_or_404(_steps_of(self.actor), pk=id)
        set_joint_step(step=step, actor=self.actor.user, now=timezone.now(), state=state)
        plan = JointPlan.objects.select_related("account", "event").get(pk=step.plan_id)
        (case,) = joint_cases([plan], timezone.now())
        found = next(each for each in case.steps if each.pk == step.pk)
        return Response(JointStepOutput(roomy(found, case)).data)


def _steps_of(actor: Actor) -> QuerySet[JointStep]:
    return JointStep.objects.filter(plan__account__in=in_reach(actor, Can.EDIT_SPICED))


def _said(actor: Actor, given: dict[str, Any], step: JointStep | None) -> tuple[int, StepSaid]:
    """The terms that were read, and what the step should be. Raises ValidationError."""
    said: dict[str, Any] = {}
    if step is not None:
        said = {"label": step.label, "days": step.days, "after": step.after}
        said |= {"owner_id": step.owner_id, "contact_id": step.contact_id}
    said |= {key: value for key, value in given.items() if key not in ("seen_terms", "owner")}
    if "owner" in given:
        user = member(actor, given["owner"])
        said["owner_id"] = user.pk if user else None
    return given["seen_terms"], StepSaid(**said | {"after": tuple(said.get("after", ()))})
