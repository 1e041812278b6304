"""What becomes of a handoff that was submitted: accepted, returned, waived, rated, its steps."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from journeys.actions.after import finish_step, rate_handoff
from journeys.actions.handoff_answers import accept_handoff, return_handoff, waive_item
from journeys.api.handoff_shapes import (
    RateInput,
    ReturnInput,
    SeenInput,
    StepInput,
    WaiveInput,
    WholeHandoffOutput,
)
from journeys.api.handoffs import answer, handoffs_of
from tenants.rest.bodies import Body, read
from tenants.rest.views import Endpoint
from tenants.roles import Can


class Answer(Endpoint):
    """What the receiver does. 409 with the code of what refuses it."""

    needs = {"POST": Can.ACCEPT_HANDOFF}
    tag = "Handoffs"

    def answered(
        self, request: Request, id: UUID, shape: type[Body], act: Callable[..., Any]
    ) -> Response:
        """Read the body, do it, and tell how the handoff stands. act: takes handoff and body."""
        found = get_object_or_404(handoffs_of(self.actor, Can.ACCEPT_HANDOFF), pk=id)
        told = read(shape, request)
        act(handoff=found, actor=self.actor.user, now=timezone.now(), **told)
        return answer(found)


class Accept(Answer):
    """Take the account over."""

    @extend_schema(
        operation_id="accept_handoff",
        summary="Accept a handoff",
        description="The owner of the account receives it, and what it promises stays open on the "
        "account. From Sales the account moves to onboarding through the gate of the bowtie. 409 "
        "`items_missing` where a mandatory item is missing, `gate_closed` where the gate refuses, "
        "`handoff_moved` where it was answered before, `stale_handoff` where it changed.",
        request=SeenInput,
        responses=WholeHandoffOutput,
        examples=[OpenApiExample("As read", {"seen_version": 4}, request_only=True)],
    )
    def post(self, request: Request, id: UUID) -> Response:
        return self.answered(request, id, SeenInput, accept_handoff)


class Return(Answer):
    """Ask back."""

    @extend_schema(
        operation_id="return_handoff",
        summary="Return a handoff with its gaps named",
        description="The clock to hand over starts anew. 422 `no_gap_named` where nothing is "
        "named, 409 `handoff_moved` where it was answered before.",
        request=ReturnInput,
        responses=WholeHandoffOutput,
        examples=[
            OpenApiExample(
                "Goals are missing",
                {"seen_version": 4, "gaps": ["goals"], "note": "Which team?"},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, id: UUID) -> Response:
        return self.answered(request, id, ReturnInput, return_handoff)


class Waive(Answer):
    """Let one item wait."""

    @extend_schema(
        operation_id="waive_handoff",
        summary="Waive the one missing item for a time",
        description="For the time that the charter promises; then whoever handed over gets a "
        "task. 409 `nothing_to_waive` unless exactly one mandatory item is missing.",
        request=WaiveInput,
        responses=WholeHandoffOutput,
        examples=[
            OpenApiExample(
                "Legal sends it", {"seen_version": 4, "reason": "Legal sends it tomorrow"},
                request_only=True,
            )
        ],
    )  # fmt: skip
    def post(self, request: Request, id: UUID) -> Response:
        return self.answered(request, id, WaiveInput, waive_item)


class Rate(Answer):
    """Say how good it was."""

    @extend_schema(
        operation_id="rate_handoff",
        summary="Rate an accepted handoff",
        description="A later rating replaces it. 409 `handoff_moved` before acceptance.",
        request=RateInput,
        responses=WholeHandoffOutput,
        examples=[
            OpenApiExample(
                "Good",
                {"completeness": 5, "promises": 4, "sentiment": 4, "context": 4, "stakeholders": 5},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, id: UUID) -> Response:
        return self.answered(request, id, RateInput, lambda **said: rate_handoff(**_rating(said)))


class Step(Answer):
    """Note a promised step."""

    @extend_schema(
        operation_id="finish_handoff_step",
        summary="Note a step after acceptance as done",
        description="In their order; the last one completes the handoff. 409 `step_out_of_turn` "
        "where another comes first, `handoff_moved` before acceptance.",
        request=StepInput,
        responses=WholeHandoffOutput,
        examples=[OpenApiExample("First contact", {"step": "first_contact"}, request_only=True)],
    )
    def post(self, request: Request, id: UUID) -> Response:
        return self.answered(request, id, StepInput, finish_step)


def _rating(said: dict[str, Any]) -> dict[str, Any]:
    around = {key: said.pop(key) for key in ("handoff", "actor", "now")}
    return around | {"ratings": said}
