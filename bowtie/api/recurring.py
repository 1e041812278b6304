"""Recurring impact: the share of accounts past First Impact that got impact again this quarter."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.queries.reach import in_reach
from bowtie.queries.recurring import recurring
from tenants.rest.views import Endpoint
from tenants.roles import Can


class RecurringAccountOutput(serializers.Serializer[Any]):
    """One account behind the rate."""

    account_id = serializers.UUIDField()
    streak = serializers.IntegerField(help_text="Quarters in a row with impact delivered.")
    is_delivered = serializers.BooleanField(help_text="This quarter.")
    is_lapsed = serializers.BooleanField(help_text="Impact it had is not there any more.")


class RecurringOutput(serializers.Serializer[Any]):
    """The quarter that runs, as of today."""

    since = serializers.DateField(help_text="The first day of the quarter.")
    until = serializers.DateField(help_text="The day after its last.")
    as_of = serializers.DateField()
    n = serializers.IntegerField(help_text="Accounts past First Impact as the quarter began.")
    delivered = serializers.IntegerField(help_text="Of these, with impact again.")
    lapsed = serializers.IntegerField()
    charter_version = serializers.IntegerField(
        help_text="Of the bowtie's chapter that says when impact has lapsed; 0 without one."
    )
    rate = serializers.FloatField(allow_null=True, help_text="Share; null where n is 0.")
    accounts = RecurringAccountOutput(many=True, help_text="Those behind n, by id.")


class RecurringFigure(Endpoint):
    """The recurring impact rate."""

    needs = {"GET": Can.READ_SPICED}
    tag = "Bowtie"

    @extend_schema(
        operation_id="get_recurring_impact",
        summary="Recurring impact of this quarter",
        description="Confirmed measurements alone count. Narrowed to a segment or an owner where "
        "asked for.",
        parameters=[
            OpenApiParameter("segment", {"type": "string", "maxLength": 40, "minLength": 1}),
            OpenApiParameter("owner_id", {"type": "string", "format": "uuid"}),
        ],
        responses=RecurringOutput,
    )
    def get(self, request: Request) -> Response:
        query = RecurringQuery(data=request.query_params.dict())
        if strange := sorted(set(request.query_params) - set(query.fields)):
            raise ValidationError({name: ["There is no such filter."] for name in strange})
        query.is_valid(raise_exception=True)
        owned = in_reach(self.actor, Can.READ_SPICED).filter(**query.validated_data)
        ids = set(owned.values_list("pk", flat=True))
        again = recurring(ids, timezone.localdate(), self.actor.tenant.time_zone)
        said = {
            "since": again.period.start,
            "until": again.period.end,
            "as_of": again.as_of,
            "n": again.n,
            "delivered": len(again.delivered),
            "lapsed": len(again.lapsed),
            "charter_version": again.version,
            "rate": again.rate,
            "accounts": [
                {
                    "account_id": account,
                    "streak": again.streaks[account],
                    "is_delivered": account in again.delivered,
                    "is_lapsed": account in again.lapsed,
                }
                for account in sorted(again.streaks)
            ],
        }
        return Response(RecurringOutput(said).data)


class RecurringQuery(serializers.Serializer[Any]):
    """What is asked."""

    segment = serializers.CharField(required=False, max_length=40)
    owner_id = serializers.UUIDField(required=False)
