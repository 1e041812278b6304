"""Who belongs to a tenant, who was asked in, and how far each may reach."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from tenants.models import Invitation, Membership, Tenant, User


def members(tenant: Tenant) -> QuerySet[Membership]:
    """The active members by name. One query."""
    return (
        Membership.objects.filter(tenant=tenant, ended_at=None)
        .select_related("user")
        .order_by("user__name", "id")
    )


def former_members(tenant: Tenant) -> QuerySet[Membership]:
    """Those whose membership ended, the latest first. One query."""
    return (
        Membership.objects.filter(tenant=tenant)
        .exclude(ended_at=None)
        .select_related("user")
        .order_by("-ended_at", "id")
    )


def open_invitations(now: datetime) -> QuerySet[Invitation]:
    """Invitations nobody has answered yet. One query."""
    return (
        Invitation.objects.filter(accepted_at=None, withdrawn_at=None, expires_at__gt=now)
        .select_related("invited_by")
        .order_by("-created_at", "id")
    )


def names(tenant: Tenant, ids: set[UUID]) -> dict[UUID, str]:
    """What people of a tenant, past ones included, are called. One query."""
    people = User.objects.filter(memberships__tenant=tenant, pk__in=ids)
    return {person.pk: str(person) for person in people}
