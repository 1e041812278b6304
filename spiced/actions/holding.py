"""Goals and dates as they stand now, held until the transaction ends.

Whoever changes a note holds its account first and then what the note promises, so these do too:
two orders would deadlock.
"""

from accounts.models import Account, Contact
from spiced.models import CriticalEvent, ImpactGoal
from tenants.errors import Refused


class NotOfAccount(Refused):
    """The person is not a contact of this account."""

    status = 422


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


def refuse_stranger(account: Account, person: Contact) -> None:
    """Raises NotOfAccount for a contact of another account."""
    if person.account_id != account.pk:
        raise NotOfAccount(f"{person.name} is not a contact of this account.")


def _hold(about: ImpactGoal | CriticalEvent) -> None:
    Account.objects.select_for_update().only("pk").get(pk=about.account_id)
