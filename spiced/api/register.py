"""Impact across accounts, as the register has it."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.filters import Filter, Filters
from accounts.queries.reach import in_reach
from accounts.rules.fields import Field, Kind
from spiced.models import ImpactGoal
from spiced.queries.register import register
from spiced.rules.register import Standing
from tenants.rest.schema import PAGING, page_of
from tenants.rest.views import Endpoint
from tenants.roles import Can

STANDINGS = tuple(str(each) for each in Standing)
KINDS = tuple(ImpactGoal.Kind.values)


class ImpactOutput(serializers.ModelSerializer[ImpactGoal]):
    """One impact: what was promised, and how far it has come."""

    standing = serializers.ChoiceField(choices=STANDINGS, read_only=True)
    status = serializers.ChoiceField(
        source="state",
        choices=ImpactGoal.Status.values,
        read_only=True,
        help_text="`missed` once the date has passed short of the target.",
    )
    last_value = serializers.FloatField(
        source="last", allow_null=True, read_only=True, help_text="The newest measurement."
    )
    confirmed_value = serializers.FloatField(
        source="proved",
        allow_null=True,
        read_only=True,
        help_text="The newest one that the account confirmed.",
    )
    doubted_at = serializers.DateTimeField(
        source="doubted",
        allow_null=True,
        read_only=True,
        help_text="When the account said “not yet” to the newest measurement.",
    )
    promised_minor = serializers.SerializerMethodField(help_text="Worth a year at the target.")
    realised_minor = serializers.SerializerMethodField(help_text="Worth a year, confirmed.")

    class Meta:
        model = ImpactGoal
        fields = (
            *("id", "account_id", "kind", "statement", "measure", "unit", "baseline", "target"),
            *(
                "baseline_on",
                "deadline_on",
                "person_id",
                "status",
                "category",
                "method",
                "measure_every_days",
                "standing",
                "last_value",
            ),
            *(
                "confirmed_value",
                "doubted_at",
                "unit_value_minor",
                "promised_minor",
                "realised_minor",
            ),
        )
        read_only_fields = fields

    def get_promised_minor(self, goal: Any) -> int | None:
        return None if goal.promised is None else round(goal.promised)

    def get_realised_minor(self, goal: Any) -> int | None:
        return None if goal.realised is None else round(goal.realised)


FILTERS = Filters(
    [
        Filter(
            "standing", "standing", Field("standing", "Standing", Kind.CHOICE, choices=STANDINGS),
            "How far it has come.",
        ),
        Filter("kind", "kind", Field("kind", "Kind", Kind.CHOICE, choices=KINDS), "Kind."),
        Filter("account_id", "account_id", Field("account_id", "Account"), "Id of the account."),
    ]
)  # fmt: skip


class Impacts(Endpoint):
    """The impact register."""

    needs = {"GET": Can.READ_SPICED}
    tag = "SPICED"

    @extend_schema(
        operation_id="list_impacts",
        summary="List impact",
        description=(
            "Every impact that was not retired, newest first: promised, on the way, achieved by "
            "our measure, or confirmed by the account."
        ),
        parameters=[*PAGING, *FILTERS.parameters],
        responses=page_of(ImpactOutput),
    )
    def get(self, request: Request) -> Response:
        rows = register(in_reach(self.actor, Can.READ_SPICED), timezone.localdate())
        return self.paged(FILTERS.apply(rows, request), ImpactOutput, sort="-created_at")
