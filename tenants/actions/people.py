"""People of a tenant: who belongs, in which role and team, with how much time."""

from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from tenants import trail
from tenants.actions.withdrawals import withdraw_beyond
from tenants.errors import Refused
from tenants.models import Membership, Tenant, User
from tenants.roles import Role, may_grant
from tenants.timeline import describe

describe("tenants.person_joined", "{name} joined", icon="user-plus")
describe("tenants.member_changed", "{who} changed the role or team of {name}", icon="user-round")
describe("tenants.membership_ended", "{who} ended the membership of {name}", icon="user-x")


class LastAdmin(Refused):
    """A tenant keeps at least one administrator."""


class RoleAboveYours(Refused):
    """Nobody grants more than they have."""


class AddressInUse(Refused):
    """Somebody signs in with this e-mail address already."""


@transaction.atomic
def admit(*, tenant: Tenant, user: User, role: str, team: str, now: datetime) -> Membership:
    """Make somebody a member, again if they were one. An active member stays as they are."""
    membership, is_new = Membership.objects.select_for_update().get_or_create(
        tenant=tenant, user=user, defaults={"role": str(role), "team": team}
    )
    if not is_new and membership.is_active:
        return membership
    membership.role, membership.team, membership.ended_at = str(role), team, None
    membership.save(update_fields=["role", "team", "ended_at"])
    trail.record(
        "tenants.person_joined", at=now, actor=user, object_id=user.pk, name=str(user), role=role
    )
    return membership


@transaction.atomic
def change_member(
    *,
    membership: Membership,
    role: str,
    team: str,
    capacity_minutes: int,
    author: Membership,
    now: datetime,
) -> Membership:
    """Change role, team or free time of a member; invitations they could no longer give end.

    Raises LastAdmin, RoleAboveYours.
    """
    membership = _locked(membership)
    if not may_grant(author.role, role) or not may_grant(author.role, membership.role):
        raise RoleAboveYours("You cannot give or take a role above your own.")
    if membership.role == Role.ADMIN and role != Role.ADMIN:
        _keep_an_admin(membership)
    wanted = {"role": str(role), "team": team, "capacity_minutes": capacity_minutes}
    changes: dict[str, Any] = {
        field: [getattr(membership, field), value]
        for field, value in wanted.items()
        if getattr(membership, field) != value
    }
    if changes:
        for field, value in wanted.items():
            setattr(membership, field, value)
        membership.save(update_fields=list(wanted))
        trail.record(
            "tenants.member_changed",
            at=now,
            actor=author.user,
            object_id=membership.user_id,
            name=str(membership.user),
            **changes,
        )
        withdraw_beyond(role=role, host=membership.user, author=author.user, now=now)
    return membership


@transaction.atomic
def end_membership(*, membership: Membership, author: Membership, now: datetime) -> Membership:
    """Take somebody out; the next request they make finds no tenant, and their invitations end.

    Raises LastAdmin, RoleAboveYours.
    """
    membership = _locked(membership)
    if not membership.is_active:
        return membership
    if not may_grant(author.role, membership.role):
        raise RoleAboveYours("You cannot take out somebody above your own role.")
    if membership.role == Role.ADMIN:
        _keep_an_admin(membership)
    membership.ended_at = now
    membership.save(update_fields=["ended_at"])
    trail.record(
        "tenants.membership_ended",
        at=now,
        actor=author.user,
        object_id=membership.user_id,
        name=str(membership.user),
    )
    withdraw_beyond(role=None, host=membership.user, author=author.user, now=now)
    return membership


@transaction.atomic
def change_profile(*, user: User, name: str, uses_single_keys: bool, now: datetime) -> User:
    """Change how a person is called and whether single keys act. Belongs to no tenant's trail."""
    user.name, user.uses_single_keys = name, uses_single_keys
    user.save(update_fields=["name", "uses_single_keys"])
    return user


@transaction.atomic
def create_person(
    *, email: str, name: str, password: str, is_confirmed: bool, now: datetime
) -> User:
    """Make a login. Raises AddressInUse. The tenant that follows records the person.

    is_confirmed: whether the person has shown that the address is theirs.
    """
    try:
        with transaction.atomic():
            person = User.objects.create_user(email, password, name=name)
    except IntegrityError:
        raise AddressInUse("Somebody signs in with this address already.") from None
    EmailAddress.objects.create(
        user=person, email=person.email, primary=True, verified=is_confirmed
    )
    return person


def _locked(membership: Membership) -> Membership:
    """The member as they are now, with the tenant's people held: two admins never both leave."""
    Tenant.objects.select_for_update().get(pk=membership.tenant_id)
    return Membership.objects.select_related("user").get(pk=membership.pk)


def _keep_an_admin(membership: Membership) -> None:
    others = Membership.objects.filter(
        tenant=membership.tenant_id, role=Role.ADMIN, ended_at=None, user__is_active=True
    ).exclude(pk=membership.pk)
    if not others.exists():
        raise LastAdmin("This is the last administrator. Make somebody else one first.")
