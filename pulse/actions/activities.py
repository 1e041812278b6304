"""Logging contacts with an account, with what they were for and what the account got."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Greatest

from accounts.actions.former import keep
from accounts.models import Account, Contact
from pulse.models import Activity
from pulse.rules.activities import KINDS, NOTE
from tenants import trail
from tenants.actor import Actor
from tenants.errors import Refused
from tenants.ids import uuid7
from tenants.timeline import describe

describe(
    "pulse.activity_logged",
    lambda facts: (
        f"{facts['who']} logged: {KINDS.get(facts['kind'], 'Contact')}"
        + (f", {facts['purpose']}" if facts["purpose"] else "")
    ),
    icon="message-circle",
    detail="{outcome}",
)


class UnknownKind(Refused):
    """Not a kind of contact."""

    status = 422


class NotYet(Refused):
    """A contact is logged after it happened."""

    status = 422


class NotOfAccount(Refused):
    """A named person is no contact of the account."""

    status = 422


@transaction.atomic
def log_activity(
    *,
    account: Account,
    actor: Actor,
    now: datetime,
    kind: str,
    purpose: str,
    outcome: str = "",
    notes: str = "",
    at: datetime | None = None,
    is_two_way: bool = True,
    initiator: str = Activity.Initiator.PROACTIVE,
    minutes: int | None = None,
    contacts: Collection[Contact] = (),
) -> Activity:
    """Record a contact. at: when it was, now by default; outcome: what the account got from it.

    Raises UnknownKind, NotYet, NotOfAccount.
    """
    if kind not in KINDS:
        raise UnknownKind(f"A contact is one of {', '.join(KINDS)}.")
    happened_at = at or now
    if happened_at > now:
        raise NotYet("This has not happened yet.")
    if any(contact.account_id != account.pk for contact in contacts):
        raise NotOfAccount(f"Somebody named is no contact of {account.name}.")
    is_two_way = is_two_way and kind != NOTE
    activity = Activity.objects.create(
        account=account,
        source="csom",
        external_id=str(uuid7()),
        kind=kind,
        direction="inbound" if initiator == Activity.Initiator.CUSTOMER else "outbound",
        initiator=initiator,
        is_two_way=is_two_way,
        at=happened_at,
        minutes=minutes,
        purpose=purpose.strip()[:200],
        outcome=outcome.strip()[:500],
        notes=notes,
        contact_ids=[contact.pk for contact in contacts],
        author=actor.user,
        recorded_at=now,
    )
    if is_two_way and contacts:
        met = Contact.objects.filter(pk__in=[contact.pk for contact in contacts])
        met = met.filter(Q(last_two_way_at=None) | Q(last_two_way_at__lt=happened_at))
        keep(Contact, list(met.values_list("pk", flat=True)), now=now)
        met.update(last_two_way_at=Greatest("last_two_way_at", happened_at))
    trail.record(
        "pulse.activity_logged",
        at=now,
        actor=actor.user,
        account_id=account.pk,
        object_id=activity.pk,
        kind=kind,
        purpose=activity.purpose,
        outcome=activity.outcome,
        is_two_way=is_two_way,
    )
    return activity
