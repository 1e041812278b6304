"""What follows from a plan after each change: whose turn it is, and what stands in queues."""

from collections.abc import Iterable
from datetime import UTC, date, datetime

from charter.queries import calendar
from charter.rules.calendar import Calendar
from journeys.models import Onboarding, PlanTask, Turn
from journeys.queries.onboardings import as_items
from journeys.rules.standing import Item, in_hand
from journeys.rules.templates import PHASES
from journeys.rules.turns import turn, waits_on
from plays.actions.own_tasks import bring_up_to_date, open_task, settle_task
from plays.models import Task
from tenants.models import User

FOR_THEM, FOR_US = 2, 3  # priority of tasks the account sees, and of the others


def reckon(onboarding: Onboarding, now: datetime, by: User | None) -> None:
    """Bring the turn and the queue in line with the plan; the caller holds the onboarding."""
    hours = calendar()
    tasks = list(
        PlanTask.objects.filter(onboarding=onboarding)
        .select_related("task")
        .order_by("position", "pk")
    )
    items = as_items(tasks, hours.zone)
    _take_turn(onboarding, items, now)
    wanted = _wanted(onboarding, items)
    for task in tasks:
        _queue(onboarding, task, is_wanted=task.key in wanted, hours=hours, now=now, by=by)


def _take_turn(onboarding: Onboarding, items: Iterable[Item], now: datetime) -> None:
    running = Turn.objects.filter(onboarding=onboarding, ended_at=None).first()
    side = turn(items) if onboarding.ended_at is None else ""
    if running is not None and running.side == side:
        return
    moment = onboarding.begun_at if running is None else max(now, running.began_at)
    if running is not None:
        running.ended_at = onboarding.ended_at or moment
        running.save(update_fields=["ended_at"])
    if side:
        Turn.objects.create(onboarding=onboarding, side=side, began_at=moment)


def _wanted(onboarding: Onboarding, items: Iterable[Item]) -> set[str]:
    """The keys of tasks that stand in somebody's queue: in hand, ours, not waiting for them."""
    ours = {each.key for each in in_hand(items) if each.side == "us" and waits_on(each) == "us"}
    if onboarding.ended_at is None:
        return ours
    after = {each.key for each in items if each.phase == "transition"}
    return ours & after if onboarding.state == Onboarding.State.REACHED else set()


def _queue(
    onboarding: Onboarding,
    task: PlanTask,
    *,
    is_wanted: bool,
    hours: Calendar,
    now: datetime,
    by: User | None,
) -> None:
    queued = task.task
    if not is_wanted:
        if queued is not None and queued.state == Task.State.OPEN:
            is_done = task.state == PlanTask.State.DONE
            settle_task(task_id=queued.pk, by=by, now=now, is_done=is_done)
    elif queued is None:
        made = open_task(
            account=onboarding.account,
            owner=task.owner,
            title=task.label,
            reason=f"Onboarding, {PHASES.get(task.phase, task.phase)}",
            due_at=end_of(task.due_on, hours),
            now=now,
            priority=FOR_THEM if task.is_visible else FOR_US,
            is_proactive=True,
            has_clock=task.is_visible,
        )
        PlanTask.objects.filter(pk=task.pk).update(task=made)
    else:
        bring_up_to_date(
            task_id=queued.pk,
            owner_id=task.owner_id,
            title=task.label,
            due_at=end_of(task.due_on, hours),
        )


def end_of(day: date, hours: Calendar) -> datetime:
    """The moment business hours end on a day."""
    return datetime.combine(day, hours.closes, hours.zone).astimezone(UTC)
