"""Goals and dates as they stand now, held until the transaction ends.

Whoever changes a note holds its account first and then what the note promises, so these do too:
two orders would deadlock.
"""

from accounts.models import Account
from spiced.models import CriticalEvent, ImpactGoal


def held_goal(goal: ImpactGoal) -> ImpactGoal:
    """A goal as it is stored, nobody else changing it."""
    _hold(goal)
    return (
        ImpactGoal.objects.select_related("account").select_for_update(of=("self",)).get(pk=goal.pk)
    )


def held_event(event: CriticalEvent) -> CriticalEvent:
    """An event as it is stored, nobody else changing it."""
    _hold(event)
    return (
        CriticalEvent.objects.select_related("account")
        .select_for_update(of=("self",))
        .get(pk=event.pk)
    )


def _hold(about: ImpactGoal | CriticalEvent) -> None:
    Account.objects.select_for_update().get(pk=about.account_id)
