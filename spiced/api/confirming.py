"""Confirming a part of the note, and beginning a deal from it."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Account, Contact, Opportunity
from accounts.queries.reach import in_reach
from spiced.actions.confirming import confirm_element
from spiced.actions.records import begin_motion
from spiced.api.shapes import NoteOutput, answer_of
from spiced.models import ImpactGoal
from spiced.queries.impact import cited_by
from spiced.queries.notes import picture
from spiced.rules.elements import LETTERS
from spiced.rules.touchpoints import MOTIONS
from tenants.rest.bodies import Body
from tenants.rest.views import Endpoint
from tenants.roles import Can


class ConfirmInput(Body):
    """Who at the account said that a part is right, and when."""

    part = serializers.ChoiceField(choices=LETTERS)
    heard_from = serializers.UUIDField(help_text="The contact who said so.")
    heard_on = serializers.DateField()
    is_leveraged = serializers.BooleanField(
        required=False, default=False, help_text="It stands in the account's own plan."
    )
    goal_id = serializers.UUIDField(
        required=False,
        allow_null=True,
        default=None,
        help_text="The impact a decision rests on; else the one the note cites.",
    )


class BeginInput(Body):
    """What kind of deal begins."""

    motion = serializers.ChoiceField(choices=tuple(MOTIONS))
    reason = serializers.CharField(required=False, allow_blank=True, max_length=300, default="")
    opportunity_id = serializers.UUIDField(required=False, allow_null=True, default=None)


class Confirm(Endpoint):
    """A part of the note is right."""

    needs = {"POST": Can.EDIT_SPICED}
    tag = "SPICED"

    @extend_schema(
        operation_id="confirm_spiced",
        summary="Confirm a part",
        description=(
            "Impact rests on Situation and Pain, Decision on Impact: while one of them is blank, "
            "the answer is 422 `out_of_sequence` and `missing` names it. A decision cites a goal "
            "of the account, else it is 422 `no_impact_cited`. A manager may confirm it all the "
            "same, on screen and with a reason."
        ),
        request=ConfirmInput,
        responses=NoteOutput,
        examples=[
            OpenApiExample(
                "The pain is as we wrote it",
                {
                    "part": "P",
                    "heard_from": "01930000-0000-7000-8000-000000000001",
                    "heard_on": "2026-11-18",
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, account_id: UUID) -> Response:
        account = get_object_or_404(in_reach(self.actor, Can.EDIT_SPICED), pk=account_id)
        body = ConfirmInput(data=request.data)
        body.is_valid(raise_exception=True)
        said, now = body.validated_data, timezone.now()
        teller = Contact.objects.filter(pk=said["heard_from"], account=account).first()
        if teller is None:
            raise ValidationError({"heard_from": ["There is no such contact at this account."]})
        if said["heard_on"] > timezone.localdate(now):
            raise ValidationError({"heard_on": ["This has not happened yet."]})
        confirm_element(
            account=account,
            actor=self.actor,
            now=now,
            letter=said["part"],
            heard_from=teller,
            heard_on=said["heard_on"],
            is_leveraged=said["is_leveraged"],
            goal=_goal(account, said["goal_id"]),
        )
        return _answer(account)


class Begin(Endpoint):
    """A deal begins."""

    needs = {"POST": Can.EDIT_SPICED}
    tag = "SPICED"

    @extend_schema(
        operation_id="begin_spiced",
        summary="Begin a deal",
        description=(
            "A new buyer opens a record with nothing in it, a cross-sell one that keeps Situation "
            "and Critical event; an upsell keeps the record and has each part asked again. Every "
            "version so far stays."
        ),
        request=BeginInput,
        responses=NoteOutput,
        examples=[
            OpenApiExample(
                "Another product", {"motion": "cross_sell", "reason": "Payroll"}, request_only=True
            )
        ],
    )
    def post(self, request: Request, account_id: UUID) -> Response:
        account = get_object_or_404(in_reach(self.actor, Can.EDIT_SPICED), pk=account_id)
        body = BeginInput(data=request.data)
        body.is_valid(raise_exception=True)
        said: dict[str, Any] = dict(body.validated_data)
        begin_motion(
            account=account,
            actor=self.actor,
            now=timezone.now(),
            opportunity=deal_of(account, said.pop("opportunity_id")),
            **said,
        )
        return _answer(account)


def deal_of(account: Account, pk: UUID | None) -> Opportunity | None:
    """A deal of the account by its id. Raises ValidationError for one that is not."""
    if pk is None:
        return None
    found = Opportunity.objects.filter(account=account, pk=pk).first()
    if found is None:
        raise ValidationError({"opportunity_id": ["There is no such deal at this account."]})
    return found


def _goal(account: Account, pk: UUID | None) -> ImpactGoal | None:
    """A goal one may cite. Raises ValidationError for one that is not."""
    if pk is not None and (found := cited_by(account, pk)) is not None:
        return found
    if pk is None:
        return None
    raise ValidationError({"goal_id": ["There is no such impact at this account."]})


def _answer(account: Account) -> Response:
    return Response(answer_of(account, picture(account, timezone.localdate())))
