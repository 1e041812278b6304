"""What becomes of a critical event: confirmed, moved, closed and opened again."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Account
from spiced.actions.endings import close_event, reopen_event
from spiced.actions.events import confirm_event
from spiced.actions.moves import move_event, take_back_move
from spiced.api.event_shapes import (
    CloseEventInput,
    ConfirmEventInput,
    EventOutput,
    MoveEventInput,
)
from spiced.api.events import EventAct, contact_of
from spiced.api.goals import NoInput


class ConfirmEvent(EventAct):
    """The account says that it is so."""

    @extend_schema(
        operation_id="confirm_event",
        summary="Confirm a critical event",
        description="Who of the account confirmed date and consequence. 422 `not_critical` "
        "without a consequence.",
        request=ConfirmEventInput,
        responses=EventOutput,
        examples=[
            OpenApiExample(
                "Heard",
                {"contact_id": "01930000-0000-7000-8000-000000000001"},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, id: UUID) -> Response:
        return self.acted(request, id, ConfirmEventInput, confirm_event, _confirmed)


class MoveEvent(EventAct):
    """The date moved."""

    @extend_schema(
        operation_id="move_event",
        summary="Move the date of a critical event",
        description="Each move counts: moved twice, it is only compelling. The note that speaks "
        "of it carries the new date. 409 `event_moved` where it moved since `seen_moves`, "
        "`closed_event`; 422 `same_date`.",
        request=MoveEventInput,
        responses=EventOutput,
        examples=[
            OpenApiExample(
                "Ill",
                {"on": "2027-01-15", "reason": "The auditor is ill", "seen_moves": 0},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, id: UUID) -> Response:
        return self.acted(request, id, MoveEventInput, move_event)


class TakeBackMove(EventAct):
    """The last move was an error."""

    @extend_schema(
        operation_id="take_back_event_move",
        summary="Take the last move back",
        description="The date is as before, with who confirmed it. 409 `no_move`.",
        request=NoInput,
        responses=EventOutput,
    )
    def post(self, request: Request, id: UUID) -> Response:
        return self.acted(request, id, NoInput, take_back_move)


class CloseEvent(EventAct):
    """The event is over."""

    @extend_schema(
        operation_id="close_event",
        summary="Close a critical event",
        description="It was met, missed, or no longer matters. 409 `closed_event`.",
        request=CloseEventInput,
        responses=EventOutput,
        examples=[OpenApiExample("Met", {"status": "met", "reason": "Passed"}, request_only=True)],
    )
    def post(self, request: Request, id: UUID) -> Response:
        return self.acted(request, id, CloseEventInput, close_event)


class ReopenEvent(EventAct):
    """The event is not over after all."""

    @extend_schema(
        operation_id="reopen_event",
        summary="Open a critical event again",
        description="409 `still_open` where it is open.",
        request=NoInput,
        responses=EventOutput,
    )
    def post(self, request: Request, id: UUID) -> Response:
        return self.acted(request, id, NoInput, reopen_event)


def _confirmed(account: Account, said: dict[str, Any]) -> dict[str, Any]:
    return {"confirmed_by": contact_of(account, "contact_id", said["contact_id"])}
