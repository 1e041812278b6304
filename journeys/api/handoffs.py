"""Handoffs: read, begun, written and submitted."""

from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.filters import Filter, Filters
from accounts.api.named import account_named
from accounts.queries.reach import in_reach
from accounts.rules.fields import Field, Kind
from journeys.actions.handoffs import save_handoff, submit_handoff
from journeys.actions.to_teams import hand_to_team
from journeys.actions.within_cs import hand_over_to_new_csm
from journeys.api.handoff_shapes import (
    HandoffOutput,
    SaidInput,
    SeenInput,
    WholeHandoffOutput,
    said_of,
    signature,
    whole,
)
from journeys.models import Handoff
from journeys.rules.kinds import TO_TEAMS
from tenants.actor import Actor
from tenants.rest.bodies import Body, read
from tenants.rest.people import member
from tenants.rest.schema import PAGING, page_of
from tenants.rest.views import Endpoint
from tenants.roles import Can

BEGUN = (Handoff.Kind.CSM_TO_CSM.value, *TO_TEAMS)


class HandOverInput(Body):
    """Whose handoff begins, and to whom."""

    account_id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=BEGUN, default=Handoff.Kind.CSM_TO_CSM.value)
    receiver = serializers.EmailField(
        required=False, allow_null=True, default=None, help_text="Who takes it in another team."
    )
    signed_at = serializers.DateTimeField(
        required=False,
        allow_null=True,
        default=None,
        help_text="What the clock counts from, as a signature for Finance; now by default.",
    )


MEMBER, ID = Field("member", "Member", Kind.EMAIL), Field("account_id", "Account")
KINDS, STATES = tuple(Handoff.Kind.values), tuple(Handoff.State.values)
FILTERS = Filters(
    [
        Filter("state", "state", Field("state", "State", Kind.CHOICE, choices=STATES), "State."),
        Filter("kind", "kind", Field("kind", "Kind", Kind.CHOICE, choices=KINDS), "Kind."),
        Filter("account_id", "account_id", ID, "Id of the account."),
        Filter("sender", "sender__email", MEMBER, "E-mail address of who hands over."),
        Filter("receiver", "receiver__email", MEMBER, "E-mail address of who takes over."),
        Filter(
            "due_before", "due_at__lt", Field("due_before", "Due", Kind.MOMENT), "Due before this."
        ),
    ]
)


def handoffs_of(actor: Actor, can: Can) -> QuerySet[Handoff]:
    """The handoffs whose accounts a capability covers, with account and people."""
    rows = Handoff.objects.filter(account__in=in_reach(actor, can))
    return rows.select_related("account", "sender", "receiver")


def answer(found: Handoff, status: int = 200) -> Response:
    """A handoff as it stands after an act."""
    rows = Handoff.objects.select_related("account", "sender", "receiver")
    return Response(whole(rows.get(pk=found.pk)), status=status)


class Handoffs(Endpoint):
    """The list of handoffs."""

    needs = {"GET": Can.READ_ACCOUNTS, "POST": Can.HAND_OVER}
    tag = "Handoffs"

    @extend_schema(
        operation_id="list_handoffs",
        summary="List handoffs",
        description="Handoffs, newest first, narrowed by filters; completed ones are among them.",
        parameters=[*PAGING, *FILTERS.parameters],
        responses=page_of(HandoffOutput),
    )
    def get(self, request: Request) -> Response:
        rows = handoffs_of(self.actor, Can.READ_ACCOUNTS).filter(account__archived_at=None)
        return self.paged(FILTERS.apply(rows, request), HandoffOutput, sort="-signed_at")

    @extend_schema(
        operation_id="begin_handoff",
        summary="Begin a handoff to another CSM or another team",
        description="By default the handoff that is offered for 30 days once an account has "
        "another CSM; of the other kinds one to Sales, Support, Finance or Marketing. Sales to CS "
        "and onboarding to CS begin by themselves. 409 `not_changed` where the account did not "
        "change hands, `already_handing` where one is open; 422 `not_signed_yet` for a moment to "
        "come.",
        request=HandOverInput,
        responses={201: WholeHandoffOutput},
        examples=[
            OpenApiExample(
                "A new CSM",
                {"account_id": "01930000-0000-7000-8000-000000000001"},
                request_only=True,
            ),
            OpenApiExample(
                "To Support",
                {"account_id": "01930000-0000-7000-8000-000000000001", "kind": "cs_to_support"},
                request_only=True,
            ),
        ],
    )
    def post(self, request: Request) -> Response:
        said = read(HandOverInput, request)
        account = account_named(self.actor, Can.HAND_OVER, said["account_id"])
        user, now = self.actor.user, timezone.now()
        if said["kind"] == Handoff.Kind.CSM_TO_CSM:
            made = hand_over_to_new_csm(account=account, actor=user, now=now)
            return answer(made, status=201)
        who = member(self.actor, said["receiver"], "receiver")
        made = hand_to_team(
            account=account,
            kind=said["kind"],
            actor=user,
            now=now,
            receiver_id=who.pk if who else None,
            at=said["signed_at"],
        )
        return answer(made, status=201)


class OneHandoff(Endpoint):
    """One handoff."""

    needs = {"GET": Can.READ_ACCOUNTS, "POST": Can.HAND_OVER}
    tag = "Handoffs"

    @extend_schema(
        operation_id="get_handoff",
        summary="One handoff",
        description="What it says, what it asks, and what is missing by the charter in force.",
        responses=WholeHandoffOutput,
    )
    def get(self, request: Request, id: UUID) -> Response:
        return Response(whole(get_object_or_404(handoffs_of(self.actor, Can.READ_ACCOUNTS), pk=id)))

    @extend_schema(
        operation_id="save_handoff",
        summary="Write in a handoff",
        description="While it is with whoever hands over; afterwards only what was waived may be "
        "added. 409 `stale_handoff` where somebody changed it since `seen_version`, "
        "`handoff_moved` where it was handed over.",
        request=SaidInput,
        responses=WholeHandoffOutput,
        examples=[
            OpenApiExample(
                "Risks",
                {"seen_version": 3, "said": {"risks": "The audit of spring"}},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, id: UUID) -> Response:
        found = get_object_or_404(handoffs_of(self.actor, Can.HAND_OVER), pk=id)
        said = read(SaidInput, request)
        saved = save_handoff(
            handoff=found,
            actor=self.actor.user,
            now=timezone.now(),
            seen_version=said["seen_version"],
            given=said_of(found, said["said"]),
            **signature(self.actor, said["signed_by"]),
        )
        return answer(saved)


class Submit(Endpoint):
    """Hand over."""

    needs = {"POST": Can.HAND_OVER}
    tag = "Handoffs"

    @extend_schema(
        operation_id="submit_handoff",
        summary="Hand over",
        description="What lacks too much comes straight back: the answer is 200 with `state` "
        "returned and its `gaps`. 409 `handoff_moved` where it was handed over before.",
        request=SeenInput,
        responses=WholeHandoffOutput,
        examples=[OpenApiExample("As read", {"seen_version": 3}, request_only=True)],
    )
    def post(self, request: Request, id: UUID) -> Response:
        found = get_object_or_404(handoffs_of(self.actor, Can.HAND_OVER), pk=id)
        said = read(SeenInput, request)
        now = timezone.now()
        submit_handoff(handoff=found, actor=self.actor.user, now=now, **said)
        return answer(found)
