"""Keys for machines: made once, shown once, revoked at any time."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from tenants import trail
from tenants.errors import Refused
from tenants.keys import digest, new_key
from tenants.models import ApiKey, ApiKeyLookup, User
from tenants.roles import scopes as all_scopes
from tenants.scope import current_tenant_id
from tenants.timeline import describe

describe("tenants.key_created", "{who} made the API key “{name}”", icon="key-round")
describe("tenants.key_revoked", "{who} revoked the API key “{name}”", icon="key-round")

LONGEST_DAYS = 365
SHOWN_OF_KEY = 12


class UnknownScope(Refused):
    """A key may only carry what API clients may do."""


class KeyLivesTooLong(Refused):
    """A key ends after a year at the latest."""


@transaction.atomic
def create_key(
    *, name: str, scopes: Sequence[str], days: int, author: User, now: datetime
) -> tuple[ApiKey, str]:
    """Make a key that ends after so many days. Returns it with its secret, which is never stored.

    Raises UnknownScope, KeyLivesTooLong.
    """
    if unknown := sorted(set(scopes) - set(all_scopes())):
        raise UnknownScope(f"A key cannot carry {', '.join(unknown)}.")
    if not 1 <= days <= LONGEST_DAYS:
        raise KeyLivesTooLong(f"A key lives between 1 and {LONGEST_DAYS} days.")
    secret = new_key()
    key = ApiKey.objects.create(
        name=name,
        prefix=secret[:SHOWN_OF_KEY],
        scopes=sorted(scopes),
        created_by=author,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    ApiKeyLookup.objects.create(
        key_hash=digest(secret), tenant_id=current_tenant_id(), key_id=key.pk
    )
    trail.record(
        "tenants.key_created",
        at=now,
        actor=author,
        object_id=key.pk,
        name=name,
        scopes=key.scopes,
        expires_on=key.expires_at.date().isoformat(),
    )
    return key, secret


@transaction.atomic
def revoke_key(*, key: ApiKey, author: User, now: datetime) -> ApiKey:
    """End a key at once. Doing it twice is doing it once."""
    if not ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now):
        return key
    key.revoked_at = now
    ApiKeyLookup.objects.filter(key_id=key.pk, tenant_id=current_tenant_id()).delete()
    trail.record("tenants.key_revoked", at=now, actor=author, object_id=key.pk, name=key.name)
    return key
