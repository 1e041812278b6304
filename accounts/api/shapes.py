"""What goes in and comes out of the API for a target: serializers made from its fields."""

from typing import Any

from django.db.models import DateField, DateTimeField, Field, JSONField, Model, UUIDField
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.converted import in_ours_field
from accounts.models import Contract
from accounts.rules import fields as rules
from accounts.rules.fields import Kind
from accounts.targets import Target
from tenants.formats import with_article

REFERENCE_KEYS = {
    "accounts": "external_id",
    "contacts": "external_id",
    "members": "email",
    "products": "key",
}

EXAMPLES: dict[Kind, Any] = {
    Kind.EMAIL: "priya.raman@globex.example",
    Kind.WHOLE: 3,
    Kind.NUMBER: 42.5,
    Kind.MONEY: 4800000,
    Kind.CURRENCY: "EUR",
    Kind.SHARE: 0.1,
    Kind.DATE: "2026-11-19",
    Kind.MOMENT: "2026-11-19T09:04:00Z",
    Kind.YES_NO: False,
    Kind.TEXTS: ["pilot"],
    Kind.REFERENCES: ["con-1"],
    Kind.CUSTOM: {"contract_tier": "Gold"},
}
WORDS = {
    "name": "Globex",
    "domain": "globex.example",
    "segment": "enterprise",
    "region": "EMEA",
    "title": "Chief financial officer",
    "seller_name": "Tom Larsen",
    "plan": "Pro",
    "comment": "The approvals saved our quarter end.",
    "subject": "Export stops at 10,000 rows",
    "wave": "2026 Q4",
    "purpose": "Quarterly review",
    "outcome": "Agreed on the next target",
    "feature": "approvals",
    "series": "licences_in_use",
    "cause": "product_gap",
    "person": "u_9f3a61",
}
MORE = {Kind.TEXT, Kind.CHOICE, Kind.EMAIL, Kind.WHOLE, Kind.NUMBER}
REFERENCE_EXAMPLES = {
    "accounts": "acc-1",
    "contacts": "con-1",
    "members": "maya.okafor@csom.example",
    "products": "platform",
}


def name_of(target: Target) -> str:
    """The target's name as a class: UsageValue."""
    return "".join(word.capitalize() for word in target.one.split())


def keys_of(target: Target) -> list[str]:
    """The fields that name a row of the target."""
    named = [item.key for item in target.fields if item.key == "external_id"]
    return named or ["account", "day"]


def input_of(target: Target) -> type[serializers.Serializer[Any]]:
    """One row as it is sent. For the document: rows are read field by field, so that each is
    refused for reasons of its own."""
    fields: dict[str, Any] = {}
    for item in target.fields:
        must = item.key in keys_of(target)
        told = [item.help, "Needed for a new one." if item.required and not must else ""]
        options = {
            "required": must,
            "allow_null": not item.required,
            "help_text": " ".join(words for words in told if words) or item.label,
        }
        fields[item.key] = _field(item, options)
    return type(
        f"{name_of(target)}Input",
        (serializers.Serializer,),
        fields | {"__doc__": f"{with_article(target.one)} as it is sent.", "__module__": __name__},
    )


def output_of(target: Target) -> type[serializers.Serializer[Any]]:
    """One row as it is answered: what can be sent, and what the product adds to it."""
    fields: dict[str, Any] = {}
    columns = {str(column.attname): column for column in target.model._meta.concrete_fields}
    hidden = {"pk", "tenant_id", *target.derived}
    for name in ("id", "source"):
        if name in columns:
            fields[name] = _column(columns[name])
    for item in target.fields:
        if item.kind is Kind.REFERENCES or item.stored_as not in columns:
            if item.kind is Kind.REFERENCE:
                fields[item.key] = _reference(item)
            continue
        options = {"read_only": True, "help_text": item.help or item.label}
        if columns[item.stored_as].null:
            options["allow_null"] = True
        is_reference = item.kind is Kind.REFERENCE
        fields[item.key] = _reference(item) if is_reference else _field(item, options)
    shown = {item.stored_as for item in target.fields if item.kind is not Kind.REFERENCES}
    for name, column in columns.items():
        if name in hidden or name in fields or (name in shown and name != "account_id"):
            continue
        fields[name] = _column(column)
    if target.model is Contract:
        fields["arr_reporting_minor"] = in_ours_field()
    return type(
        name_of(target),
        (serializers.Serializer,),
        fields
        | {"__doc__": f"{with_article(target.one)} as it is stored.", "__module__": __name__},
    )


def referring(target: Target) -> list[str]:
    """The relations that the answer of a row follows."""
    return [
        item.stored_as.removesuffix("_id") for item in target.fields if item.kind is Kind.REFERENCE
    ]


def reference_path(item: rules.Field) -> str:
    """Where a reference's key stands, seen from the row: account__external_id."""
    return f"{item.stored_as.removesuffix('_id')}__{REFERENCE_KEYS[item.refers_to]}"


def example_of(target: Target) -> dict[str, Any]:
    """A row as somebody might send it: its key, what a new one needs, and a little more."""
    row: dict[str, Any] = {}
    for item in target.fields:
        if item.key == "external_id":
            row[item.key] = f"{target.one.replace(' ', '-')}-1"
        elif item.required or (len(row) < 5 and item.kind in MORE):
            row[item.key] = _example(item)
    return row


def _example(item: rules.Field) -> Any:
    if item.kind is Kind.REFERENCE:
        return REFERENCE_EXAMPLES[item.refers_to]
    if item.choices:
        one = item.choices[0]
        return [one] if item.kind is Kind.TEXTS else one
    if item.kind is Kind.WHOLE:
        return item.least or min(item.most or 5, 5)
    return WORDS.get(item.key) or EXAMPLES.get(item.kind, item.label)


def _reference(item: rules.Field) -> serializers.Field[Any, Any, Any, Any]:
    path = reference_path(item).replace("__", ".")
    return serializers.CharField(
        source=path, read_only=True, allow_null=True, help_text=item.help or item.label
    )


def _field(item: rules.Field, options: dict[str, Any]) -> serializers.Field[Any, Any, Any, Any]:
    """A field of a target as the document describes it."""
    limits = {} if options.get("read_only") else limits_of(item)
    if item.kind in (Kind.WHOLE, Kind.MONEY):
        return serializers.IntegerField(**options, **limits)
    if item.kind in (Kind.NUMBER, Kind.SHARE):
        return serializers.FloatField(**options, **limits)
    if item.kind is Kind.DATE:
        return serializers.DateField(**options)
    if item.kind is Kind.MOMENT:
        return serializers.DateTimeField(**options)
    if item.kind is Kind.YES_NO:
        return serializers.BooleanField(**options)
    if item.kind in (Kind.TEXTS, Kind.REFERENCES):
        one: Any = serializers.CharField()
        if item.choices and not options.get("read_only"):
            one = serializers.ChoiceField(choices=item.choices)
        return serializers.ListField(child=one, **options)
    if item.kind is Kind.CUSTOM:
        return CustomValues(**options)
    if item.choices and not options.get("read_only"):
        return serializers.ChoiceField(choices=item.choices, **options)
    if item.most and not options.get("read_only"):
        options = options | {"max_length": item.most}
    return serializers.CharField(**options)


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {
            "oneOf": [
                {"type": "string", "maxLength": rules.MOST_TEXT},
                {"type": "number", "minimum": -rules.MOST_MONEY, "maximum": rules.MOST_MONEY},
                {"type": "boolean"},
            ],
            "nullable": True,
        },
    }
)
class CustomValues(serializers.DictField):
    """Values of custom fields by their keys."""


def limits_of(item: rules.Field) -> dict[str, Any]:
    """The least and the largest number a field of a target takes; nothing for other kinds."""
    most: dict[Kind, float] = {
        Kind.WHOLE: rules.MOST_WHOLE if item.most is None else item.most,
        Kind.MONEY: rules.MOST_MONEY,
        Kind.NUMBER: rules.MOST_MONEY,
        Kind.SHARE: 1,
    }
    if item.kind not in most:
        return {}
    least = 0 if item.kind is Kind.SHARE else item.least
    largest = most[item.kind]
    return {"min_value": -largest if least is None else least, "max_value": largest}


def _column(column: "Field[Any, Any]") -> serializers.Field[Any, Any, Any, Any]:
    """A column that no field of the target describes."""
    options: dict[str, Any] = {"read_only": True}
    if column.null:
        options["allow_null"] = True
    if words := str(column.help_text):
        options["help_text"] = words
    if column.is_relation or isinstance(column, UUIDField):
        return serializers.UUIDField(**options)
    if isinstance(column, DateTimeField):
        return serializers.DateTimeField(**options)
    if isinstance(column, DateField):
        return serializers.DateField(**options)
    kinds: dict[str, Any] = {
        "BooleanField": serializers.BooleanField,
        "FloatField": serializers.FloatField,
        "JSONField": serializers.DictField,
        "ArrayField": serializers.ListField,
        "CharField": serializers.CharField,
        "SlugField": serializers.CharField,
        "TextField": serializers.CharField,
    }
    if isinstance(column, JSONField) and column.default is list:
        return serializers.ListField(**options)
    if column.get_internal_type() in ("ArrayField",):
        options["child"] = serializers.CharField()
    made: serializers.Field[Any, Any, Any, Any] = kinds.get(
        column.get_internal_type(), serializers.IntegerField
    )(**options)
    return made


def has_id(model: type[Model]) -> bool:
    """Whether a row of the table has an id of its own."""
    return any(column.name == "id" for column in model._meta.concrete_fields)
