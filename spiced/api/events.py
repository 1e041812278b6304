"""Critical events: read, set and changed."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.filters import Filter, Filters
from accounts.api.named import account_named
from accounts.models import Account, Contact
from accounts.queries.reach import in_reach
from accounts.rules.fields import Field, Kind
from spiced.actions.events import change_event, save_event
from spiced.api.event_shapes import (
    ChangeEventInput,
    EventOutput,
    NewEventInput,
)
from spiced.models import CriticalEvent
from tenants.actor import Actor
from tenants.rest.bodies import Body, read
from tenants.rest.schema import PAGING, page_of
from tenants.rest.views import Endpoint
from tenants.roles import Can

STATUSES = tuple(CriticalEvent.Status.values)
FILTERS = Filters(
    [
        Filter(
            "status", "status", Field("status", "Status", Kind.CHOICE, choices=STATUSES), "Status."
        ),
        Filter("account_id", "account_id", Field("account_id", "Account"), "Id of the account."),
        Filter("on_from", "on__gte", Field("on", "On", Kind.DATE), "On this day or later."),
        Filter("on_before", "on__lt", Field("on", "On", Kind.DATE), "Before this day."),
    ]
)


def events_of(actor: Actor, can: Can) -> QuerySet[CriticalEvent]:
    """The events of accounts that a capability covers, with their accounts."""
    return CriticalEvent.objects.filter(account__in=in_reach(actor, can)).select_related("account")


class Events(Endpoint):
    """The list of critical events."""

    needs = {"GET": Can.READ_SPICED, "POST": Can.EDIT_SPICED}
    tag = "SPICED"

    @extend_schema(
        operation_id="list_events",
        summary="List critical events",
        description="Dates that matter, newest first, narrowed by filters; closed ones are among "
        "them, and compelling ones, which have no consequence or moved twice.",
        parameters=[*PAGING, *FILTERS.parameters],
        responses=page_of(EventOutput),
    )
    def get(self, request: Request) -> Response:
        rows = events_of(self.actor, Can.READ_SPICED)
        return self.paged(FILTERS.apply(rows, request), EventOutput, sort="-recorded_at")

    @extend_schema(
        operation_id="set_event",
        summary="Set a critical event",
        description="Beside the one the SPICED note speaks of. 422 `no_date` without a date and "
        "without a condition.",
        request=NewEventInput,
        responses={201: EventOutput},
        examples=[
            OpenApiExample(
                "An audit",
                {
                    "account_id": "01930000-0000-7000-8000-000000000001",
                    "statement": "Their group audits the numbers",
                    "on": "2027-03-31",
                    "consequence": "The finding goes to the board",
                    "consequence_kind": "regulatory",
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        said = read(NewEventInput, request)
        account = account_named(self.actor, Can.EDIT_SPICED, said.pop("account_id"))
        now = timezone.now()
        made = save_event(account=account, actor=self.actor, now=now, **_told(account, said))
        return Response(EventOutput(made).data, status=201)


class EventAct(Endpoint):
    """What is done to an event. 409 with the code of what refuses it."""

    needs = {"POST": Can.EDIT_SPICED}
    tag = "SPICED"

    def acted(
        self,
        request: Request,
        id: UUID,
        shape: type[Body],
        act: Callable[..., Any],
        turned: Callable[[Account, dict[str, Any]], dict[str, Any]] | None = None,
    ) -> Response:
        """Read the body, do it, tell how the event stands. turned: into what the act is told."""
        event = get_object_or_404(events_of(self.actor, Can.EDIT_SPICED), pk=id)
        told = read(shape, request)
        told = turned(event.account, told) if turned else told
        act(event=event, actor=self.actor, now=timezone.now(), **told)
        return Response(EventOutput(CriticalEvent.objects.get(pk=event.pk)).data)


class OneEvent(EventAct):
    """One critical event."""

    needs = {"GET": Can.READ_SPICED, "POST": Can.EDIT_SPICED}

    @extend_schema(operation_id="get_event", summary="One critical event", responses=EventOutput)
    def get(self, request: Request, id: UUID) -> Response:
        found = get_object_or_404(events_of(self.actor, Can.READ_SPICED), pk=id)
        return Response(EventOutput(found).data)

    @extend_schema(
        operation_id="change_event",
        summary="Change a critical event",
        description="Fields left out stay as they are; who confirmed it is asked again. 409 "
        "`in_note` where the SPICED note speaks of it, `move_instead` where its date would "
        "change, `closed_event`.",
        request=ChangeEventInput,
        responses=EventOutput,
        examples=[
            OpenApiExample(
                "The consequence", {"consequence": "The old system goes off"}, request_only=True
            )
        ],
    )
    def post(self, request: Request, id: UUID) -> Response:
        return self.acted(
            request, id, ChangeEventInput, change_event,
            lambda account, said: {"given": _told(account, said)},
        )  # fmt: skip


def _told(account: Account, said: dict[str, Any]) -> dict[str, Any]:
    """What was sent as the action takes it. Raises ValidationError for a stranger."""
    if "sufferer_id" in said:
        pk = said.pop("sufferer_id")
        said["sufferer"] = contact_of(account, "sufferer_id", pk) if pk else None
    return said


def contact_of(account: Account, field: str, contact_id: UUID) -> Contact:
    """A contact of an account. Raises ValidationError naming the field."""
    found = Contact.objects.filter(account=account, pk=contact_id).first()
    if found is None:
        raise ValidationError({field: ["There is no such contact at this account."]})
    return found
