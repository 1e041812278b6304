"""Makers: one plain function per noun, with sensible defaults. Open `act_for` first."""

import itertools
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.models import Account, Contact
from tenants.actions.keys import create_key
from tenants.actor import Actor
from tenants.models import Membership, Tenant, User
from tenants.roles import Role, scopes

NOW = datetime(2026, 11, 19, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 19)
PASSWORD = "correct horse battery staple"
_count = itertools.count(1)


def tenant(slug: str = "", **fields: Any) -> Tenant:
    slug = slug or f"tenant-{next(_count)}"
    return Tenant.objects.create(slug=slug, **{"name": slug.capitalize()} | fields)


def user(name: str = "", **fields: Any) -> User:
    name = name or f"Person {next(_count)}"
    email = f"{name.lower().replace(' ', '.')}.{next(_count)}@example.com"
    return User.objects.create_user(**{"email": email, "name": name, "password": PASSWORD} | fields)


def member(of: Tenant, role: Role | str = Role.CSM, name: str = "", team: str = "EMEA") -> Actor:
    """A person of a tenant, as the actor that views see."""
    membership = Membership.objects.create(
        tenant=of, user=user(name or f"{role} {of.slug}"), role=str(role), team=team
    )
    return Actor(of, Role(role), membership.user, membership)


def api_key(by: Actor, **fields: Any) -> str:
    """The secret of a fresh key of the actor's tenant, with every scope."""
    assert by.user is not None
    defaults = {"name": "Warehouse", "days": 90, "now": timezone.now(), "scopes": scopes()}
    return create_key(author=by.user, **defaults | fields)[1]


def account(name: str = "Globex", **fields: Any) -> Account:
    defaults = {"external_id": f"acc-{next(_count)}", "name_norm": name.lower()}
    return Account.objects.create(name=name, **defaults | fields)


def contact(of: Account, name: str = "Priya Raman", **fields: Any) -> Contact:
    defaults = {"external_id": f"con-{next(_count)}", "name_norm": name.lower()}
    return Contact.objects.create(account=of, name=name, **defaults | fields)


def some_id() -> UUID:
    """An id that nothing has."""
    return UUID("01890000-0000-7000-8000-000000000000")
