"""The same task put on many accounts at once, and taken back.

A batch is named by whoever asks for it, so that the same request sent twice does its work once.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet

from accounts.actions.ownership import UNDO_WITHIN, NothingToUndo
from accounts.models import Account
from plays.actions.next_steps import push_next_steps
from plays.actions.tasks import NoMember, NoTitle
from plays.models import Task
from plays.queries.chosen import by_reason, choose
from tenants import trail
from tenants.actor import Actor
from tenants.errors import Refused
from tenants.models import TrailEntry, User

MOST = 500
ADDED, DROPPED = "plays.task_added", "plays.task_dropped"


class TooMany(Refused):
    """More accounts than anybody means to work on."""


@dataclass(frozen=True)
class Done:
    """What was put on which accounts, and by reason the names of those it was not put on."""

    account_ids: list[UUID]
    refused: dict[str, list[str]]


@transaction.atomic
def add_tasks(
    *,
    account_ids: Collection[UUID],
    owner: User | None,
    title: str,
    batch: UUID,
    actor: Actor,
    now: datetime,
    due_at: datetime | None = None,
    minutes: int = 20,
    kind: str = "task",
    reason: str = "",
    is_proactive: bool = True,
) -> Done:
    """A task on each account, for one person or, with None, for whoever owns the account.

    A batch that is there already stays as it is. Raises NoTitle, NoMember, TooMany.
    """
    if not title.strip():
        raise NoTitle("Say what is to be done.")
    refuse_too_many(account_ids)
    locked = Account.objects.filter(pk__in=set(account_ids)).order_by("pk").select_for_update()
    list(locked.values_list("pk", flat=True))  # the same batch sent twice waits here
    chosen = choose(account_ids, actor)
    if owner is None:
        chosen.leave_out_unowned()
    elif owner.pk not in chosen.members:
        raise NoMember(f"{owner} is not a member of {actor.tenant}.")
    before = {line.account_id for line in _added(batch, actor, now) if line.account_id}
    made = [
        Task(
            account=account,
            owner_id=owner.pk if owner else account.owner_id,
            title=title.strip()[:200],
            reason=reason.strip()[:300],
            kind=kind,
            minutes=minutes,
            is_proactive=is_proactive,
            due_at=due_at,
            created_at=now,
        )
        for account in chosen.taken.values()
        if not before
    ]
    Task.objects.bulk_create(made, batch_size=500)
    _tell(ADDED, made, actor, now, batch=str(batch))
    _show(made)
    return Done(sorted(before or chosen.taken), by_reason(chosen.reasons))


@transaction.atomic
def undo_tasks(*, batch: UUID, actor: Actor, now: datetime) -> int:
    """Drop the tasks of a batch that nobody has touched since. Raises NothingToUndo."""
    ids = _added(batch, actor, now).values_list("object_id", flat=True)
    untouched = Task.objects.filter(pk__in=list(ids), state=Task.State.OPEN, version=1)
    tasks = list(untouched.select_for_update().order_by("pk"))
    if not tasks:
        raise NothingToUndo("There is nothing to undo: these tasks have changed since.")
    Task.objects.filter(pk__in=[task.pk for task in tasks]).update(
        state=Task.State.DROPPED,
        closed_at=now,
        closed_by_id=actor.user_id,
        version=F("version") + 1,
    )
    _tell(DROPPED, tasks, actor, now)
    _show(tasks)
    return len(tasks)


def refuse_too_many(account_ids: Collection[UUID]) -> None:
    n = len(set(account_ids))
    if n > MOST:
        raise TooMany(f"{n:,} accounts are chosen, and {MOST} at once is the most.")


def _show(tasks: Iterable[Task]) -> None:
    push_next_steps(account_ids=[task.account_id for task in tasks if task.account_id])


def _added(batch: UUID, actor: Actor, now: datetime) -> QuerySet[TrailEntry]:
    """The lines of the tasks a person added in a batch not long ago."""
    return TrailEntry.objects.filter(
        recorded_at__gte=now - UNDO_WITHIN,
        verb=ADDED,
        actor_id=actor.user_id,
        facts__batch=str(batch),
    )


def _tell(verb: str, tasks: Iterable[Task], actor: Actor, now: datetime, **facts: Any) -> None:
    lines = [
        TrailEntry(
            verb=verb,
            at=now,
            actor_id=actor.user_id,
            account_id=task.account_id,
            object_id=task.pk,
            facts={"title": task.title, **facts},
        )
        for task in tasks
    ]
    if lines:
        trail.record_many(lines)
