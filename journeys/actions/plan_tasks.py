"""What people do with the tasks of a plan: done, left out, waiting, taken back."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from journeys.actions.after import finish_step
from journeys.actions.endings import NoReason, end_onboarding
from journeys.actions.onboardings import held
from journeys.actions.reckoning import reckon
from journeys.actions.within_cs import drop_untouched, hand_over_onboarding, is_past_hypercare
from journeys.models import Handoff, Onboarding, PlanTask
from journeys.models.onboarding import Side
from journeys.queries.handoffs import step_of
from tenants import trail
from tenants.errors import Refused
from tenants.formats import joined
from tenants.models import User
from tenants.timeline import describe

State = PlanTask.State
SIDE_WORDS = {"us": "us", "them": "the account"}

describe("journeys.plan_task_done", "Onboarding: {label} is done", icon="check", detail="by {who}")
describe("journeys.plan_task_skipped", "{who} left out: {label}", icon="x", detail="{reason}")
describe(
    "journeys.plan_task_waiting",
    lambda facts: f"Onboarding waits on {SIDE_WORDS.get(facts['on'], '')}: {facts['label']}",
    icon="clock",
    detail="{reason}",
)
describe("journeys.plan_task_reopened", "{who} took up again: {label}", icon="undo-2")


class StalePlanTask(Refused):
    """Somebody changed the task first."""


class PlanTaskIsClosed(Refused):
    """The task is done or left out already."""


class PlanTaskIsOpen(Refused):
    """Only a closed or waiting task can be taken up again."""


class ComesAfter(Refused):
    """Tasks it depends on are still open."""


class NoSuchSide(Refused):
    """A task waits on us or on them."""

    status = 422


@transaction.atomic
def finish_plan_task(
    *, task: PlanTask, actor: User | None, now: datetime, seen_version: int | None = None
) -> PlanTask:
    """Mark a task of a plan done. The gate of First Impact ends the onboarding, on evidence only.

    Raises OnboardingOver, PlanTaskIsClosed, StalePlanTask, ComesAfter, NoEvidence.
    """
    onboarding, found = grasp(task, seen_version)
    if ahead := _ahead(found):
        raise ComesAfter(f"First comes: {joined(ahead)}.")
    if found.phase == "first_impact" and found.is_gate:
        end_onboarding(onboarding=onboarding, actor=actor, now=now)
        found.refresh_from_db()
        return found
    _close(found, State.DONE, actor, now)
    _done(onboarding, found, "journeys.plan_task_done", actor, now)
    _tell_handoff(onboarding, found, actor, now)
    _after_go_live(onboarding, found, actor, now)
    return found


@transaction.atomic
def skip_plan_task(
    *,
    task: PlanTask,
    actor: User | None,
    now: datetime,
    reason: str,
    seen_version: int | None = None,
) -> PlanTask:
    """Leave a task out, with a reason. Raises NoReason, and as finishing does."""
    if not reason.strip():
        raise NoReason("Say why this task is left out.")
    onboarding, found = grasp(task, seen_version)
    found.reason = reason.strip()[:300]
    _close(found, State.SKIPPED, actor, now)
    _done(onboarding, found, "journeys.plan_task_skipped", actor, now, reason=found.reason)
    _after_go_live(onboarding, found, actor, now)
    return found


@transaction.atomic
def hold_plan_task(
    *,
    task: PlanTask,
    actor: User | None,
    now: datetime,
    on: str,
    reason: str = "",
    seen_version: int | None = None,
) -> PlanTask:
    """Say that a task waits on one side (us or them), from now on.

    Said again of the same side it keeps its since. Raises NoSuchSide, OnboardingOver,
    PlanTaskIsClosed, StalePlanTask.
    """
    if on not in Side.values:
        raise NoSuchSide("A task waits on us or on them.")
    onboarding, found = grasp(task, seen_version)
    if found.waiting_on != on:
        found.waiting_on, found.waiting_since = on, now
    found.reason = reason.strip()[:300]
    put(found, "waiting_on", "waiting_since", "reason")
    _done(onboarding, found, "journeys.plan_task_waiting", actor, now, on=on, reason=found.reason)
    return found


@transaction.atomic
def reopen_plan_task(*, task: PlanTask, actor: User | None, now: datetime) -> PlanTask:
    """Take back done, left out or waiting. Raises OnboardingOver, PlanTaskIsOpen."""
    onboarding = held(task.onboarding_id)
    found = PlanTask.objects.select_for_update(of=("self",)).get(pk=task.pk)
    if found.state == State.OPEN and not found.waiting_on:
        raise PlanTaskIsOpen("This task is open, and waits for nobody.")
    if found.state != State.OPEN:
        found.task = None
    found.state, found.closed_at, found.closed_by = State.OPEN, None, None
    found.waiting_on, found.waiting_since, found.reason = "", None, ""
    put(found, "state", "closed_at", "closed_by", "waiting_on", "waiting_since", "reason", "task")
    _done(onboarding, found, "journeys.plan_task_reopened", actor, now)
    if found.phase == "go_live" and found.is_gate:
        drop_untouched(
            account_id=onboarding.account_id,
            kind=Handoff.Kind.ONBOARDING_TO_CS,
            actor=actor,
            now=now,
            reason="go-live goes on",
        )
    return found


def _after_go_live(onboarding: Onboarding, task: PlanTask, by: User | None, now: datetime) -> None:
    """Once hypercare is over CS takes over, whether First Impact came or not."""
    if task.phase == "go_live" and onboarding.ended_at is None and is_past_hypercare(onboarding):
        hand_over_onboarding(onboarding=onboarding, actor=by, now=now)


def grasp(task: PlanTask, seen_version: int | None) -> tuple[Onboarding, PlanTask]:
    """The onboarding and the open task, locked in that order.

    Raises OnboardingOver, PlanTaskIsClosed, StalePlanTask.
    """
    onboarding = held(task.onboarding_id) if not _is_after(task) else _of(task.onboarding_id)
    found = PlanTask.objects.select_for_update(of=("self",)).get(pk=task.pk)
    if found.state != State.OPEN:
        raise PlanTaskIsClosed("This task is closed already.")
    if seen_version is not None and found.version != seen_version:
        raise StalePlanTask("Somebody changed this task meanwhile. Look at theirs first.")
    return onboarding, found


def put(task: PlanTask, *names: str) -> None:
    """Save columns of a task under its next version."""
    task.version += 1
    task.save(update_fields=[*names, "version"])


def _is_after(task: PlanTask) -> bool:
    """Whether a task is done once First Impact is reached: the transition goes on."""
    return (
        task.phase == "transition"
        and Onboarding.objects.filter(
            pk=task.onboarding_id, state=Onboarding.State.REACHED
        ).exists()
    )


def _of(onboarding_id: UUID) -> Onboarding:
    held_row = Onboarding.objects.select_for_update(of=("self",)).select_related("account__owner")
    return held_row.get(pk=onboarding_id)


def _ahead(task: PlanTask) -> list[str]:
    """The labels of open tasks it comes after."""
    rows = PlanTask.objects.filter(
        onboarding=task.onboarding_id, key__in=task.after, state=State.OPEN
    )
    return list(rows.order_by("position", "pk").values_list("label", flat=True))


def _close(task: PlanTask, state: State, actor: User | None, now: datetime) -> None:
    task.state, task.closed_at, task.closed_by = state, now, actor
    task.waiting_on, task.waiting_since = "", None
    put(task, "state", "closed_at", "closed_by", "waiting_on", "waiting_since", "reason")


def _done(
    onboarding: Onboarding,
    task: PlanTask,
    verb: str,
    actor: User | None,
    now: datetime,
    **facts: Any,
) -> None:
    reckon(onboarding, now, actor)
    trail.record(
        verb,
        actor=actor,
        at=now,
        account_id=onboarding.account_id,
        object_id=task.pk,
        label=task.label,
        side=task.side,
        **facts,
    )


def _tell_handoff(
    onboarding: Onboarding, task: PlanTask, actor: User | None, now: datetime
) -> None:
    """Tick the promised step of the handoff that a task of the plan stands for."""
    if onboarding.handoff_id is None:
        return
    handoff = Handoff.objects.filter(pk=onboarding.handoff_id, state="accepted").first()
    if handoff is None or actor is None:
        return
    if step_of(handoff) == task.key:
        finish_step(handoff=handoff, actor=actor, now=now, step=task.key)
