"""The stages of an account: read with their evidence, and entered through the same gates."""

from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.queries.reach import account_in_reach
from bowtie.actions.moves import move
from bowtie.models import Stay
from bowtie.rules.gates import TICKS
from bowtie.rules.stages import Stage
from tenants.rest.bodies import Body
from tenants.rest.schema import PAGING, page_of
from tenants.rest.views import Endpoint
from tenants.roles import Can

STAGES = tuple(str(stage) for stage in Stage)
TICKED = tuple(sorted(key for keys in TICKS.values() for key in keys))


class StayOutput(serializers.ModelSerializer[Stay]):
    """A stage an account entered, with the evidence its gate was shown."""

    moved_by = serializers.EmailField(source="moved_by.email", allow_null=True, read_only=True)

    class Meta:
        model = Stay
        fields = (
            *("id", "stage", "lifecycle", "entered_at", "left_at", "came_from", "evidence"),
            *("moved_by", "reason", "override_reason", "is_imported", "revoked_at"),
            *("revoke_reason", "recorded_at"),
        )
        read_only_fields = fields


class MoveInput(Body):
    """A move through a gate. Gates are opened by a lead on the screen, not here."""

    to_stage = serializers.ChoiceField(choices=STAGES)
    seen_stage = serializers.ChoiceField(
        choices=STAGES, help_text="Where the account stood when this was decided."
    )
    evidence = serializers.ListField(
        child=serializers.ChoiceField(choices=TICKED),
        required=False,
        default=list,
        max_length=len(TICKED),
        help_text="What the gate asks of a person, each thing that is done.",
    )
    reason = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=300, help_text="Why it goes back."
    )


class Stages(Endpoint):
    """The stages of one account."""

    needs = {"GET": Can.READ_ACCOUNTS, "POST": Can.MOVE_STAGE}
    tag = "Bowtie"

    @extend_schema(
        operation_id="list_stages",
        summary="Stages of an account",
        description="Every stage the account entered, newest first; revoked ones among them.",
        parameters=PAGING,
        responses=page_of(StayOutput),
    )
    def get(self, request: Request, account_id: UUID) -> Response:
        account = account_in_reach(self.actor, Can.READ_ACCOUNTS, account_id)
        rows = Stay.objects.filter(account=account).select_related("moved_by")
        return self.paged(rows, StayOutput, sort="-entered_at")

    @extend_schema(
        operation_id="move_account",
        summary="Move an account",
        description="Enter a stage through its gate. 409 `stage_moved` where somebody was first, "
        "`gate_closed` with what is missing, `override_needed` naming the gates it would skip, "
        "`no_such_move` where the bowtie has none.",
        request=MoveInput,
        responses={201: StayOutput},
        examples=[
            OpenApiExample(
                "Qualified",
                {"to_stage": "sql", "seen_stage": "mql"},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, account_id: UUID) -> Response:
        account = account_in_reach(self.actor, Can.MOVE_STAGE, account_id)
        body = MoveInput(data=request.data)
        body.is_valid(raise_exception=True)
        said = body.validated_data
        to_stage = Stage(said["to_stage"])
        allowed = TICKS.get(to_stage, {})
        if strange := sorted(set(said["evidence"]) - set(allowed)):
            words = f"{to_stage.label} does not ask for {', '.join(strange)}."
            raise ValidationError({"evidence": [words]})
        stay = move(
            account=account,
            to_stage=to_stage,
            actor=self.actor.user,
            now=timezone.now(),
            seen_stage=Stage(said["seen_stage"]),
            evidence=dict.fromkeys(said["evidence"], True),
            reason=said["reason"],
        )
        return Response(StayOutput(stay).data, status=201)
