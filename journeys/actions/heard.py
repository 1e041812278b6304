"""Onboardings hear what happens elsewhere: tasks done in queues, steps of handoffs, exits."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from bowtie.rules.stages import Stage
from journeys.actions.endings import (
    ACCOUNT_LEFT,
    end_onboarding,
    leave_onboarding,
    resume_onboarding,
)
from journeys.actions.plan_tasks import finish_plan_task, reopen_plan_task
from journeys.actions.within_cs import drop_untouched
from journeys.models import Handoff, Onboarding, PlanTask
from plays.models import Task
from tenants.errors import Refused
from tenants.models import TrailEntry, User
from tenants.news import on_news


@on_news
def follow(*, since: datetime, now: datetime) -> None:
    """Bring plans in line with what was recorded since a moment; heard twice does it once."""
    found = TrailEntry.objects.filter(recorded_at__gte=since, verb__in=HEARD)
    entries = list(found.order_by("recorded_at", "pk"))
    people = User.objects.in_bulk([each.actor_id for each in entries if each.actor_id])
    for entry in entries:
        actor = people.get(entry.actor_id) if entry.actor_id else None
        try:
            HEARD[entry.verb](entry, actor, now)
        except Refused:
            continue  # the plan says otherwise, and says so where one looks at it


def _task_done(entry: TrailEntry, actor: User | None, now: datetime) -> None:
    task = _plan_task(entry)
    if task and task.state == PlanTask.State.OPEN and _queued_as(task, Task.State.DONE):
        finish_plan_task(task=task, actor=actor, now=now)


def _task_reopened(entry: TrailEntry, actor: User | None, now: datetime) -> None:
    task = _plan_task(entry)
    if task and task.state == PlanTask.State.DONE and _queued_as(task, Task.State.OPEN):
        reopen_plan_task(task=task, actor=actor, now=now)


def _task_given(entry: TrailEntry, actor: User | None, now: datetime) -> None:
    task = _plan_task(entry)
    if task and task.task and task.owner_id != task.task.owner_id:
        PlanTask.objects.filter(pk=task.pk).update(owner=task.task.owner_id)


def _step_done(entry: TrailEntry, actor: User | None, now: datetime) -> None:
    task = PlanTask.objects.filter(
        onboarding__handoff=entry.object_id,
        onboarding__ended_at=None,
        key=entry.facts.get("step", ""),
        state=PlanTask.State.OPEN,
    ).first()
    if task is not None:
        finish_plan_task(task=task, actor=actor, now=now)


def _stage_entered(entry: TrailEntry, actor: User | None, now: datetime) -> None:
    of_account = Onboarding.objects.filter(account=entry.account_id, ended_at=None)
    onboarding = of_account.select_related("account").first()
    if onboarding is None:
        return
    stage = entry.facts["stage"][1]
    if stage == Stage.CHURNED:
        if onboarding.account.stage != stage:
            return  # it is back already
        leave_onboarding(onboarding=onboarding, actor=actor, now=now, reason=ACCOUNT_LEFT)
    elif stage == Stage.FIRST_IMPACT:
        end_onboarding(onboarding=onboarding, actor=actor, now=now)


def _goes_on(entry: TrailEntry, actor: User | None, now: datetime) -> None:
    ended = Onboarding.objects.filter(account=entry.account_id).order_by("-begun_at").first()
    if ended is not None and ended.ended_at is not None and ended.ended_at <= entry.at:
        resume_onboarding(onboarding=ended, actor=actor, now=now)


def _entry_taken_back(entry: TrailEntry, actor: User | None, now: datetime) -> None:
    if entry.facts["stage"][0] == Stage.CHURNED:
        _goes_on(entry, actor, now)
    elif entry.account_id is not None:
        drop_untouched(
            account_id=entry.account_id,
            kind=Handoff.Kind.SALES_TO_CS,
            actor=actor,
            now=now,
            reason="the account did not come back",
        )


def _plan_task(entry: TrailEntry) -> PlanTask | None:
    if entry.object_id is None:
        return None
    return PlanTask.objects.select_related("task").filter(task=entry.object_id).first()


def _queued_as(task: PlanTask, state: Any) -> bool:
    return task.task is not None and task.task.state == state


HEARD: dict[str, Callable[[TrailEntry, User | None, datetime], None]] = {
    "plays.task_done": _task_done,
    "plays.task_reopened": _task_reopened,
    "plays.task_reassigned": _task_given,
    "journeys.handoff_step_done": _step_done,
    "bowtie.stage_entered": _stage_entered,
    "bowtie.first_impact_revoked": _goes_on,
    "bowtie.entry_taken_back": _entry_taken_back,
}
