"""The filters of a list; those of a target are made from its fields."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from accounts.api.shapes import reference_path
from accounts.rules.fields import MOST_TEXT, Field, Kind, Unfit
from accounts.targets import Target

SHORT = 80
ALWAYS = {"limit", "cursor"}
MOMENT = Field("changed_since", "changed_since", Kind.MOMENT)


@dataclass(frozen=True)
class Filter:
    """One query parameter: how its text becomes a value, and which look-up it asks."""

    name: str
    lookup: str
    field: Field
    help: str
    is_in_list: bool = False

    def read(self, text: str) -> Any:
        """The value. Raises Unfit with the reason."""
        if self.lookup == "account_id":
            try:
                return UUID(text)
            except ValueError:
                raise Unfit("not_an_id", f"“{text}” is not an id.") from None
        if self.field.kind is Kind.YES_NO:
            if text not in ("true", "false"):
                raise Unfit("wrong_type", f"{self.name} is true or false.")
            return text == "true"
        value = self.field.read(text)
        if value is None:
            raise Unfit("missing", f"{self.name} is empty.")
        return [value] if self.is_in_list else value

    @property
    def parameter(self) -> OpenApiParameter:
        schema: dict[str, Any] = {"type": "string"}
        if self.field.kind is Kind.DATE:
            schema["format"] = "date"
        elif self.field.kind is Kind.MOMENT:
            schema["format"] = "date-time"
        elif self.field.kind is Kind.YES_NO:
            schema["type"] = "boolean"
        elif self.lookup == "account_id":
            schema["format"] = "uuid"
        elif self.field.kind is Kind.EMAIL:
            schema["format"] = "email"
        elif self.field.choices:
            schema["enum"] = list(self.field.choices)
        else:
            schema |= {"minLength": 1, "maxLength": int(self.field.most or MOST_TEXT)}
        return OpenApiParameter(self.name, schema, description=self.help)


class Filters:
    """All filters of one list. beside: parameters that the endpoint reads itself."""

    def __init__(self, filters: Iterable[Filter], *, beside: Iterable[str] = ()) -> None:
        self.by_name = {item.name: item for item in filters}
        self.passed_over = ALWAYS | set(beside)

    @property
    def parameters(self) -> list[OpenApiParameter]:
        return [item.parameter for item in self.by_name.values()]

    def apply(self, rows: QuerySet[Any], request: Request) -> QuerySet[Any]:
        """The rows that the query asks for. Raises ValidationError, also for unknown filters."""
        errors: dict[str, list[str]] = {}
        for name, text in request.query_params.dict().items():
            if name in self.passed_over:
                continue
            if name not in self.by_name:
                errors[name] = ["There is no such filter."]
                continue
            chosen = self.by_name[name]
            try:
                rows = rows.filter(**{chosen.lookup: chosen.read(str(text))})
            except Unfit as unfit:
                errors[name] = [unfit.reason]
        if errors:
            raise ValidationError(errors)
        return rows


def filters_of(target: Target) -> Iterator[Filter]:
    """The filters that the fields of a target make possible."""
    columns = {str(column.attname) for column in target.model._meta.concrete_fields}
    plain = Field("text", "This", most=200)
    if "source" in columns:
        yield Filter("source", "source", plain, "The system they come from.")
    if "external_id" in columns:
        yield Filter("external_id", "external_id", plain, "The key in that system.")
    if "account_id" in columns:
        yield Filter("account_id", "account_id", plain, "Id of the account.")
    for item in target.fields:
        if item.key == "external_id" or item.stored_as not in columns:
            continue
        if item.kind is Kind.REFERENCE:
            yield Filter(item.key, reference_path(item), plain, item.help or item.label)
        elif item.kind in (Kind.DATE, Kind.MOMENT):
            words = f"{item.label}: this or later."
            yield Filter(f"{item.key}_from", f"{item.key}__gte", item, words)
            words = f"{item.label}: before this."
            yield Filter(f"{item.key}_before", f"{item.key}__lt", item, words)
        elif item.kind in (Kind.CHOICE, Kind.YES_NO) or (
            item.kind is Kind.TEXT and (item.most or SHORT + 1) <= SHORT
        ):
            yield Filter(item.key, item.key, item, item.label + ".")
        elif item.kind is Kind.TEXTS:
            words = f"Has this among its {item.label.lower()}."
            one = replace(item, kind=Kind.CHOICE if item.choices else Kind.TEXT)
            yield Filter(item.key, f"{item.key}__contains", one, words, is_in_list=True)
    for stamp in ("changed_at", "recorded_at"):
        if stamp in columns:
            words = "Changed at this moment or later; ends with Z or an offset."
            yield Filter("changed_since", f"{stamp}__gte", MOMENT, words)
            break
