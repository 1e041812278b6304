"""Which ids stand behind the keys that rows from outside use. One or two queries for a batch."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Model

from accounts.models import Account, Contact, Product
from tenants.models import Membership
from tenants.scope import current_tenant_id

Found = dict[str, UUID | None]

NOUNS: dict[str, type[Model]] = {"accounts": Account, "contacts": Contact}


def known_ids(model: type[Model], source: str, external_ids: Collection[str]) -> dict[str, UUID]:
    """external id -> id of the rows of one source. One query."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT external_id, id FROM "{table}" WHERE source = %s AND external_id = ANY(%s)',  # noqa: S608
            [source, list(external_ids)],
        )
        return dict(cursor.fetchall())


def resolve(noun: str, keys: Collection[str], source: str) -> Found:
    """key -> id of what it names; None where several could be meant, absent where nothing is.

    Accounts and contacts: of the same source first, of any other where only one has that key.
    Members: by e-mail, whoever is active in this tenant. Products: by key.
    """
    if not keys:
        return {}
    if noun == "members":
        return _members(keys)
    if noun == "products":
        return dict(Product.objects.filter(key__in=list(keys)).values_list("key", "pk"))
    found: Found = dict(known_ids(NOUNS[noun], source, keys))
    others: Any = NOUNS[noun]._default_manager.filter(external_id__in=set(keys) - found.keys())
    if len(found) < len(keys):
        for key, row_id in others.values_list("external_id", "pk"):
            found[key] = None if key in found else row_id
    return found


def _members(emails: Collection[str]) -> Found:
    lower = {email.lower(): email for email in emails}
    rows = Membership.objects.filter(
        tenant_id=current_tenant_id(), ended_at=None, user__email__in=list(lower)
    ).values_list("user__email", "user_id")
    by_email = dict(rows)
    return {email: by_email[email.lower()] for email in emails if email.lower() in by_email}
