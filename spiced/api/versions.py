"""The versions of a note, each readable for good."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.queries.reach import in_reach
from spiced.models import Note
from spiced.queries.notes import elements_of, versions
from spiced.rules.elements import LETTERS, PARTS
from tenants.rest.schema import PAGING, page_of
from tenants.rest.views import Endpoint
from tenants.roles import Can


class VersionOutput(serializers.ModelSerializer[Note]):
    """One saved version of a note."""

    author = serializers.EmailField(source="author.email", allow_null=True, read_only=True)

    class Meta:
        model = Note
        fields: tuple[str, ...] = (
            *("version", "record", "touchpoint", "author", "saved_at", "is_current", "is_draft"),
            *("opportunity_id", "questions_ours", "questions_theirs", "talk_share"),
        )
        read_only_fields = fields


class VersionPart(serializers.Serializer[Any]):
    """One part as the version holds it."""

    name = serializers.CharField()
    score = serializers.IntegerField(help_text="0 unknown to 3 leveraged.")
    is_confirmed = serializers.BooleanField()
    heard_from = serializers.UUIDField(allow_null=True)
    heard_on = serializers.DateField(allow_null=True)
    evidence = serializers.CharField()
    changed_in = serializers.IntegerField(help_text="The version that last changed it.")
    values = serializers.DictField()


class WholeVersionOutput(VersionOutput):
    """One saved version with its parts."""

    parts = serializers.SerializerMethodField(help_text="By letter: S, P, I, CE, D.")

    class Meta(VersionOutput.Meta):
        fields = (*VersionOutput.Meta.fields, "parts")
        read_only_fields = fields

    @extend_schema_field(serializers.DictField(child=VersionPart()))
    def get_parts(self, note: Note) -> dict[str, Any]:
        elements = elements_of(note)
        return {
            letter: VersionPart(
                {"name": PARTS[letter].name}
                | {
                    name: getattr(elements[letter], name)
                    for name in ("score", "is_confirmed", "heard_on", "evidence", "changed_in")
                }
                | {"heard_from": elements[letter].heard_from_id, "values": elements[letter].values}
            ).data
            for letter in LETTERS
            if letter in elements
        }


class Versions(Endpoint):
    """All versions of the note of one account."""

    needs = {"GET": Can.READ_SPICED}
    tag = "SPICED"

    @extend_schema(
        operation_id="list_spiced_versions",
        summary="List the versions",
        description="Every version that was saved, of every record, the newest first.",
        parameters=PAGING,
        responses=page_of(VersionOutput),
    )
    def get(self, request: Request, account_id: UUID) -> Response:
        account = get_object_or_404(in_reach(self.actor, Can.READ_SPICED), pk=account_id)
        return self.paged(versions(account), VersionOutput, sort="-version")


class Version(Endpoint):
    """One version."""

    needs = {"GET": Can.READ_SPICED}
    tag = "SPICED"

    @extend_schema(
        operation_id="get_spiced_version",
        summary="Read a version",
        description="What one version held, as it was saved.",
        responses=WholeVersionOutput,
    )
    def get(self, request: Request, account_id: UUID, version: int) -> Response:
        account = get_object_or_404(in_reach(self.actor, Can.READ_SPICED), pk=account_id)
        return Response(
            WholeVersionOutput(get_object_or_404(versions(account), version=version)).data
        )
