"""Tasks that the product itself sets, and settles by what happened."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import Account
from plays.actions.next_steps import push_next_steps
from plays.models import Task
from tenants import trail
from tenants.models import User

URGENT = 1


@transaction.atomic
def open_task(
    *,
    account: Account,
    owner: User | None,
    title: str,
    reason: str,
    due_at: datetime | None,
    now: datetime,
    priority: int = URGENT,
    is_proactive: bool = False,
    has_clock: bool = True,
) -> Task:
    """A task for one person: urgent and with a promised time, unless said otherwise."""
    task = Task.objects.create(
        account=account,
        owner=owner,
        title=title[:200],
        reason=reason[:300],
        priority=priority,
        is_proactive=is_proactive,
        due_at=due_at,
        has_clock=has_clock and due_at is not None,
        created_at=now,
    )
    push_next_steps(account_ids=[account.pk])
    return task


@transaction.atomic
def bring_up_to_date(
    *, task_id: UUID, owner_id: UUID | None, title: str, due_at: datetime | None
) -> bool:
    """Let an open task follow what it stands for. False where it is closed or says so already."""
    task = Task.objects.select_for_update(of=("self",)).get(pk=task_id)
    told = (owner_id, title[:200], due_at)
    if task.state != Task.State.OPEN or (task.owner_id, task.title, task.due_at) == told:
        return False
    task.owner_id, task.title, task.due_at = told
    task.version += 1
    task.save(update_fields=["owner", "title", "due_at", "version"])
    if task.account_id:
        push_next_steps(account_ids=[task.account_id])
    return True


@transaction.atomic
def settle_task(*, task_id: UUID, by: User | None, now: datetime, is_done: bool) -> bool:
    """Close a task by what somebody did elsewhere; dropped where it fell away. False if closed."""
    task = Task.objects.select_for_update(of=("self",)).get(pk=task_id)
    if task.state != Task.State.OPEN:
        return False
    task.state = Task.State.DONE if is_done else Task.State.DROPPED
    task.closed_at, task.closed_by, task.version = now, by, task.version + 1
    task.save(update_fields=["state", "closed_at", "closed_by", "version"])
    trail.record(
        "plays.task_done" if is_done else "plays.task_dropped",
        at=now,
        actor=by,
        account_id=task.account_id,
        object_id=task.pk,
        title=task.title,
        reason="",
    )
    if task.account_id:
        push_next_steps(account_ids=[task.account_id])
    return True
