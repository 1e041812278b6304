"""The fields a tenant added to its accounts, for clients that fill them."""

from typing import Any

from django.urls import URLPattern, path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import CustomField
from tenants.rest.schema import PAGING, page_of
from tenants.rest.views import Endpoint
from tenants.roles import Can


class CustomFieldOutput(serializers.Serializer[Any]):
    """A field of the tenant's own: what `custom` of an account takes under its key."""

    key = serializers.CharField(help_text="Never changes.")
    label = serializers.CharField(  # type: ignore[assignment]
        help_text="For people; may change."
    )
    kind = serializers.ChoiceField(choices=CustomField.Kind.choices, help_text="Never changes.")
    choices = serializers.ListField(
        child=serializers.CharField(), help_text="The words a choice takes; empty otherwise."
    )
    position = serializers.IntegerField(help_text="Its place among the others.")
    retired_at = serializers.DateTimeField(
        allow_null=True, help_text="Since then it takes no new values and keeps those it has."
    )


class CustomFields(Endpoint):
    """The definitions, page by page."""

    needs = {"GET": Can.READ_ACCOUNTS}
    tag = "Accounts"

    @extend_schema(
        operation_id="list_custom_fields",
        summary="List custom fields",
        description="The fields your tenant added to its accounts, retired ones too. Fill them "
        "with `custom` of an account; a value one does not take is refused with the field "
        "`custom.<key>` and a code.",
        parameters=PAGING,
        responses=page_of(CustomFieldOutput),
    )
    def get(self, request: Request) -> Response:
        return self.paged(CustomField.objects.all(), CustomFieldOutput, sort=("position", "key"))


urls: list[URLPattern] = [
    path("custom-fields/", CustomFields.as_view(), name="api_custom_fields"),
]
