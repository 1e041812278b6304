"""Invitations: a link by e-mail, once, for seven days, for one address in one role."""

from datetime import datetime, timedelta

from django.db import transaction

from tenants import trail
from tenants.actions.people import RoleAboveYours, admit
from tenants.actions.withdrawals import withdraw
from tenants.errors import Refused
from tenants.keys import digest, new_token
from tenants.models import Invitation, InvitationLookup, Membership, User
from tenants.roles import may_grant
from tenants.timeline import describe

describe("tenants.person_invited", "{who} invited {email}", icon="user-plus")
describe("tenants.invitation_accepted", "{who} accepted the invitation", icon="check")

HOLDS = timedelta(days=7)


class AlreadyMember(Refused):
    """The person belongs to the tenant."""


class InvitationClosed(Refused):
    """Accepted, withdrawn or too old."""

    status = 404


class AnotherAddress(Refused):
    """The invitation was sent to somebody else."""


@transaction.atomic
def invite(
    *, email: str, role: str, team: str, author: Membership, now: datetime
) -> tuple[Invitation, str]:
    """Invite an address; an older open invitation to it ends. Returns the token for the mail.

    Raises AlreadyMember, RoleAboveYours.
    """
    email = email.lower()
    if not may_grant(author.role, role):
        raise RoleAboveYours("You cannot invite to a role above your own.")
    members = Membership.objects.filter(tenant=author.tenant_id, ended_at=None)
    if members.filter(user__email=email).exists():
        raise AlreadyMember(f"{email} belongs to this workspace already.")
    for older in Invitation.objects.filter(email=email, accepted_at=None, withdrawn_at=None):
        withdraw(invitation=older, author=author.user, now=now)
    invitation = Invitation.objects.create(
        email=email,
        role=str(role),
        team=team,
        invited_by=author.user,
        created_at=now,
        expires_at=now + HOLDS,
    )
    token = new_token()
    InvitationLookup.objects.create(
        token_hash=digest(token), tenant_id=author.tenant_id, invitation_id=invitation.pk
    )
    trail.record(
        "tenants.person_invited",
        at=now,
        actor=author.user,
        object_id=invitation.pk,
        email=email,
        role=str(role),
    )
    return invitation, token


@transaction.atomic
def accept(*, invitation: Invitation, user: User, now: datetime) -> Membership:
    """Join by an invitation. Of two at once one joins. Raises InvitationClosed, AnotherAddress."""
    invitation = (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("tenant")
        .get(pk=invitation.pk)
    )
    if not invitation.is_open(now):
        raise InvitationClosed("This invitation no longer holds.")
    if user.email.lower() != invitation.email:
        raise AnotherAddress(f"This invitation was sent to {invitation.email}.")
    invitation.accepted_at = now
    invitation.save(update_fields=["accepted_at"])
    membership = admit(
        tenant=invitation.tenant, user=user, role=invitation.role, team=invitation.team, now=now
    )
    trail.record(
        "tenants.invitation_accepted",
        at=now,
        actor=user,
        object_id=invitation.pk,
        email=invitation.email,
    )
    return membership
