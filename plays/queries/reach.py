"""Which tasks and runs a person or key reaches: permission inside the query."""

from uuid import UUID

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404

from plays.models import Run, Task
from tenants.actor import Actor
from tenants.models import Membership
from tenants.roles import Can, Reach


def tasks_in_reach(actor: Actor, can: Can) -> QuerySet[Task]:
    """The tasks a capability covers: one's own and those of one's accounts, the team's, or all."""
    living = Q(account=None) | Q(account__archived_at=None)
    return Task.objects.filter(living & _within(actor, can, "owner"))


def task_in_reach(actor: Actor, can: Can, task_id: UUID) -> Task:
    """One task. Raises Http404 where it does not exist or is out of reach."""
    found = tasks_in_reach(actor, can).select_related("account", "run", "owner")
    return get_object_or_404(found, pk=task_id)


def run_in_reach(actor: Actor, can: Can, run_id: UUID) -> Run:
    """One run by the account it is on. Raises Http404."""
    found = Run.objects.filter(_within(actor, can, "account__owner"), account__archived_at=None)
    return get_object_or_404(found.select_related("account", "play"), pk=run_id)


def _within(actor: Actor, can: Can, owner: str) -> Q:
    how_far = actor.reach(can)
    if how_far is Reach.TENANT:
        return Q()
    own = (
        Q(**{f"{owner}_id": actor.user_id})
        | Q(account__owner_id=actor.user_id)
        | Q(account__seller_id=actor.user_id)
    )
    if how_far is Reach.OWN:
        return own
    if how_far is Reach.TEAM:
        mates = Membership.objects.filter(tenant=actor.tenant, team=actor.team).exclude(team="")
        users = mates.values("user")
        nobodys = Q(**{owner: None}) & Q(account__owner=None)
        return own | nobodys | Q(**{f"{owner}__in": users}) | Q(account__owner__in=users)
    return Q(pk__in=[])
