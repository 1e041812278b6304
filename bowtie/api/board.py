"""The bowtie of a window: volumes, conversions, times, and flows that reconcile."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from bowtie.queries.board import Asked, Board, year_to
from bowtie.queries.ways import Slice
from bowtie.rules.funnel import COHORT, PERIOD, Rate, weakest
from tenants.rest.views import Endpoint
from tenants.roles import Can

EARLIEST, LATEST = date(1970, 1, 1), date(2199, 12, 31)
METHODS = (COHORT, PERIOD)


class BowtieQuery(serializers.Serializer[Any]):
    """What is asked."""

    since = serializers.DateField(required=False, help_text="First day; a year before the last.")
    until = serializers.DateField(required=False, help_text="Last day; today unless told.")
    as_of = serializers.DateField(
        required=False, help_text="Only what was recorded by the end of this day."
    )
    method = serializers.ChoiceField(
        choices=METHODS, required=False, help_text="Of those that entered, or entries ÷ entries."
    )
    segment = serializers.CharField(required=False, max_length=40, help_text="Of the account.")
    owner_id = serializers.UUIDField(required=False, help_text="Accounts of this CSM.")
    region = serializers.CharField(required=False, max_length=80, help_text="Of the account.")
    currency = serializers.RegexField(
        "^[A-Z]{3}$", required=False, help_text="Accounts with a contract in it: EUR for one."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        for key, day in attrs.items():
            if isinstance(day, date) and not EARLIEST <= day <= LATEST:
                words = f"The day must be from {EARLIEST.year} to {LATEST.year}."
                raise ValidationError({key: [words]})
        return attrs

    def asked(self, now: datetime, zone: ZoneInfo) -> Asked:
        """Raises ValidationError for a window that begins after it ends."""
        given = self.validated_data
        as_of, day = now, given.get("as_of")
        if day is not None:
            after = datetime.combine(day + timedelta(days=1), time(), zone)
            as_of = min(now, after - timedelta(microseconds=1))
        until = given.get("until") or as_of.astimezone(zone).date()
        since = given.get("since") or year_to(until)
        if since > until:
            raise ValidationError({"since": ["The window must begin before it ends."]})
        chosen = Slice(
            given.get("segment", ""),
            given.get("owner_id"),
            given.get("region", ""),
            given.get("currency", ""),
        )
        return Asked(since, until, as_of, zone, given.get("method") or COHORT, chosen)


class RateOutput(serializers.Serializer[Any]):
    """A conversion and its times; null where nothing entered or nothing is known."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    unit = serializers.ChoiceField(choices=("count", "minor"), help_text="Of n and reached.")
    n = serializers.IntegerField(help_text="What entered: objects, or ARR in minor units.")
    reached = serializers.IntegerField()
    value = serializers.FloatField(allow_null=True, help_text="reached ÷ n, as a share.")
    arr_minor = serializers.IntegerField(
        allow_null=True, help_text="ARR of the accounts that entered, on that day; null for deals."
    )
    reached_arr_minor = serializers.IntegerField(
        allow_null=True, help_text="ARR of those that were reached, on that day."
    )
    accounts = serializers.IntegerField(help_text="How many stand behind it.")
    target = serializers.FloatField(allow_null=True)
    median_days = serializers.FloatField(
        allow_null=True,
        help_text="Of completed passages; of cr6 from First Impact to the first renewal, of cr7 to "
        "the first expansion, of cr8 from Recurring Impact to the first referral.",
    )
    p90_days = serializers.FloatField(allow_null=True)
    km_days = serializers.FloatField(allow_null=True, help_text="Median with those still open.")
    is_mature = serializers.BooleanField(allow_null=True)
    by_proxy = serializers.IntegerField(help_text="First Impact by proxy; not in reached.")
    by_override = serializers.IntegerField(help_text="Without evidence; not in reached.")
    is_low_n = serializers.BooleanField(help_text="Fewer than 30 stand behind it.")


class FlowOutput(serializers.Serializer[Any]):
    """A stage in the window: opening + came_in − went_out = closing."""

    stage = serializers.CharField()
    opening = serializers.IntegerField()
    came_in = serializers.IntegerField()
    went_out = serializers.IntegerField()
    closing = serializers.IntegerField()


class BowtieOutput(serializers.Serializer[Any]):
    """The bowtie of a window."""

    since = serializers.DateField()
    until = serializers.DateField()
    as_of = serializers.DateTimeField()
    method = serializers.ChoiceField(choices=METHODS)
    charter_version = serializers.IntegerField(help_text="Of the targets; 0 for the defaults.")
    weakest = serializers.CharField(allow_null=True, help_text="Furthest under its target.")
    rates = RateOutput(many=True)
    stages = FlowOutput(many=True)


class Bowtie(Endpoint):
    """Volumes, conversions and times."""

    needs = {"GET": Can.READ_INSIGHT}
    tag = "Bowtie"

    @extend_schema(
        operation_id="get_bowtie",
        summary="The bowtie of a window",
        description="Volume, conversion and time of each step, and what each stage held.",
        parameters=[BowtieQuery],
        responses=BowtieOutput,
    )
    def get(self, request: Request) -> Response:
        query = BowtieQuery(data=request.query_params.dict())
        if strange := sorted(set(request.query_params) - set(query.fields)):
            raise ValidationError({name: ["There is no such filter."] for name in strange})
        query.is_valid(raise_exception=True)
        zone = ZoneInfo(self.actor.tenant.time_zone)
        found = Board(query.asked(timezone.now(), zone))
        rates = list(found.rates.values())
        weak = weakest(rates)
        said = {
            "since": found.asked.since,
            "until": found.asked.until,
            "as_of": found.asked.as_of,
            "method": found.asked.method,
            "charter_version": found.charter_version,
            "weakest": weak.key if weak else None,
            "rates": [_rate(found, each) for each in rates],
            "stages": [
                {"stage": stage}
                | {
                    what: len(getattr(flow, what))
                    for what in ("opening", "came_in", "went_out", "closing")
                }
                for stage, flow in found.flows.items()
            ],
        }
        return Response(BowtieOutput(said).data)


def _rate(found: Board, each: Rate) -> dict[str, Any]:
    names = ["key", "n", "reached", "value", "accounts", "target", "median_days", "p90_days"]
    names += ["km_days", "is_mature", "by_proxy", "by_override", "is_low_n"]
    said = {name: getattr(each, name) for name in names}
    unit = "minor" if each.is_money else "count"
    said["arr_minor"], said["reached_arr_minor"] = found.arr(each) or (None, None)
    return said | {"label": found.labels[each.key], "unit": unit}
