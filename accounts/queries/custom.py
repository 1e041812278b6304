"""The fields a tenant added to its accounts, and who has a value in them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Count, F, QuerySet
from django.db.models.fields.json import KeyTransform

from accounts.models import Account, ChurnRecord, CustomField
from accounts.rules.custom import LONGEST_TEXT, in_words, named
from accounts.rules.fields import Field, Kind
from accounts.targets import Target
from charter.queries import causes

MOST_VALUES = 20


@dataclass(frozen=True)
class Value:
    """A field of the tenant at one account, in words."""

    field: CustomField
    words: str


def all_fields() -> list[CustomField]:
    """Every field of the tenant in its order, the retired ones last. One query."""
    rows = CustomField.objects.order_by(F("retired_at").asc(nulls_first=True), "position", "key")
    return list(rows)


def fields_in_use() -> list[CustomField]:
    """The fields that are asked for and shown, in their order. One query."""
    return list(CustomField.objects.filter(retired_at=None).order_by("position", "key"))


def described(row: CustomField, *, among_many: bool = False) -> Field:
    """What a field takes. among_many: by its full name, custom.tier."""
    takes = f": {', '.join(row.choices[:8])}{', …' * (len(row.choices) > 8)}" * bool(row.choices)
    return Field(
        named(row.key) if among_many else row.key,
        row.label,
        Kind(row.kind),
        choices=tuple(row.choices),
        most=LONGEST_TEXT if row.kind == CustomField.Kind.TEXT else None,
        help=f"A field of your own{takes}.",
    )


def mappable(target: Target) -> dict[str, Field]:
    """The fields a file can fill, by name: those of the target, for accounts the tenant's too.

    Causes of churn are chosen from those of the charter.
    """
    found = {item.key: item for item in target.fields if item.kind is not Kind.CUSTOM}
    if target.model is ChurnRecord:
        found["cause"] = replace(found["cause"], kind=Kind.CHOICE, choices=tuple(causes().by_key))
    if len(found) == len(target.fields):
        return found
    own = [described(row, among_many=True) for row in fields_in_use()]
    return found | {item.key: item for item in own}


def holders(key: str) -> QuerySet[Account]:
    """The accounts with a value in a field, archived ones left out."""
    return Account.objects.filter(archived_at=None, custom__has_key=key)


def counts() -> dict[str, int]:
    """key -> how many accounts have a value in it, archived ones left out. One query."""
    table = Account._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT key, count(*) FROM {table}, jsonb_object_keys(custom) AS key"  # noqa: S608
            " WHERE archived_at IS NULL GROUP BY key"
        )
        return dict(cursor.fetchall())


def spread(row: CustomField) -> list[tuple[Any, int]]:
    """The most frequent values of a field with the number of their accounts. One query."""
    valued = holders(row.key).annotate(value=KeyTransform(row.key, "custom"))
    found = valued.values("value").annotate(n=Count("pk")).order_by("-n", "value")
    return [(each["value"], each["n"]) for each in found[:MOST_VALUES]]


def holding(row: CustomField, choices: Collection[str]) -> dict[str, int]:
    """choice -> how many accounts have chosen it, archived ones too. One query."""
    chosen = Account.objects.filter(custom__has_key=row.key)
    valued = chosen.annotate(value=KeyTransform(row.key, "custom"))
    found = valued.values_list("value").annotate(n=Count("pk")).order_by("value")
    return {value: n for value, n in found if value in choices}


def values_of(
    account: Account, fields: Iterable[CustomField], today: date
) -> tuple[list[Value], list[Value]]:
    """An account's values: every field in use, then those retired fields that hold one."""
    said = [Value(row, in_words(row.kind, account.custom.get(row.key), today)) for row in fields]
    return (
        [value for value in said if value.field.retired_at is None],
        [value for value in said if value.field.retired_at is not None and value.words],
    )
