"""Joint plans with their steps, read; and what becomes of a step, written."""

from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.filters import Filter, Filters
from accounts.queries.reach import in_reach
from accounts.rules.fields import Field, Kind
from journeys.actions.joint_steps import STATES, set_joint_step
from journeys.models import JointAgreement, JointPlan, JointStep
from journeys.queries.joint import JointCase, joint_cases
from tenants.rest.bodies import Body
from tenants.rest.schema import PAGING, page_of
from tenants.rest.views import Endpoint
from tenants.roles import Can


class JointPlanOutput(serializers.ModelSerializer[JointPlan]):
    """What an account and we do by a day that matters to the account."""

    class Meta:
        model = JointPlan
        fields: tuple[str, ...] = (
            *("id", "account_id", "anchor", "event_id", "anchor_name", "anchor_on", "buffer"),
            *("terms", "begun_at", "shown_at", "ended_at", "outcome", "reason"),
        )
        read_only_fields: tuple[str, ...] = fields


class JointStepOutput(serializers.ModelSerializer[JointStep]):
    """One step of a joint plan, with an owner on each side."""

    owner = serializers.EmailField(
        source="owner.email", allow_null=True, read_only=True, help_text="Of ours."
    )
    state = serializers.ChoiceField(choices=STATES, read_only=True)
    slack_days = serializers.IntegerField(
        read_only=True,
        allow_null=True,
        help_text="Working days of room today, negative where the day cannot be held; "
        "null once the step is done or the plan has ended.",
    )

    class Meta:
        model = JointStep
        fields = (
            *("id", "plan_id", "key", "position", "label", "days", "after", "owner", "contact_id"),
            *("starts_on", "due_on", "state", "begun_on", "closed_at", "slack_days"),
        )
        read_only_fields = fields


class JointAgreementOutput(serializers.ModelSerializer[JointAgreement]):
    """Who agreed for a side. recorded_by: null where they said so on the page shared with them."""

    user = serializers.EmailField(source="user.email", allow_null=True, read_only=True)
    recorded_by = serializers.EmailField(
        source="recorded_by.email", allow_null=True, read_only=True
    )

    class Meta:
        model = JointAgreement
        fields = ("side", "terms", "user", "contact_id", "recorded_by", "at")
        read_only_fields = fields


class WholeJointPlanOutput(JointPlanOutput):
    """A joint plan as it stands now, its steps by due day, and who agreed to its terms."""

    standing = serializers.CharField(
        read_only=True, help_text="infeasible, tight, on time, done or empty."
    )
    slack_days = serializers.IntegerField(
        read_only=True, allow_null=True, help_text="The least of its open steps."
    )
    agreement = serializers.CharField(
        read_only=True,
        help_text="agreed, changed since agreed, waits for us, waits for them or not agreed yet.",
    )
    agreements = JointAgreementOutput(many=True, read_only=True)
    steps = JointStepOutput(many=True, read_only=True)

    class Meta(JointPlanOutput.Meta):
        fields = (
            *JointPlanOutput.Meta.fields,
            *("standing", "slack_days", "agreement", "agreements", "steps"),
        )
        read_only_fields = fields


class JointStateInput(Body):
    """What becomes of a step."""

    state = serializers.ChoiceField(choices=STATES)


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


class JointPlans(Endpoint):
    """The list of joint plans."""

    needs = {"GET": Can.READ_SPICED}
    tag = "Joint plans"

    @extend_schema(
        operation_id="list_joint_plans",
        summary="List joint plans",
        description="Joint plans, newest first, narrowed by filters; ended ones are among them.",
        parameters=[*PAGING, *FILTERS.parameters],
        responses=page_of(JointPlanOutput),
    )
    def get(self, request: Request) -> Response:
        rows = JointPlan.objects.filter(account__in=in_reach(self.actor, Can.READ_SPICED))
        return self.paged(FILTERS.apply(rows, request), JointPlanOutput, sort="-begun_at")


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
        rows = JointPlan.objects.filter(account__in=in_reach(self.actor, Can.READ_SPICED))
        found = get_object_or_404(rows.select_related("account", "event"), pk=id)
        return Response(WholeJointPlanOutput(_whole(found)).data)


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
        body = JointStateInput(data=request.data)
        body.is_valid(raise_exception=True)
        reach = in_reach(self.actor, Can.EDIT_SPICED)
        step = get_object_or_404(JointStep.objects.filter(plan__account__in=reach), pk=id)
        state = body.validated_data["state"]
        set_joint_step(step=step, actor=self.actor.user, now=timezone.now(), state=state)
        plan = JointPlan.objects.select_related("account", "event").get(pk=step.plan_id)
        (case,) = joint_cases([plan], timezone.now())
        found = next(each for each in case.steps if each.pk == step.pk)
        return Response(JointStepOutput(_roomy(found, case)).data)


def _whole(plan: JointPlan) -> JointPlan:
    """The plan with what is judged of it, as the output reads it."""
    (case,) = joint_cases([plan], timezone.now())
    said = [each for each in (case.accord.ours, case.accord.theirs) if each]
    plan.standing, plan.slack_days = case.word, case.slack  # type: ignore[attr-defined]
    plan.agreement, plan.agreements = case.accord.word, said  # type: ignore[attr-defined]
    plan.steps = [_roomy(each, case) for each in case.steps]  # type: ignore[attr-defined]
    return plan


def _roomy(step: JointStep, case: JointCase) -> JointStep:
    room = case.rooms.get(step.key)
    step.slack_days = room.slack if room else None  # type: ignore[attr-defined]
    return step
