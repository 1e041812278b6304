"""Accounts chosen from a list: which of them a person may work on, and why not the others."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from accounts.models import Account
from accounts.queries.reach import in_reach
from tenants.actor import Actor
from tenants.models import Membership
from tenants.roles import Can

NOT_YOURS, GONE, NOBODYS = "not yours to work on", "archived or gone", "nobody owns it"


@dataclass
class Chosen:
    """Accounts within reach by id, and by id of the others why they are left out.

    members: who belongs to the workspace, and so can own an account.
    """

    reached: dict[UUID, Account]
    members: set[UUID]
    reasons: dict[UUID, str] = field(default_factory=dict)

    def leave_out(self, reasons: Mapping[UUID, str]) -> None:
        """Leave accounts out, unless they are for another reason."""
        self.reasons = {**reasons, **self.reasons}

    def leave_out_unowned(self) -> None:
        """Leave out what nobody owns, or somebody who left."""
        self.leave_out(
            {pk: NOBODYS for pk, each in self.reached.items() if each.owner_id not in self.members}
        )

    @property
    def taken(self) -> dict[UUID, Account]:
        """What is left, by id, in its order."""
        return {pk: each for pk, each in self.reached.items() if pk not in self.reasons}


def choose(account_ids: Collection[UUID], actor: Actor) -> Chosen:
    """Sort accounts into those one may work on and the others. Three queries."""
    asked = set(account_ids)
    within = in_reach(actor, Can.WORK_TASKS).filter(pk__in=asked).order_by("pk")
    reached = {account.pk: account for account in within}
    known = Account.objects.filter(pk__in=asked - set(reached), archived_at=None)
    reasons = dict.fromkeys(asked - set(reached), GONE)
    reasons |= dict.fromkeys(known.values_list("pk", flat=True), NOT_YOURS)
    here = Membership.objects.filter(tenant=actor.tenant, ended_at=None)
    return Chosen(reached, set(here.values_list("user_id", flat=True)), reasons)


def by_reason(reasons: Mapping[UUID, str]) -> dict[str, list[str]]:
    """The names of accounts by why they were left out, the commonest reason first. One query."""
    called = dict(Account.objects.filter(pk__in=reasons).values_list("pk", "name"))
    found = defaultdict(list)
    for pk, reason in reasons.items():
        found[reason].append(called.get(pk, "an account that is gone"))
    ordered = sorted(found.items(), key=lambda each: (-len(each[1]), each[0]))
    return {reason: sorted(names) for reason, names in ordered}
