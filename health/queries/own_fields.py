"""Rows of lists by the tenant's own fields: filtered, and carrying what is shown and sorted by."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.fields.json import KeyTextTransform, KeyTransform

from accounts.models import Account
from health.models import AccountRow
from health.rules.lists import OWN_VALUE, Asked, Want

Accounts = QuerySet[Account]


def _compared(lookup: str) -> Callable[[Accounts, str, Any], Accounts]:
    def narrowed(accounts: Accounts, key: str, value: Any) -> Accounts:
        valued = accounts.alias(value=KeyTransform(key, "custom"))
        return valued.filter(**{f"value__{lookup}": value})

    return narrowed


def _has(accounts: Accounts, key: str, value: Any) -> Accounts:
    return accounts.alias(value=KeyTextTransform(key, "custom")).filter(value__icontains=value)


def _known(accounts: Accounts, key: str, value: Any) -> Accounts:
    having = {"custom__has_key": key}
    return accounts.filter(**having) if value else accounts.exclude(**having)


ASK: dict[str, Callable[[Accounts, str, Any], Accounts]] = {
    "is": lambda accounts, key, value: accounts.filter(custom__contains={key: value}),
    "has": _has,
    "from": _compared("gte"),
    "to": _compared("lte"),
    "known": _known,
}


def asked_of_own(rows: QuerySet[AccountRow], wants: Sequence[Want]) -> QuerySet[AccountRow]:
    """The rows whose accounts hold what is asked of fields of the tenant's own."""
    if not wants:
        return rows
    accounts = Account.objects.all()
    for want in wants:
        accounts = ASK[want.how](accounts, want.key, want.value)
    return rows.filter(account_id__in=accounts.values("pk"))


def with_own(rows: QuerySet[AccountRow], asked: Asked) -> QuerySet[AccountRow]:
    """Rows that carry the account's own fields as `own_fields`, where any of them is shown, and
    the one that sorts them as OWN_VALUE."""
    if asked.own_shown:
        rows = rows.annotate(own_fields=F("account__custom"))
    if key := asked.sort_column.own_key:
        rows = rows.annotate(**{OWN_VALUE: KeyTransform(key, "account__custom")})
    return rows
