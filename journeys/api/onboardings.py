"""Onboardings with their plans, read; and what becomes of their tasks, written."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.filters import Filter, Filters
from accounts.queries.reach import in_reach
from accounts.rules.fields import MOST_WHOLE, Field, Kind
from journeys.actions.plan_tasks import (
    finish_plan_task,
    hold_plan_task,
    reopen_plan_task,
    skip_plan_task,
)
from journeys.models import Onboarding, PlanTask
from journeys.queries.onboardings import OnboardingCase, cases
from tenants.rest.bodies import Body, read
from tenants.rest.schema import PAGING, page_of
from tenants.rest.views import Endpoint
from tenants.roles import Can

STATES = ("open", "waiting", "done", "skipped")
SIDES = ("us", "them")


class OnboardingOutput(serializers.ModelSerializer[Onboarding]):
    """An account on its way to First Impact."""

    owner = serializers.EmailField(source="owner.email", allow_null=True, read_only=True)
    template = serializers.CharField(
        source="template.key", read_only=True, help_text="Key of the template it began from."
    )
    template_version = serializers.IntegerField(source="template.version", read_only=True)

    class Meta:
        model = Onboarding
        fields: tuple[str, ...] = (
            *("id", "account_id", "template", "template_version", "owner", "state", "anchor_on"),
            *("planned_on", "agreed_on", "begun_at", "ended_at", "reschedules"),
            *("evidence_words", "reason"),
        )
        read_only_fields: tuple[str, ...] = fields


class PlanTaskOutput(serializers.ModelSerializer[PlanTask]):
    """One task of a plan, with an owner on one side."""

    owner = serializers.EmailField(
        source="owner.email", allow_null=True, read_only=True, help_text="Of ours."
    )

    class Meta:
        model = PlanTask
        fields = (
            *("id", "onboarding_id", "key", "position", "phase", "label", "side", "role", "owner"),
            *("contact_id", "after", "weight", "is_visible", "is_gate", "is_custom", "starts_on"),
            *("due_on", "first_due_on", "state", "waiting_on", "waiting_since", "reason"),
            *("closed_at", "version"),
        )
        read_only_fields = fields


class PlanOutput(OnboardingOutput):
    """An onboarding as it stands now, and its tasks in order."""

    phase = serializers.CharField(source="case.standing.phase", read_only=True)
    progress = serializers.FloatField(
        source="case.standing.progress", read_only=True, allow_null=True, help_text="Share, 0 to 1."
    )
    pace = serializers.FloatField(
        source="case.standing.pace",
        read_only=True,
        allow_null=True,
        help_text="Actual ÷ planned days at the last gate; null with fewer than two.",
    )
    projected_on = serializers.DateField(
        source="case.standing.projected_on", read_only=True, allow_null=True
    )
    late_days = serializers.IntegerField(source="case.standing.late_days", read_only=True)
    stuck = serializers.ListField(
        source="case.standing.stuck", child=serializers.CharField(), read_only=True
    )
    seconds_with_us = serializers.IntegerField(read_only=True)
    seconds_with_them = serializers.IntegerField(read_only=True)
    tasks = PlanTaskOutput(source="case.tasks", many=True, read_only=True)

    class Meta(OnboardingOutput.Meta):
        fields = (
            *OnboardingOutput.Meta.fields,
            *("phase", "progress", "pace", "projected_on", "late_days", "stuck"),
            *("seconds_with_us", "seconds_with_them", "tasks"),
        )
        read_only_fields = fields


class StateInput(Body):
    """What becomes of a task: done, skipped with a reason, waiting on a side, or open again."""

    state = serializers.ChoiceField(choices=STATES)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=300, default="")
    waiting_on = serializers.ChoiceField(
        choices=SIDES, required=False, default="them", help_text="Read where state is waiting."
    )
    seen_version = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=0, max_value=MOST_WHOLE
    )


ANY = Field("owner", "Owner", Kind.EMAIL)
STATE = Field("state", "State", Kind.CHOICE, choices=tuple(Onboarding.State.values))
FILTERS = Filters(
    [
        Filter("state", "state", STATE, "State."),
        Filter("owner", "owner__email", ANY, "E-mail address of a member."),
        Filter("account_id", "account_id", ANY, "Id of the account."),
    ]
)


class Onboardings(Endpoint):
    """The list of onboardings."""

    needs = {"GET": Can.READ_ONBOARDING}
    tag = "Onboardings"

    @extend_schema(
        operation_id="list_onboardings",
        summary="List onboardings",
        description="Onboardings, newest first, narrowed by filters.",
        parameters=[*PAGING, *FILTERS.parameters],
        responses=page_of(OnboardingOutput),
    )
    def get(self, request: Request) -> Response:
        reach = in_reach(self.actor, Can.READ_ONBOARDING)
        rows = Onboarding.objects.filter(account__in=reach).select_related("owner", "template")
        return self.paged(FILTERS.apply(rows, request), OnboardingOutput, sort="-begun_at")


class OneOnboarding(Endpoint):
    """One onboarding with its plan."""

    needs = {"GET": Can.READ_ONBOARDING}
    tag = "Onboardings"

    @extend_schema(
        operation_id="get_onboarding",
        summary="One onboarding and its plan",
        description="How it stands now: phase, pace, time with each side, and its tasks in order.",
        responses=PlanOutput,
    )
    def get(self, request: Request, id: UUID) -> Response:
        reach = in_reach(self.actor, Can.READ_ONBOARDING)
        found = get_object_or_404(
            Onboarding.objects.filter(account__in=reach).select_related("owner", "template"), pk=id
        )
        (case,) = cases([found], timezone.now())
        return Response(PlanOutput(_judged(found, case)).data)


class PlanTaskState(Endpoint):
    """What becomes of a task of a plan. 409 with the code of what refuses it."""

    needs = {"POST": Can.RUN_ONBOARDING}
    tag = "Onboardings"

    @extend_schema(
        operation_id="set_plan_task_state",
        summary="Finish, skip, hold or reopen a task of a plan",
        description="The gate of First Impact ends the onboarding, on confirmed evidence only.",
        request=StateInput,
        responses=PlanTaskOutput,
        examples=[
            OpenApiExample(
                "Waits on the account",
                {"state": "waiting", "waiting_on": "them", "reason": "Access to the directory"},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, id: UUID) -> Response:
        body = read(StateInput, request)
        reach = in_reach(self.actor, Can.RUN_ONBOARDING)
        task = get_object_or_404(PlanTask.objects.filter(onboarding__account__in=reach), pk=id)
        _apply(task, self, body)
        found = PlanTask.objects.select_related("owner").get(pk=task.pk)
        return Response(PlanTaskOutput(found).data)


def _apply(task: PlanTask, endpoint: Endpoint, said: dict[str, Any]) -> None:
    told: dict[str, Any] = {"task": task, "actor": endpoint.actor.user, "now": timezone.now()}
    seen: dict[str, Any] = {"seen_version": said["seen_version"]}
    match said["state"]:
        case "done":
            finish_plan_task(**told, **seen)
        case "skipped":
            skip_plan_task(**told, **seen, reason=said["reason"])
        case "waiting":
            hold_plan_task(**told, **seen, on=said["waiting_on"], reason=said["reason"])
        case _:
            reopen_plan_task(**told)


def _judged(found: Onboarding, case: OnboardingCase) -> Onboarding:
    """The onboarding with what is judged of it, as the output reads it."""
    found.case = case  # type: ignore[attr-defined]
    found.seconds_with_us = int(case.split.us.total_seconds())  # type: ignore[attr-defined]
    found.seconds_with_them = int(case.split.them.total_seconds())  # type: ignore[attr-defined]
    return found
