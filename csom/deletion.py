"""A company leaves: every row, file, key and login of it goes, and nothing of anybody else's."""

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection, transaction

from tenants.models import Membership, Tenant, User

log = logging.getLogger("csom.tenants")

TABLES = """
    SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attname = 'tenant_id'
    AND NOT a.attisdropped AND c.relnamespace = 'public'::regnamespace ORDER BY 1
"""
SEES_ALL = """
    SELECT count(*) = 0 FROM pg_class c
    WHERE c.relrowsecurity AND row_security_active(c.oid)
"""


class NotTheOwner(Exception):
    """The database role is held by the tenants' policies, so it would leave rows behind."""


def delete_tenant(tenant: Tenant) -> dict[str, int]:
    """Delete a tenant for ever. Returns how many rows each table gave, tables without left out.

    The tenant is closed first, in a transaction of its own: nobody gets in while it goes, and
    where this is cut short, it stays closed and may be deleted again. Then one transaction takes
    its rows from every table that has a `tenant_id`, found in the catalogue, and the logins of
    people who belong to no other tenant. What is being written meanwhile is refused, and work that
    waits finds nothing. Raises NotTheOwner.
    """
    with connection.cursor() as cursor:
        cursor.execute(SEES_ALL)
        if not cursor.fetchone()[0]:
            raise NotTheOwner
    Tenant.objects.filter(pk=tenant.pk).update(is_active=False)
    with transaction.atomic():
        # Every row refers to its tenant, which is looked up when it is committed: whoever has
        # written and not yet committed waits for us, and is refused.
        Tenant.objects.select_for_update().get(pk=tenant.pk)
        people = set(Membership.objects.filter(tenant=tenant).values_list("user_id", flat=True))
        gone = dict(_delete_rows(tenant))
        gone |= _delete_logins(people)
        for folder in folders_of(tenant):
            shutil.rmtree(folder)
    log.warning(
        "tenant deleted: %s (%s), %s rows in %s tables",
        *(tenant.pk, tenant.slug, sum(gone.values()), len(gone)),
    )
    return gone


def folders_of(tenant: Tenant) -> list[Path]:
    """Where files of a tenant lie: the folders called by its id."""
    return sorted(Path(settings.MEDIA_ROOT).glob(f"*/{tenant.pk}"))


def _delete_rows(tenant: Tenant) -> Iterator[tuple[str, int]]:
    """References are checked when the transaction ends, so the order is any."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        for (table,) in cursor.fetchall():
            name = connection.ops.quote_name(table)
            cursor.execute(f"DELETE FROM {name} WHERE tenant_id = %s", [tenant.pk])  # noqa: S608
            if cursor.rowcount:
                yield table, cursor.rowcount
        cursor.execute("DELETE FROM tenants_tenant WHERE id = %s", [tenant.pk])
        yield "tenants_tenant", cursor.rowcount


def _delete_logins(people: set[UUID]) -> dict[str, int]:
    """The people who belong, and belonged, nowhere else, with their sessions and second factors."""
    elsewhere = Membership.objects.filter(user__in=people).values("user")
    alone = User.objects.filter(pk__in=people).exclude(pk__in=elsewhere)
    keys = UserSession.objects.filter(user__in=alone).values("session_key")
    Session.objects.filter(pk__in=keys).delete()
    _, gone = alone.delete()
    return {name.lower().replace(".", "_"): n for name, n in gone.items()}
