"""Promises to accounts beyond their contracts: read, kept, withdrawn."""

from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.filters import Filter, Filters
from accounts.queries.reach import in_reach
from accounts.rules.fields import Field, Kind
from journeys.actions.commitments import close_promise, reopen_promise
from journeys.models import Commitment
from tenants.rest.bodies import Body, read
from tenants.rest.schema import PAGING, page_of
from tenants.rest.views import Endpoint
from tenants.roles import Can

STATES = tuple(Commitment.State.values)


class PromiseOutput(serializers.ModelSerializer[Commitment]):
    """One promise to an account, as its handoff said it."""

    made_by = serializers.EmailField(source="made_by.email", allow_null=True, read_only=True)
    closed_by = serializers.EmailField(source="closed_by.email", allow_null=True, read_only=True)

    class Meta:
        model = Commitment
        fields = (
            *("id", "account_id", "handoff_id", "text", "made_by", "made_at", "state", "reason"),
            *("closed_at", "closed_by"),
        )
        read_only_fields = fields


class PromiseStateInput(Body):
    """What became of it. Withdrawing one says why."""

    state = serializers.ChoiceField(choices=STATES)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=300, default="")


FILTERS = Filters(
    [
        Filter("state", "state", Field("state", "State", Kind.CHOICE, choices=STATES), "State."),
        Filter("account_id", "account_id", Field("account_id", "Account"), "Id of the account."),
    ]
)


class Promises(Endpoint):
    """The list of promises."""

    needs = {"GET": Can.READ_ACCOUNTS}
    tag = "Handoffs"

    @extend_schema(
        operation_id="list_promises",
        summary="List promises",
        description="What accepted handoffs promised, newest first, narrowed by filters.",
        parameters=[*PAGING, *FILTERS.parameters],
        responses=page_of(PromiseOutput),
    )
    def get(self, request: Request) -> Response:
        rows = Commitment.objects.filter(account__in=in_reach(self.actor, Can.READ_ACCOUNTS))
        rows = rows.select_related("made_by", "closed_by")
        return self.paged(FILTERS.apply(rows, request), PromiseOutput, sort="-made_at")


class PromiseState(Endpoint):
    """What becomes of a promise."""

    needs = {"POST": Can.HAND_OVER}
    tag = "Handoffs"

    @extend_schema(
        operation_id="set_promise_state",
        summary="Keep, withdraw or reopen a promise",
        description="409 `promise_closed` or `promise_open` where it is so already; 422 "
        "`no_reason_given` where one is withdrawn without a reason.",
        request=PromiseStateInput,
        responses=PromiseOutput,
        examples=[OpenApiExample("Kept", {"state": "kept"}, request_only=True)],
    )
    def post(self, request: Request, id: UUID) -> Response:
        reach = in_reach(self.actor, Can.HAND_OVER)
        promise = get_object_or_404(Commitment.objects.filter(account__in=reach), pk=id)
        said = read(PromiseStateInput, request)
        user, now = self.actor.user, timezone.now()
        if said["state"] == Commitment.State.OPEN:
            reopen_promise(promise=promise, actor=user, now=now)
        else:
            is_kept = said["state"] == Commitment.State.KEPT
            close_promise(
                promise=promise, actor=user, now=now, is_kept=is_kept, reason=said["reason"]
            )
        rows = Commitment.objects.select_related("made_by", "closed_by")
        return Response(PromiseOutput(rows.get(pk=promise.pk)).data)
