"""Who looks after accounts: given over many at a time, within reach, and back again."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet

from accounts.actions.former import keep
from accounts.models import Account
from accounts.queries.reach import in_reach
from tenants import trail
from tenants.actor import Actor
from tenants.errors import Refused
from tenants.ids import uuid7
from tenants.models import Membership, TrailEntry, User
from tenants.queries.people import names
from tenants.roles import Can
from tenants.timeline import describe

ASSIGNED = "accounts.owner_changed"
UNDO_WITHIN = timedelta(hours=1)

describe(
    ASSIGNED, "{who} gave the account to {owner[1]}", icon="user-check", detail="before: {owner[0]}"
)


class NotAMember(Refused):
    """Only an active member can own accounts."""


class OutOfReach(Refused):
    """None of the accounts may be changed by this person."""


class NothingToUndo(Refused):
    """The change is not this person's, or everything was changed again since."""


@dataclass(frozen=True)
class Changed:
    """What a change of many accounts did. batch: names it for undo.

    left_out: how many of the accounts asked for were out of reach.
    """

    batch: UUID
    account_ids: list[UUID]
    left_out: int


@transaction.atomic
def assign_accounts(
    *, account_ids: Collection[UUID], owner: User | None, actor: Actor, now: datetime
) -> Changed:
    """Give accounts to a member, or to nobody. Those that have that owner stay as they are.

    Raises NotAMember, OutOfReach where none of them may be assigned.
    """
    if owner is not None and not _is_member(actor, owner):
        raise NotAMember(f"{owner} is not a member of this workspace.")
    reached = in_reach(actor, Can.ASSIGN_ACCOUNTS).filter(pk__in=list(account_ids))
    before = dict(reached.select_for_update(of=("self",)).values_list("pk", "owner_id"))
    if account_ids and not before:
        raise OutOfReach("None of these accounts is yours to assign.")
    owner_id = owner.pk if owner else None
    after = {pk: owner_id for pk, was in before.items() if was != owner_id}
    batch = uuid7()
    _give(before, after, batch, actor, now)
    return Changed(batch, list(after), len(set(account_ids)) - len(before))


@transaction.atomic
def undo_assignment(*, batch: UUID, actor: Actor, now: datetime) -> Changed:
    """Give accounts back to whom they belonged, where nobody gave them on since.

    Raises NothingToUndo.
    """
    entries = own_entries(ASSIGNED, batch, actor, now)
    told = {entry.account_id: entry.facts["owner_id"] for entry in entries if entry.account_id}
    # What was given to another team is out of reach by now, and still this person's to take back.
    given = Account.objects.filter(pk__in=list(told), archived_at=None)
    now_owned = dict(given.select_for_update().values_list("pk", "owner_id"))
    before = {pk: was for pk, was in now_owned.items() if told[pk][1] == (was and str(was))}
    if not before:
        raise NothingToUndo("There is nothing to undo: these accounts have changed since.")
    back = {pk: told[pk][0] for pk in before}
    after = {pk: UUID(owner_id) if owner_id else None for pk, owner_id in back.items()}
    undone = uuid7()
    _give(before, after, undone, actor, now)
    return Changed(undone, list(after), len(told) - len(after))


def own_entries(verb: str, batch: UUID, actor: Actor, now: datetime) -> QuerySet[TrailEntry]:
    """What a person did in a batch not long ago."""
    return TrailEntry.objects.filter(
        recorded_at__gte=now - UNDO_WITHIN, verb=verb, object_id=batch, actor_id=actor.user_id
    )


def _give(
    before: Mapping[UUID, UUID | None],
    after: Mapping[UUID, UUID | None],
    batch: UUID,
    actor: Actor,
    now: datetime,
) -> None:
    """Write new owners, one statement for each, and a line of the trail for each account."""
    for owner_id in set(after.values()):
        chosen = [pk for pk, new in after.items() if new == owner_id]
        keep(Account, chosen, now=now)
        Account.objects.filter(pk__in=chosen).update(
            owner_id=owner_id, version=F("version") + 1, changed_at=now
        )
    people = {pk for pk in (*before.values(), *after.values()) if pk}
    called = names(actor.tenant, people)
    trail.record_many(
        [
            TrailEntry(
                verb=ASSIGNED,
                at=now,
                actor_id=actor.user_id,
                account_id=pk,
                object_id=batch,
                facts={
                    "owner": [_name(called, before[pk]), _name(called, owner_id)],
                    "owner_id": [_text(before[pk]), _text(owner_id)],
                },
            )
            for pk, owner_id in after.items()
        ]
    )


def _is_member(actor: Actor, owner: User) -> bool:
    return Membership.objects.filter(tenant=actor.tenant, user=owner, ended_at=None).exists()


def _name(called: dict[UUID, str], owner_id: UUID | None) -> str:
    return "nobody" if owner_id is None else called.get(owner_id, "somebody who left")


def _text(owner_id: UUID | None) -> str | None:
    return str(owner_id) if owner_id else None
