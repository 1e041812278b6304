"""The weekly habit that is agreed with an account."""

from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Contact
from accounts.queries.reach import account_in_reach
from pulse.actions.norms import agree_norm, drop_norm
from pulse.models import HabitNorm
from pulse.queries.habit import habit_weeks
from pulse.queries.norms import norm_of
from pulse.rules.habit import MOST_WEEKLY
from tenants.rest.bodies import Body
from tenants.rest.views import Endpoint
from tenants.roles import Can


class NormOutput(serializers.ModelSerializer[HabitNorm]):
    """What is agreed to be a habit, and how many weeks were."""

    weekly = serializers.IntegerField(
        allow_null=True, help_text="Uses of core features a week; null where none is agreed."
    )
    agreed_on = serializers.DateField(allow_null=True)
    contact_id = serializers.UUIDField(
        source="agreed_by_id", allow_null=True, help_text="Who of theirs agreed."
    )
    noted_by = serializers.EmailField(source="noted_by.email", allow_null=True, default=None)
    weeks = serializers.SerializerMethodField(
        help_text="Of the last 12 complete weeks, those of habit: by the norm where one is agreed, "
        "else by a quarter of the seats. Null where neither is known, or nothing was used."
    )
    counted_by = serializers.SerializerMethodField(help_text="norm or seats.")

    class Meta:
        model = HabitNorm
        fields = ("weekly", "agreed_on", "contact_id", "noted_by", "weeks", "counted_by")
        read_only_fields = fields

    def get_weeks(self, norm: HabitNorm) -> int | None:
        return habit_weeks(norm.account_id, self.context["today"])

    def get_counted_by(self, norm: HabitNorm) -> str:
        return "norm" if norm.weekly else "seats"


class NormInput(Body):
    """What was agreed, with whom, when. weekly null: none is agreed any more."""

    weekly = serializers.IntegerField(min_value=1, max_value=MOST_WEEKLY, allow_null=True)
    contact_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    agreed_on = serializers.DateField(required=False, allow_null=True, default=None)


class Norm(Endpoint):
    """The weekly habit of an account."""

    needs = {"GET": Can.READ_PULSE, "PUT": Can.WRITE_PULSE}
    tag = "Usage"

    @extend_schema(
        operation_id="get_habit_norm",
        summary="The weekly habit agreed with an account",
        responses=NormOutput,
    )
    def get(self, request: Request, id: UUID) -> Response:
        account = account_in_reach(self.actor, Can.READ_PULSE, id)
        return self._told(account.pk)

    @extend_schema(
        operation_id="set_habit_norm",
        summary="Note what is agreed to be a habit",
        description="Weeks of habit are counted by it from that day on. It names who of theirs "
        "agreed. 409 `no_norm` where none is there to drop; 422 `not_of_account` for a contact of "
        "another account, `not_yet` for a day to come.",
        request=NormInput,
        responses=NormOutput,
        examples=[
            OpenApiExample(
                "400 uses a week",
                {"weekly": 400, "contact_id": "01930000-0000-7000-8000-000000000001"},
                request_only=True,
            )
        ],
    )
    def put(self, request: Request, id: UUID) -> Response:
        account = account_in_reach(self.actor, Can.WRITE_PULSE, id)
        body = NormInput(data=request.data)
        body.is_valid(raise_exception=True)
        said, user, now = body.validated_data, self.actor.user, timezone.now()
        if said["weekly"] is None:
            drop_norm(account=account, actor=user, now=now)
            return self._told(account.pk)
        if said["contact_id"] is None:
            raise serializers.ValidationError({"contact_id": ["Name who of theirs agreed."]})
        who = get_object_or_404(Contact, pk=said["contact_id"])
        on = said["agreed_on"] or self._today()
        agree_norm(
            account=account, actor=user, now=now, weekly=said["weekly"], agreed_by=who, agreed_on=on
        )
        return self._told(account.pk)

    def _told(self, account_id: UUID) -> Response:
        today = self._today()
        norm = norm_of(account_id, today) or HabitNorm(account_id=account_id)
        return Response(NormOutput(norm, context={"today": today}).data)

    def _today(self) -> date:
        return timezone.localdate(timezone=ZoneInfo(self.actor.tenant.time_zone))
