"""A handoff begins, of any kind: a draft with what is known, and its clock."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts.models import Account
from journeys.actions.clocks import start_clock
from journeys.models import Handoff
from journeys.queries.handoffs import OPEN, hours
from journeys.rules.kinds import KINDS
from tenants import trail
from tenants.timeline import describe

describe(
    "journeys.handoff_drafted",
    lambda facts: f"Handoff begun: {KINDS[facts.get('kind', 'sales_to_cs')].label}",
    icon="handshake",
)


@transaction.atomic
def begin_handoff(
    *,
    kind: str,
    account: Account,
    sender_id: UUID | None,
    fields: Mapping[str, str],
    at: datetime,
    now: datetime,
    is_urgent: bool = False,
) -> Handoff | None:
    """Begin a handoff within CS, to the owner of an account; its clock starts at a moment.

    None where one of its kind is open. One that was accepted before that moment and never
    completed is closed, and so is one of an earlier sale.
    """
    is_of_before = Q(accepted_at__lt=at)
    if kind == Handoff.Kind.SALES_TO_CS:
        is_of_before |= Q(signed_at__lt=at)
    earlier = Handoff.objects.filter(is_of_before, account=account, kind=kind, state__in=OPEN)
    earlier.update(state=Handoff.State.COMPLETED, due_at=None)
    try:
        with transaction.atomic():
            return begun(
                kind=kind, account=account, sender_id=sender_id, receiver_id=account.owner_id,
                fields=fields, at=at, now=now, is_urgent=is_urgent,
            )  # fmt: skip
    except IntegrityError as error:
        if "handoff_open" not in str(error):
            raise
        return None


@transaction.atomic
def begun(
    *,
    kind: str,
    account: Account,
    sender_id: UUID | None,
    receiver_id: UUID | None,
    fields: Mapping[str, str],
    at: datetime,
    now: datetime,
    is_urgent: bool = False,
) -> Handoff:
    """A draft with its clock, and its line. Raises IntegrityError where only one may be open."""
    handoff = Handoff.objects.create(
        account=account,
        kind=kind,
        sender_id=sender_id,
        receiver_id=receiver_id,
        fields=dict(fields),
        signed_at=at,
        due_at=hours().due_at(KINDS[kind], "submit", at, fields, is_urgent=is_urgent),
        is_urgent=is_urgent,
    )
    start_clock(handoff, now)
    trail.record(
        "journeys.handoff_drafted", at=now, account_id=account.pk, object_id=handoff.pk, kind=kind
    )
    return handoff
