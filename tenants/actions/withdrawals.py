"""Taking invitations back: one by one, or with the right to have given them."""

from datetime import datetime

from django.db import transaction

from tenants import trail
from tenants.models import Invitation, User
from tenants.roles import may_grant
from tenants.timeline import describe

describe("tenants.invitation_withdrawn", "{who} withdrew the invitation of {email}", icon="user-x")


@transaction.atomic
def withdraw(*, invitation: Invitation, author: User, now: datetime) -> Invitation:
    """Take an open invitation back; its link says so little as a wrong one."""
    invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if not invitation.is_open(now):
        return invitation
    invitation.withdrawn_at = now
    invitation.save(update_fields=["withdrawn_at"])
    trail.record(
        "tenants.invitation_withdrawn",
        at=now,
        actor=author,
        object_id=invitation.pk,
        email=invitation.email,
    )
    return invitation


def withdraw_beyond(*, role: str | None, host: User, author: User, now: datetime) -> None:
    """Take back what somebody invited to and no longer could: all where they have no role."""
    for invitation in Invitation.objects.filter(
        invited_by=host, accepted_at=None, withdrawn_at=None
    ):
        if role is None or not may_grant(role, invitation.role):
            withdraw(invitation=invitation, author=author, now=now)
