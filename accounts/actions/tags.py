"""Tags of accounts: put on many at a time, within reach, and taken off again."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, Func, QuerySet, Value

from accounts.actions.former import keep
from accounts.actions.ownership import Changed, NothingToUndo, OutOfReach, own_entries
from accounts.models import Account
from accounts.queries.reach import in_reach
from tenants import trail
from tenants.actor import Actor
from tenants.ids import uuid7
from tenants.models import TrailEntry
from tenants.roles import Can
from tenants.timeline import describe

TAGGED, UNTAGGED = "accounts.tagged", "accounts.untagged"

describe(TAGGED, "{who} tagged the account “{tag}”", icon="tag")
describe(UNTAGGED, "{who} took the tag “{tag}” off", icon="tag")


@transaction.atomic
def tag_accounts(
    *, account_ids: Collection[UUID], tag: str, actor: Actor, now: datetime
) -> Changed:
    """Put a tag on accounts; those that have it stay as they are. Raises OutOfReach."""
    reached = in_reach(actor, Can.EDIT_ACCOUNTS).filter(pk__in=list(account_ids))
    found = set(reached.values_list("pk", flat=True))
    if account_ids and not found:
        raise OutOfReach("None of these accounts is yours to change.")
    chosen = Account.objects.filter(pk__in=found).exclude(tags__contains=[tag])
    ids = list(chosen.select_for_update().values_list("pk", flat=True))
    batch = uuid7()
    _write(Account.objects.filter(pk__in=ids), "array_append", tag, now)
    _record(TAGGED, ids, tag, batch, actor, now)
    return Changed(batch, ids, len(set(account_ids)) - len(found))


@transaction.atomic
def undo_tagging(*, batch: UUID, actor: Actor, now: datetime) -> Changed:
    """Take the tag off the accounts that a batch put it on. Raises NothingToUndo."""
    entries = list(own_entries(TAGGED, batch, actor, now))
    tag = entries[0].facts["tag"] if entries else ""
    told = [entry.account_id for entry in entries if entry.account_id]
    tagged = in_reach(actor, Can.EDIT_ACCOUNTS).filter(pk__in=told, tags__contains=[tag])
    ids = list(tagged.values_list("pk", flat=True))
    if not ids:
        raise NothingToUndo("There is nothing to undo: the tag is off already.")
    undone = uuid7()
    _write(Account.objects.filter(pk__in=ids), "array_remove", tag, now)
    _record(UNTAGGED, ids, tag, undone, actor, now)
    return Changed(undone, ids, len(told) - len(ids))


def _write(accounts: QuerySet[Account], function: str, tag: str, now: datetime) -> None:
    keep(Account, list(accounts.values_list("pk", flat=True)), now=now)
    changed = Func(F("tags"), Value(tag), function=function)
    accounts.update(tags=changed, version=F("version") + 1, changed_at=now)


def _record(
    verb: str, ids: Collection[UUID], tag: str, batch: UUID, actor: Actor, now: datetime
) -> None:
    trail.record_many(
        [
            TrailEntry(
                verb=verb,
                at=now,
                actor_id=actor.user_id,
                account_id=pk,
                object_id=batch,
                facts={"tag": tag},
            )
            for pk in ids
        ]
    )
