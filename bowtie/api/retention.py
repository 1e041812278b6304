"""Retention of a window: the figures of the page, from the ledger."""

from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from bowtie.api.board import BowtieQuery
from bowtie.queries.cohorts import cohorts
from bowtie.queries.ledger import rollup
from bowtie.queries.money import renewals
from bowtie.rules.lifetime import lifetime_of, of_a_year
from bowtie.rules.money import renewal_rates
from charter.queries import body_at
from tenants.rest.views import Endpoint
from tenants.roles import Can

FIGURES = (
    *("n", "stayed", "is_low_n", "base", "opening", "movements", "closing", "grr", "nrr", "logo"),
    *("grr_movement", "nrr_movement", "quick_ratio"),
)


class RetentionQuery(BowtieQuery):
    """What is asked."""

    method = None  # type: ignore[assignment]


class CohortOutput(serializers.Serializer[Any]):
    """What is left of a quarter's new ARR; by whole months since each account began, from 0."""

    quarter = serializers.DateField(help_text="Its first day.")
    n = serializers.IntegerField(help_text="Accounts won.")
    arr_minor = serializers.IntegerField(help_text="ARR won.")
    arr = serializers.ListField(
        child=serializers.FloatField(allow_null=True),
        help_text="Share of ARR left; null until the whole quarter is that old.",
    )
    logos = serializers.ListField(
        child=serializers.FloatField(allow_null=True), help_text="Share of accounts left."
    )


class ShareOutput(serializers.Serializer[Any]):
    """A part of the renewals."""

    n = serializers.IntegerField(help_text="Renewals: what an account had due on one day.")
    due_minor = serializers.IntegerField(help_text="The ARR that was due.")


class SigningOutput(serializers.Serializer[Any]):
    """When what renewed was signed; rates as shares, null where no signing day is known."""

    n = serializers.IntegerField(help_text="Renewed, with a signing day that is known.")
    n_on_time = serializers.IntegerField(help_text="Signed by the due day.")
    n_early = serializers.IntegerField(help_text="Signed more than 30 days before it.")
    n_unknown = serializers.IntegerField(help_text="Renewed, nobody told the signing day.")
    on_time = serializers.FloatField(allow_null=True, help_text="n_on_time ÷ n.")
    early = serializers.FloatField(allow_null=True, help_text="n_early ÷ n.")
    is_low_n = serializers.BooleanField(help_text="Fewer than 30 are known.")


class RenewalsOutput(serializers.Serializer[Any]):
    """What came up for renewal in the window; rates as shares, null where nothing did."""

    due = ShareOutput()
    renewed = ShareOutput(help_text="Also for less.")
    open = ShareOutput(help_text="At most 60 days past due; counts as not renewed.")
    lost = ShareOutput()
    logo = serializers.FloatField(allow_null=True, help_text="Renewed ÷ due, by count.")
    dollar = serializers.FloatField(
        allow_null=True, help_text="ARR renewed, at most what was due, ÷ ARR due."
    )
    is_low_n = serializers.BooleanField(help_text="Fewer than 30 were due.")
    signing = SigningOutput()


class RetentionOutput(serializers.Serializer[Any]):
    """Rates as shares, null where no account had ARR at the start; money in minor units."""

    since = serializers.DateField()
    until = serializers.DateField()
    as_of = serializers.DateTimeField()
    n = serializers.IntegerField(help_text="Accounts with ARR at the start.")
    stayed = serializers.IntegerField(help_text="Of these, with ARR at the end.")
    is_low_n = serializers.BooleanField(help_text="Fewer than 30 stand behind the rates.")
    base = serializers.IntegerField(help_text="Their ARR at the start.")
    opening = serializers.IntegerField(help_text="ARR of all accounts at the start.")
    movements = serializers.DictField(
        child=serializers.IntegerField(), help_text="By kind, signed: opening + these = closing."
    )
    closing = serializers.IntegerField()
    grr = serializers.FloatField(allow_null=True, help_text="Snapshot method.")
    nrr = serializers.FloatField(allow_null=True, help_text="Snapshot method.")
    logo = serializers.FloatField(allow_null=True)
    grr_movement = serializers.FloatField(allow_null=True, help_text="Movement method.")
    nrr_movement = serializers.FloatField(allow_null=True, help_text="Movement method.")
    quick_ratio = serializers.FloatField(allow_null=True, help_text="Gains ÷ losses.")
    churn_a_year = serializers.FloatField(allow_null=True, help_text="Logo churn of 365 days.")
    lifetime_minor = serializers.IntegerField(
        allow_null=True,
        help_text="Lifetime value of an account; null without a gross margin in the charter.",
    )
    lifetime_is_capped = serializers.BooleanField(
        allow_null=True, help_text="Five discounted years: churn is near zero, or NRR above 1."
    )
    renewals = RenewalsOutput()
    cohorts = CohortOutput(many=True)


class RetentionFigures(Endpoint):
    """GRR, NRR, logo retention and cohorts."""

    needs = {"GET": Can.READ_INSIGHT}
    tag = "Bowtie"

    @extend_schema(
        operation_id="get_retention",
        summary="Retention of a window",
        description="Retention by both methods, the movements between, renewals and quarterly "
        "cohorts.",
        parameters=[RetentionQuery],
        responses=RetentionOutput,
    )
    def get(self, request: Request) -> Response:
        query = RetentionQuery(data=request.query_params.dict())
        if strange := sorted(set(request.query_params) - set(query.fields)):
            raise ValidationError({name: ["There is no such filter."] for name in strange})
        query.is_valid(raise_exception=True)
        asked = query.asked(timezone.now(), ZoneInfo(self.actor.tenant.time_zone))
        result = rollup(asked.eve, asked.until, asked.as_of, asked.chosen)
        said: dict[str, Any] = {name: getattr(result, name) for name in FIGURES}
        said |= {name: getattr(asked, name) for name in ("since", "until", "as_of")}
        days = asked.days
        margin = body_at("bowtie", asked.as_of)[1].get("gross_margin")
        worth = lifetime_of(result, days, margin)
        said |= {
            "churn_a_year": None if result.logo is None else 1 - of_a_year(result.logo, days),
            "lifetime_minor": round(worth.minor) if worth else None,
            "lifetime_is_capped": worth.is_capped if worth else None,
        }
        found = renewals(asked.eve, asked.until, asked.as_of, asked.today, asked.chosen)
        said["renewals"] = renewal_rates(found)
        said["cohorts"] = cohorts(asked.until, asked.as_of, asked.chosen)
        return Response(RetentionOutput(said).data)
