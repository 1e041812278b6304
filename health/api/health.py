"""Health: every account's score, one account's explained, and how it went."""

import json
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.filters import Filter, Filters
from accounts.queries.reach import in_reach
from accounts.rules.fields import Field, Kind
from health.models import AccountRow, Snapshot
from health.queries.listed import Meets
from health.queries.scores import HealthView, health_of
from health.queries.today import today_of_tenant
from health.rules.conditions import parse
from health.rules.tree import Condition
from tenants.rest.schema import PAGING, page_of
from tenants.rest.views import Endpoint
from tenants.roles import Can

BANDS = ("green", "yellow", "red", "unknown")


class AccountHealth(serializers.Serializer[Any]):
    """Where an account stands, as lists show it."""

    account_id = serializers.UUIDField()
    name = serializers.CharField()
    score = serializers.FloatField(allow_null=True, help_text="0 to 100; null without enough data.")
    band = serializers.ChoiceField(choices=BANDS)
    coverage = serializers.FloatField(help_text="Share of weight backed by fresh data, 0 to 1.")
    change_28 = serializers.FloatField(allow_null=True, help_text="Points since 28 days before.")
    reason = serializers.CharField(help_text="The measure that weighs most.")
    stage = serializers.CharField()
    segment = serializers.CharField()
    owner_name = serializers.CharField()
    arr_minor = serializers.IntegerField()
    currency = serializers.CharField()
    renews_on = serializers.DateField(allow_null=True)
    next_step = serializers.CharField()
    next_step_at = serializers.DateTimeField(allow_null=True)
    open_plays = serializers.IntegerField()
    scored_on = serializers.DateField(allow_null=True)


class DriverOutput(serializers.Serializer[Any]):
    """What one measure adds to the score or takes from it."""

    measure = serializers.CharField(source="key")
    name = serializers.CharField()
    dimension = serializers.CharField()
    value = serializers.CharField(help_text="In words.")
    points = serializers.IntegerField()
    freshness = serializers.CharField()
    is_missing = serializers.BooleanField()


class StepOutput(serializers.Serializer[Any]):
    """What a cap or a person's own score changes."""

    name = serializers.CharField()
    note = serializers.CharField()
    points = serializers.IntegerField()


class ModelOutput(serializers.Serializer[Any]):
    """The version of the model that scored."""

    key = serializers.CharField()
    name = serializers.CharField()
    version = serializers.IntegerField()


class HealthOutput(serializers.Serializer[Any]):
    """The newest score with all that explains it: base points, drivers and steps add up to it."""

    day = serializers.DateField(allow_null=True, help_text="Null where nothing was scored yet.")
    as_of = serializers.DateTimeField(allow_null=True)
    score = serializers.FloatField(allow_null=True)
    band = serializers.ChoiceField(choices=BANDS)
    coverage = serializers.FloatField()
    change_28 = serializers.FloatField(allow_null=True)
    model = ModelOutput(allow_null=True)
    base_points = serializers.IntegerField()
    drivers = DriverOutput(many=True)
    steps = StepOutput(many=True)
    missing = DriverOutput(many=True, help_text="Measures without fresh data; they count nothing.")


class DayOutput(serializers.ModelSerializer[Snapshot]):
    """The score of an account on a day. Days that are over never change."""

    model = serializers.CharField(source="model.name", allow_null=True, read_only=True)
    model_version = serializers.IntegerField(
        source="model.version", allow_null=True, read_only=True
    )

    class Meta:
        model = Snapshot
        fields = (
            *("day", "score", "band", "coverage", "caps", "stage", "segment", "arr_minor"),
            *("model", "model_version", "recorded_at"),
        )
        read_only_fields = fields


TEXT = Field("text", "This", most=200)
DAY = Field("day", "The day", Kind.DATE)
LIST = Filters(
    [
        Filter("band", "band", Field("band", "Band", Kind.CHOICE, choices=BANDS), "Band."),
        Filter("segment", "segment", TEXT, "Segment."),
        Filter("stage", "stage", TEXT, "Stage of the bowtie."),
    ],
    beside=["where"],
)
DAYS = Filters(
    [
        Filter("day_from", "day__gte", DAY, "This day or later."),
        Filter("day_before", "day__lt", DAY, "Before this day."),
    ]
)


WHERE = OpenApiParameter(
    "where",
    {"type": "string", "minLength": 1, "maxLength": 4000},
    description="A condition in JSON, as lists, plays and definitions have them: "
    '`{"all": [{"field": "band", "op": "=", "value": "red"}, '
    '{"days_until": "renews_on", "op": "<=", "value": 120}]}`.',
)


def _condition(text: str) -> Condition:
    """A condition from a query. Raises ValidationError naming the place."""
    try:
        return parse(json.loads(text))
    except (ValueError, RecursionError) as problem:
        raise ValidationError({WHERE.name: [f"This is no condition: {problem}."]}) from None


class AllHealth(Endpoint):
    """Every account that is not archived."""

    needs = {"GET": Can.READ_HEALTH}
    tag = "Health"

    @extend_schema(
        operation_id="list_health",
        summary="Where all accounts stand",
        description="Every account with its newest score, by id, as filters and a condition ask.",
        parameters=[*PAGING, *LIST.parameters, WHERE],
        responses=page_of(AccountHealth),
    )
    def get(self, request: Request) -> Response:
        reached = in_reach(self.actor, Can.READ_HEALTH)
        rows = AccountRow.objects.filter(is_archived=False, account__in=reached)
        if text := request.query_params.get(WHERE.name):
            rows = rows.filter(Meets(_condition(text), today_of_tenant(timezone.now())))
        return self.paged(LIST.apply(rows, request), AccountHealth, sort=["account_id"])


class OneHealth(Endpoint):
    """One account's newest score."""

    needs = {"GET": Can.READ_HEALTH}
    tag = "Health"

    @extend_schema(
        operation_id="get_health",
        summary="One account's health, explained",
        description="The newest score, and what each measure adds to it or takes from it.",
        responses=HealthOutput,
    )
    def get(self, request: Request, account_id: UUID) -> Response:
        account = get_object_or_404(in_reach(self.actor, Can.READ_HEALTH), pk=account_id)
        view: HealthView = health_of(account, today_of_tenant(timezone.now()))
        return Response(HealthOutput(view).data)


class History(Endpoint):
    """How one account's score went."""

    needs = {"GET": Can.READ_HEALTH}
    tag = "Health"

    @extend_schema(
        operation_id="list_health_history",
        summary="One account's scores by day",
        description="The stored days of an account, newest first.",
        parameters=[*PAGING, *DAYS.parameters],
        responses=page_of(DayOutput),
    )
    def get(self, request: Request, account_id: UUID) -> Response:
        account = get_object_or_404(in_reach(self.actor, Can.READ_HEALTH), pk=account_id)
        rows = Snapshot.objects.filter(account=account).select_related("model")
        return self.paged(DAYS.apply(rows, request), DayOutput, sort=["-day"])
