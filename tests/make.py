"""Makers: one plain function per noun, with sensible defaults. Open `act_for` first."""

import itertools
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.models import Account, Contact
from health.models import AccountRow, Snapshot
from health.rules.catalogue import MEASURES, width
from spiced.actions.notes import save_note
from spiced.models import Note
from spiced.queries.notes import current_note
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


def note(of: Account, by: Actor, *, is_draft: bool = False, **said: dict[str, Any]) -> Note:
    """A SPICED note saved over the newest one: make.note(account, csm, S={"text": "…"})."""
    current = current_note(of)
    return save_note(
        account=of,
        actor=by,
        now=NOW,
        seen_version=current.version if current else 0,
        given=said,
        is_draft=is_draft,
    )


def whole_note(of: Account, by: Actor, person: Contact) -> Note:
    """A SPICED note in which nothing is missing."""
    who = str(person.pk)
    return note(
        of,
        by,
        S={"text": "Three entities, one team", "tools": "Excel, mail", "team": "Nine in finance"},
        P={"text": "Late", "who": who, "frequency": "weekly", "annual_cost": 310_000_00},
        I={
            **{"text": "Capture discounts", "measure": "Discounts a quarter", "unit": "k€"},
            **{"baseline": 18, "target": 78, "by": "2027-03-31"},
            **{"words": "I sleep at quarter end", "person": who},
        },
        CE={"text": "Audit", "on": "2026-12-15", "consequence": "The finding goes to the board"},
        D={"text": "Renew", "people": [who], "process": "CFO, then legal", "criteria": "Trail"},
    )


def snapshot(of: Account, day: date = TODAY, **fields: Any) -> Snapshot:
    """A stored day of an account. Measures go by their keys, the rest by column."""
    values: list[float | None] = [None] * width()
    for key in [key for key in fields if key in MEASURES]:
        values[MEASURES[key].slot - 1] = fields.pop(key)
    defaults: dict[str, Any] = {"band": "unknown", "coverage": 0.0, "stage": of.stage}
    defaults["recorded_at"] = NOW
    defaults |= {"segment": of.segment, "touch_model": of.touch_model, "owner_id": of.owner_id}
    return Snapshot.objects.create(account=of, day=day, values=values, **defaults | fields)


def row(of: Account, **fields: Any) -> AccountRow:
    """An account as lists show it."""
    plain = {name: getattr(of, name) for name in ("name", "name_norm", "segment", "stage")}
    plain |= {"arr_minor": of.arr_minor, "renews_on": of.renews_on, "owner_id": of.owner_id}
    return AccountRow.objects.create(account=of, **plain | fields)
