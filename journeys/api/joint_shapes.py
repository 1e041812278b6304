"""A joint plan and its steps as the API takes and gives them."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from rest_framework import serializers

from accounts.api.dates import of_our_time
from accounts.rules.fields import MOST_WHOLE
from journeys.actions.joint_steps import STATES
from journeys.models import JointAgreement, JointGoal, JointPlan, JointRisk, JointStep
from journeys.models.onboarding import Side
from journeys.queries.joint import JointCase, joint_cases, risks_of
from journeys.rules.backward import BUFFER, LONGEST, MOST_STEPS
from tenants.rest.bodies import Body


class JointPlanOutput(serializers.ModelSerializer[JointPlan]):
    """What an account and we do by a day that matters to the account."""

    cadence = serializers.CharField(
        read_only=True,
        help_text="How often both sides meet: weekly, fortnightly, monthly, quarterly, or empty.",
    )
    outcome = serializers.CharField(
        read_only=True, help_text="achieved or left once it has ended, else empty."
    )

    class Meta:
        model = JointPlan
        fields: tuple[str, ...] = (
            *(
                "id",
                "account_id",
                "anchor",
                "event_id",
                "anchor_name",
                "anchor_on",
                "buffer",
                "cadence",
                "shortened_from",
            ),
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
    """Who agreed for a side. is_own_word: on the page shared with them.

    recorded_by: null then, and where a key recorded it.
    """

    user = serializers.EmailField(source="user.email", allow_null=True, read_only=True)
    recorded_by = serializers.EmailField(
        source="recorded_by.email", allow_null=True, read_only=True
    )

    class Meta:
        model = JointAgreement
        fields = ("side", "terms", "user", "contact_id", "recorded_by", "is_own_word", "at")
        read_only_fields = fields


class JointRiskOutput(serializers.ModelSerializer[JointRisk]):
    """What may keep a plan from its day. owner: of ours, who looks after it."""

    owner = serializers.EmailField(source="owner.email", allow_null=True, read_only=True)
    closed_by = serializers.EmailField(source="closed_by.email", allow_null=True, read_only=True)

    class Meta:
        model = JointRisk
        fields = ("id", "plan_id", "text", "owner", "noted_at", "closed_at", "closed_by")
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
    goals = serializers.ListField(
        child=serializers.UUIDField(), read_only=True, help_text="Ids of the goals it is for."
    )
    risks = JointRiskOutput(many=True, read_only=True)
    agreements = JointAgreementOutput(many=True, read_only=True)
    steps = JointStepOutput(many=True, read_only=True)

    class Meta(JointPlanOutput.Meta):
        fields = (
            *JointPlanOutput.Meta.fields,
            *("standing", "slack_days", "goals", "risks", "agreement", "agreements", "steps"),
        )
        read_only_fields = fields


class SeenTermsInput(Body):
    """What was read before: 409 `stale_joint_plan` where the plan changed since."""

    seen_terms = serializers.IntegerField(
        min_value=1, max_value=MOST_WHOLE, help_text="The terms you read."
    )


class AnchorFields(Body):
    """What a plan counts back from."""

    anchor = serializers.ChoiceField(choices=tuple(JointPlan.Anchor.values))
    event_id = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="Where the anchor is an event."
    )
    name = serializers.CharField(
        required=False, allow_blank=True, max_length=300, default="", help_text="Of another day."
    )
    on = serializers.DateField(
        required=False,
        allow_null=True,
        default=None,
        validators=[of_our_time],
        help_text="Of another day.",
    )
    buffer = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=LONGEST,
        default=BUFFER,
        help_text="Working days kept free before it.",
    )


class BeginJointInput(AnchorFields):
    """A new plan."""

    account_id = serializers.UUIDField()
    is_usual = serializers.BooleanField(
        required=False, default=True, help_text="Begin with the usual steps."
    )


class AnchorInput(AnchorFields, SeenTermsInput):
    """Another day to count back from."""


class AgreeInput(SeenTermsInput):
    """Whose word it is: a member of ours, or a contact of theirs."""

    side = serializers.ChoiceField(choices=tuple(Side.values))
    user = serializers.EmailField(
        required=False, allow_null=True, default=None, help_text="Who of us, for side us."
    )
    contact_id = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="Who of them, for side them."
    )


class FrameInput(SeenTermsInput):
    """Which goals a plan is for, all of them, and how often both sides meet; empty: not at all."""

    goals = serializers.ListField(child=serializers.UUIDField(), max_length=MOST_STEPS)
    cadence = serializers.ChoiceField(
        choices=tuple(JointPlan.Cadence.values), allow_blank=True, required=False, default=""
    )


class RiskInput(Body):
    """What may happen, and who of ours looks after it."""

    text = serializers.CharField(max_length=300)
    owner = serializers.EmailField(help_text="E-mail address of a member.")


class RiskStateInput(Body):
    """Whether it still threatens the day."""

    is_closed = serializers.BooleanField()


class EndJointInput(Body):
    """How a plan ends; given up, it says why."""

    outcome = serializers.ChoiceField(choices=tuple(JointPlan.Outcome.values))
    reason = serializers.CharField(required=False, allow_blank=True, max_length=300, default="")


class ChangeStepInput(SeenTermsInput):
    """What a step should be. Fields left out stay as they are."""

    label = serializers.CharField(max_length=160, required=False)  # type: ignore[assignment]
    days = serializers.IntegerField(
        min_value=0, max_value=LONGEST, required=False, help_text="Working days it takes."
    )
    owner = serializers.EmailField(
        required=False, allow_null=True, help_text="Of ours: e-mail address of a member."
    )
    contact_id = serializers.UUIDField(required=False, allow_null=True, help_text="Of theirs.")
    after = serializers.ListField(
        child=serializers.SlugField(max_length=40),
        required=False,
        max_length=MOST_STEPS,
        help_text="Keys of the steps it comes after.",
    )


class NewStepInput(ChangeStepInput):
    """A new step."""

    label = serializers.CharField(max_length=160)
    days = serializers.IntegerField(
        min_value=0, max_value=LONGEST, help_text="Working days it takes."
    )


class JointStateInput(Body):
    """What becomes of a step."""

    state = serializers.ChoiceField(choices=STATES)


def whole(plan_id: UUID) -> dict[str, Any]:
    """A plan as it stands now: the body of an answer."""
    plan = JointPlan.objects.select_related("account", "event").get(pk=plan_id)
    (case,) = joint_cases([plan], timezone.now())
    said = [each for each in (case.accord.ours, case.accord.theirs) if each]
    plan.standing, plan.slack_days = case.word, case.slack  # type: ignore[attr-defined]
    plan.agreement, plan.agreements = case.accord.word, said  # type: ignore[attr-defined]
    goals = JointGoal.objects.filter(plan=plan).order_by("goal_id")
    plan.goals = list(goals.values_list("goal_id", flat=True))  # type: ignore[attr-defined]
    plan.risks = risks_of(plan)  # type: ignore[attr-defined]
    plan.steps = [roomy(each, case) for each in case.steps]  # type: ignore[attr-defined]
    return dict(WholeJointPlanOutput(plan).data)


def roomy(step: JointStep, case: JointCase) -> JointStep:
    """A step with the room it has, as the output reads it."""
    room = case.rooms.get(step.key)
    step.slack_days = room.slack if room else None  # type: ignore[attr-defined]
    return step
