"""The SPICED note of an account: read it judged, save it as a new version."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Account, Contact
from accounts.queries.reach import in_reach
from spiced.actions.notes import HEARD, save_note
from spiced.api.confirming import deal_of
from spiced.api.shapes import EXAMPLE, NoteInput, NoteOutput, answer_of
from spiced.queries.notes import picture
from spiced.rules.elements import LETTERS
from spiced.rules.touchpoints import likely
from spiced.rules.values import WrongValue, typed
from tenants.rest.views import Endpoint
from tenants.roles import Can


class Note(Endpoint):
    """The current note of one account."""

    needs = {"GET": Can.READ_SPICED, "POST": Can.EDIT_SPICED}
    tag = "SPICED"

    @extend_schema(
        operation_id="get_spiced",
        summary="Read the note",
        description="The current note of an account, each part judged as of today.",
        responses=NoteOutput,
    )
    def get(self, request: Request, account_id: UUID) -> Response:
        account = get_object_or_404(in_reach(self.actor, Can.READ_SPICED), pk=account_id)
        return Response(answer_of(account, picture(account, timezone.localdate())))

    @extend_schema(
        operation_id="save_spiced",
        summary="Save a new version",
        description=(
            "Every save is a version of its own and the former ones stay. Where somebody changed "
            "the same field since `seen_version`, the answer is 409 `stale_note`: read the note "
            "again and decide. The same again makes no version. Records (pains, people and "
            "steps of a decision) are given as a whole list: one keeps its `id`, or is known by "
            "its words. Different records may be changed at the same time. What does not fit is "
            "named as `parts.P.pains.1.annual_cost`."
        ),
        request=NoteInput,
        responses=NoteOutput,
        examples=[EXAMPLE],
    )
    def post(self, request: Request, account_id: UUID) -> Response:
        account = get_object_or_404(in_reach(self.actor, Can.EDIT_SPICED), pk=account_id)
        body = NoteInput(data=request.data)
        body.is_valid(raise_exception=True)
        now = timezone.now()
        save_note(
            account=account,
            actor=self.actor,
            now=now,
            seen_version=body.validated_data["seen_version"],
            given=_said(account, dict(request.data)["parts"]),
            touchpoint=body.validated_data["touchpoint"] or likely(account.stage),
            opportunity=deal_of(account, body.validated_data["opportunity_id"]),
            is_draft=body.validated_data["is_draft"],
        )
        return Response(answer_of(account, picture(account, timezone.localdate(now))))


def _said(account: Account, parts: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Values by letter, checked. Raises ValidationError naming part and field."""
    said: dict[str, dict[str, Any]] = {}
    errors: dict[str, list[str]] = {}
    for letter, values in parts.items():
        if letter not in LETTERS or not isinstance(values, Mapping):
            errors[f"parts.{letter}"] = [f"Parts are objects by letter: {', '.join(LETTERS)}."]
            continue
        given = dict(values)
        try:
            heard = {key: given.pop(key) for key in HEARD if key in given}
            typed(letter, given)
            said[letter] = given | _heard(account, heard)
        except WrongValue as wrong:
            errors |= {f"parts.{letter}.{key}": [told] for key, told in wrong.errors.items()}
    if errors:
        raise ValidationError(errors)
    return said


def _heard(account: Account, given: dict[str, Any]) -> dict[str, Any]:
    """Who said it and when, as the action takes them. Raises WrongValue."""
    heard: dict[str, Any] = {}
    if "heard_on" in given:
        try:
            heard["heard_on"] = date.fromisoformat(given["heard_on"]) if given["heard_on"] else None
        except (TypeError, ValueError):
            raise WrongValue("heard_on", "A date such as 2026-12-15.") from None
    if "heard_from" in given:
        teller = None
        if given["heard_from"]:
            try:
                wanted = UUID(str(given["heard_from"]))
            except ValueError:
                raise WrongValue("heard_from", "The id of a contact.") from None
            teller = Contact.objects.filter(pk=wanted, account=account).first()
            if teller is None:
                raise WrongValue("heard_from", "There is no such contact at this account.")
        heard["heard_from"] = teller
    if "evidence" in given:
        evidence = given["evidence"] or ""
        if not isinstance(evidence, str) or len(evidence) > 500:
            raise WrongValue("evidence", "A text of at most 500 characters.")
        heard["evidence"] = evidence.strip()
    return heard
