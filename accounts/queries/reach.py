"""Which accounts a person or key reaches with a capability: permission inside the query."""

from uuid import UUID

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404

from accounts.models import Account
from tenants.actor import Actor
from tenants.models import Membership
from tenants.roles import Can, Reach


def in_reach(actor: Actor, can: Can) -> QuerySet[Account]:
    """The accounts a capability covers: own, the team's and nobody's, or all of the tenant."""
    how_far = actor.reach(can)
    everything = Account.objects.filter(archived_at=None)
    if how_far is Reach.TENANT:
        return everything
    if how_far is Reach.OWN:
        return everything.filter(Q(owner_id=actor.user_id) | Q(seller_id=actor.user_id))
    if how_far is Reach.TEAM:
        mates = Membership.objects.filter(tenant=actor.tenant, team=actor.team).exclude(team="")
        return everything.filter(
            Q(owner=None) | Q(owner_id=actor.user_id) | Q(owner__in=mates.values("user"))
        )
    return everything.none()


def account_in_reach(actor: Actor, can: Can, account_id: UUID) -> Account:
    """One account. Raises Http404 where it does not exist or is out of reach."""
    return get_object_or_404(in_reach(actor, can), pk=account_id)
