"""Locks by name, for what has no row to lock yet. Held until the transaction ends."""

import hashlib

from django.db import connection

from tenants.scope import current_tenant_id


def hold(*name: object) -> None:
    """Wait until nobody else in the tenant holds the name, then hold it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock_number(*name)])


def try_hold(*name: object) -> bool:
    """Hold a name of the tenant. False, at once, where somebody else does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [lock_number(*name)])
        return bool(cursor.fetchone()[0])


def lock_number(*name: object) -> int:
    """The advisory lock that stands for a name of the tenant."""
    whole = ":".join(map(str, (current_tenant_id(), *name)))
    return int.from_bytes(hashlib.sha256(whole.encode()).digest()[:8], "big", signed=True)
