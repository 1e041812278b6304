"""People at an account: who they are, where they stand, and that they left."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.actions.former import keep
from accounts.actions.upsert import follows
from accounts.models import Account, Contact
from accounts.rules.names import normalised
from accounts.rules.outcome import Outcome, State
from accounts.rules.people import ROLES, SPONSORS, becomes_sponsor
from tenants import trail
from tenants.actor import Actor
from tenants.errors import Refused
from tenants.ids import uuid7
from tenants.timeline import describe

describe("accounts.contact_added", "{who} added {name}", icon="user-plus")
describe(
    "accounts.contact_changed",
    "{who} changed {name}",
    icon="user-round",
    detail=lambda facts: ", ".join(key.replace("_", " ") for key in facts["changes"]),
)
describe("accounts.contact_departed", "{name} left", icon="user-x", detail="{on}")


class StaleContact(Refused):
    """Somebody changed the person in the meantime."""


class UnknownRole(Refused):
    """Not a role of a contact."""

    status = 422


class AlreadyGone(Refused):
    """The person left before."""


@transaction.atomic
def save_contact(
    *,
    account: Account,
    actor: Actor,
    now: datetime,
    name: str,
    email: str = "",
    title: str = "",
    roles: Collection[str] = (),
    influence: int | None = None,
    stance: str = "",
    contact: Contact | None = None,
    seen_version: int | None = None,
) -> Contact:
    """Add a person to an account, or change one. influence: 1 to 5.

    Raises UnknownRole, StaleContact where somebody changed the person since seen_version.
    """
    if unknown := set(roles) - set(ROLES):
        raise UnknownRole(f"No contact is a {min(unknown)}.")
    wanted: dict[str, Any] = {
        "name": name.strip(),
        "email": email.strip(),
        "title": title.strip(),
        "roles": sorted(roles),
        "influence": influence,
        "stance": stance,
    }
    if contact is None:
        key = str(uuid7())
        contact = Contact.objects.create(
            account=account,
            external_id=key,
            name_norm=normalised(wanted["name"]),
            sponsor_since=timezone.localdate(now) if becomes_sponsor((), roles) else None,
            **wanted,
        )
        _record("accounts.contact_added", contact, actor, now)
        return contact
    contact = Contact.objects.select_for_update().get(pk=contact.pk)
    if seen_version is not None and contact.version != seen_version:
        raise StaleContact(f"Somebody changed {contact.name} while you were writing.")
    changes = {
        key: [getattr(contact, key), value]
        for key, value in wanted.items()
        if getattr(contact, key) != value
    }
    if not changes:
        return contact
    if becomes_sponsor(contact.roles, roles):
        contact.sponsor_since = timezone.localdate(now)
    for key, value in wanted.items():
        setattr(contact, key, value)
    contact.name_norm, contact.version = normalised(contact.name), contact.version + 1
    keep(Contact, [contact.pk], now=now)
    contact.save()
    _record("accounts.contact_changed", contact, actor, now, changes=changes)
    return contact


@follows("contacts")
def keep_sponsors(outcome: Outcome, *, now: datetime) -> None:
    """Date whom rows from outside made a champion or sponsor of an account that had one before.

    What a contact brings along in the first rows of its account is no change.
    """
    made = {row.id for row in outcome.rows if row.state is State.NEW and row.id}
    gained = {pk for pk, was in outcome.before.items() if "roles" in was}
    today, had = timezone.localdate(now), set[UUID]()
    found = list(Contact.objects.filter(pk__in=made | gained, roles__overlap=sorted(SPONSORS)))
    if made:
        others = Contact.objects.filter(account_id__in={each.account_id for each in found})
        others = others.filter(roles__overlap=sorted(SPONSORS), created_at__lt=now)
        had = set(others.exclude(pk__in=made).values_list("account_id", flat=True))
    came = [
        each.pk
        for each in found
        if (each.pk in made and each.account_id in had)
        or (
            each.pk in gained
            and becomes_sponsor(outcome.before[each.pk]["roles"] or (), each.roles)
        )
    ]
    keep(Contact, came, now=now)
    Contact.objects.filter(pk__in=came).update(sponsor_since=today)


@transaction.atomic
def mark_departed(*, contact: Contact, actor: Actor, now: datetime, on: date) -> Contact:
    """The person left the account. What rests on them is out of date from that day.

    Raises AlreadyGone.
    """
    if contact.status == Contact.Status.DEPARTED:
        raise AlreadyGone(f"{contact.name} left before.")
    keep(Contact, [contact.pk], now=now)
    Contact.objects.filter(pk=contact.pk).update(
        status=Contact.Status.DEPARTED,
        departed_on=on,
        version=F("version") + 1,
        changed_at=now,
    )
    contact.refresh_from_db()
    _record("accounts.contact_departed", contact, actor, now, on=on.isoformat())
    return contact


def _record(verb: str, contact: Contact, actor: Actor, now: datetime, **facts: Any) -> None:
    trail.record(
        verb,
        at=now,
        actor=actor.user,
        account_id=contact.account_id,
        object_id=contact.pk,
        name=contact.name,
        **facts,
    )
