"""What people do with tasks: done, reopened, later, somebody else's, dropped, new."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import Account
from plays.actions.closing import close
from plays.actions.next_steps import push_next_steps
from plays.models import Run, Task
from plays.rules.bodies import FACING, read
from tenants import trail
from tenants.actor import Actor
from tenants.errors import Refused
from tenants.models import Membership, User
from tenants.timeline import describe

describe("plays.task_snoozed", "{who} put off: {title}", icon="clock", is_aside=True)
describe("plays.task_planned", "{who} planned: {title}", icon="calendar", is_aside=True)

describe("plays.task_done", "{who} finished: {title}", icon="check")
describe("plays.task_reopened", "{who} reopened: {title}", icon="undo-2")
describe("plays.task_added", "{who} added a task: {title}", icon="plus")
describe("plays.task_dropped", "{who} dropped: {title}", icon="x", detail="{reason}")
describe("plays.task_reassigned", "{who} gave {owner[1]} the task {title}", icon="user-round")


class StaleTask(Refused):
    """Somebody changed the task first."""


class TaskIsClosed(Refused):
    """The task is done or dropped already."""


class TaskIsOpen(Refused):
    """Only a closed task can be reopened."""


class PlayIsOver(Refused):
    """The play of the task was closed meanwhile."""


class PastSnooze(Refused):
    """A task can only be put off to a moment to come."""

    status = 422


class NoTitle(Refused):
    """A task says what is to be done."""

    status = 422


class NoMember(Refused):
    """The new owner is not a member of the tenant."""

    status = 422


@transaction.atomic
def finish_task(
    *, task: Task, actor: Actor, now: datetime, seen_version: int | None = None
) -> Task:
    """Mark a task done. The last step of a play without a success condition completes its run.

    A step that reaches the account counts as the first action. Raises TaskIsClosed, StaleTask.
    """
    locked = _open(task, seen_version)
    _put(locked, state=Task.State.DONE, closed_at=now, closed_by_id=actor.user_id)
    _tell("plays.task_done", locked, actor, now)
    if locked.run_id:
        _advance(locked, locked.run_id, now)
    return _done(locked)


@transaction.atomic
def reopen_task(*, task: Task, actor: Actor, now: datetime) -> Task:
    """Take back done or dropped, and the completion it brought. Raises TaskIsOpen, PlayIsOver."""
    _lock_run(task)
    locked = _locked(task)
    if locked.state == Task.State.OPEN:
        raise TaskIsOpen("This task is open already.")
    if locked.run_id:
        run = Run.objects.select_related("play").get(pk=locked.run_id)
        if run.closed_at is not None:
            was_last_step = run.closed_at == locked.closed_at and locked.closed_by_id is not None
            again = Run.objects.filter(
                play_key=run.play_key, account=run.account_id, closed_at=None
            )
            if read(run.play.body).success is not None or not was_last_step or again.exists():
                raise PlayIsOver("The play was closed meanwhile.")
            Run.objects.filter(pk=run.pk).update(
                state=Run.State.IN_PROGRESS, outcome="", closed_at=None
            )
    _put(locked, state=Task.State.OPEN, closed_at=None, closed_by_id=None)
    _tell("plays.task_reopened", locked, actor, now)
    return _done(locked)


@transaction.atomic
def snooze_task(
    *,
    task: Task,
    actor: Actor,
    now: datetime,
    until: datetime | None,
    reason: str = "",
    seen_version: int | None = None,
) -> Task:
    """Put a task off until a moment; None brings it back. Raises PastSnooze, TaskIsClosed."""
    if until is not None and until <= now:
        raise PastSnooze("Choose a moment to come.")
    locked = _open(task, seen_version)
    was = locked.snoozed_until
    _put(locked, snoozed_until=until, snooze_reason=reason.strip()[:200] if until else "")
    _tell(
        "plays.task_snoozed",
        locked,
        actor,
        now,
        until=[was and was.isoformat(), until and until.isoformat()],
        reason=reason.strip(),
    )
    return locked


@transaction.atomic
def add_task(
    *,
    account: Account | None,
    owner: User | None,
    title: str,
    actor: Actor,
    now: datetime,
    due_at: datetime | None = None,
    planned_on: date | None = None,
    minutes: int = 20,
    kind: str = "task",
    priority: int = 3,
    reason: str = "",
    is_proactive: bool = True,
    has_clock: bool = False,
) -> Task:
    """A task on its own. Raises NoTitle, NoMember."""
    if not title.strip():
        raise NoTitle("Say what is to be done.")
    if owner is not None:
        _member(owner, actor)
    task = Task.objects.create(
        account=account,
        owner=owner,
        title=title.strip()[:200],
        reason=reason.strip()[:300],
        kind=kind,
        priority=priority,
        minutes=minutes,
        is_proactive=is_proactive,
        planned_on=planned_on,
        due_at=due_at,
        has_clock=has_clock,
        created_at=now,
    )
    _tell("plays.task_added", task, actor, now)
    return _done(task)


@transaction.atomic
def reassign_task(*, task: Task, owner: User, actor: Actor, now: datetime) -> Task:
    """Give a task to somebody else. Raises TaskIsClosed, NoMember."""
    locked = _open(task, None)
    _member(owner, actor)
    was = str(locked.owner) if locked.owner else ""
    _put(locked, owner_id=owner.pk)
    _tell("plays.task_reassigned", locked, actor, now, owner=[was, str(owner)])
    return locked


@transaction.atomic
def plan_task(*, task: Task, actor: Actor, now: datetime, on: date | None) -> Task:
    """Put a task on the plan of a day, or take it off. Raises TaskIsClosed."""
    locked = _open(task, None)
    was = locked.planned_on
    _put(locked, planned_on=on)
    _tell(
        "plays.task_planned",
        locked,
        actor,
        now,
        on=[was and was.isoformat(), on and on.isoformat()],
    )
    return locked


@transaction.atomic
def drop_task(*, task: Task, actor: Actor, now: datetime, reason: str = "") -> Task:
    """Let a task go undone. Raises TaskIsClosed."""
    locked = _open(task, None)
    _put(locked, state=Task.State.DROPPED, closed_at=now, closed_by_id=actor.user_id)
    _tell("plays.task_dropped", locked, actor, now, reason=reason.strip())
    if locked.run_id:
        _advance(locked, locked.run_id, now)
    return _done(locked)


def _advance(task: Task, run_id: UUID, now: datetime) -> None:
    """Move the run of a closed step on."""
    run = Run.objects.select_for_update().select_related("play").get(pk=run_id)
    if run.closed_at is not None:
        return
    if task.state == Task.State.DONE:
        changes: dict[str, Any] = {"state": Run.State.IN_PROGRESS}
        if run.first_action_at is None and task.kind in FACING:
            changes["first_action_at"] = now
        Run.objects.filter(pk=run.pk).update(**changes)
    if read(run.play.body).success is None:
        steps = Task.objects.filter(run=run)
        if not steps.filter(state=Task.State.OPEN).exists():
            is_done = steps.filter(state=Task.State.DONE).exists()
            state = Run.State.COMPLETED if is_done else Run.State.EXPIRED
            close([run], state=state, outcome="success" if is_done else "no_effect", now=now)


def _lock_run(task: Task) -> None:
    """A run before its tasks, as whoever closes runs takes them: two orders would deadlock."""
    if task.run_id:
        Run.objects.select_for_update().filter(pk=task.run_id).values("pk").first()


def _locked(task: Task) -> Task:
    """The task as it is stored. Raises TaskIsClosed where it was taken back with its play."""
    held = Task.objects.select_for_update(of=("self",)).select_related("owner")
    if (found := held.filter(pk=task.pk).first()) is None:
        raise TaskIsClosed("This task was taken back, with the play it belongs to.")
    return found


def _open(task: Task, seen_version: int | None) -> Task:
    _lock_run(task)
    locked = _locked(task)
    if locked.state != Task.State.OPEN:
        raise TaskIsClosed("This task is closed already.")
    if seen_version is not None and locked.version != seen_version:
        raise StaleTask("Somebody changed this task meanwhile.")
    return locked


def _put(task: Task, **changes: Any) -> None:
    for name, value in changes.items():
        setattr(task, name, value)
    task.version += 1
    task.save(update_fields=[*changes, "version"])


def _member(user: User, actor: Actor) -> None:
    of_tenant = Membership.objects.filter(tenant=actor.tenant, user=user, ended_at=None)
    if not of_tenant.exists():
        raise NoMember(f"{user} is not a member of {actor.tenant}.")


def _tell(verb: str, task: Task, actor: Actor, now: datetime, **facts: Any) -> None:
    trail.record(
        verb,
        at=now,
        actor=actor.user,
        account_id=task.account_id,
        object_id=task.pk,
        title=task.title,
        **facts,
    )


def _done(task: Task) -> Task:
    account_id: UUID | None = task.account_id
    if account_id:
        push_next_steps(account_ids=[account_id])
    return task
