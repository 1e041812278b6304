"""Changing a plan: owners, dates, what a task comes after, and tasks of one's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from accounts.models import Contact
from charter.queries import calendar
from journeys.actions.onboardings import DateInPast, held
from journeys.actions.plan_tasks import grasp, put
from journeys.actions.reckoning import reckon
from journeys.models import Onboarding, PlanTask
from journeys.rules.schedule import CycleFound, Node, ordered
from journeys.rules.templates import MOST_TASKS, PHASES, ROLES_OF
from tenants import trail
from tenants.errors import Refused
from tenants.formats import day, joined
from tenants.models import Membership, User
from tenants.timeline import describe

describe(
    "journeys.plan_task_changed",
    "{who} changed the plan: {label}",
    icon="pencil",
    detail=lambda facts: joined(facts["changes"]),
)
describe("journeys.plan_task_added", "{who} added to the plan: {label}", icon="plus")


class CircleOfTasks(Refused):
    """Tasks would wait for each other."""

    status = 422


class StrangerOnPlan(Refused):
    """An owner is no member of ours, or no contact of the account."""

    status = 422


class BadPlanTask(Refused):
    """The task lacks a label, or names a phase, side, role or task that is unknown."""

    status = 422


@dataclass(frozen=True)
class Said:
    """What a task should be. owner: of ours, contact: of theirs; after: keys of tasks."""

    due_on: date
    owner_id: UUID | None = None
    contact_id: UUID | None = None
    after: tuple[str, ...] = ()
    is_visible: bool = False


@transaction.atomic
def change_plan_task(
    *,
    task: PlanTask,
    actor: User | None,
    now: datetime,
    said: Said,
    seen_version: int | None = None,
) -> list[PlanTask]:
    """Change who does a task, by when, after what and whether the account sees it.

    Open tasks that come after it and could not start by plan move back, none forward. Returns
    those that moved. Raises OnboardingOver, PlanTaskIsClosed, StalePlanTask, DateInPast,
    CircleOfTasks, StrangerOnPlan, BadPlanTask.
    """
    onboarding, found = grasp(task, seen_version)
    tasks = _tasks(onboarding)
    if said.due_on != found.due_on and said.due_on < now.astimezone(calendar().zone).date():
        raise DateInPast("That day is over. Choose today or a day to come.")
    _known_people(onboarding, said)
    _no_circle(tasks, found.key, said.after)
    changes = _changes(found, said, tasks)
    if not changes:
        return []
    was_due = found.due_on
    found.owner_id, found.contact_id = said.owner_id, said.contact_id
    found.due_on, found.after = said.due_on, list(said.after)
    found.starts_on, found.is_visible = min(found.starts_on, said.due_on), said.is_visible
    put(found, "owner", "contact", "due_on", "after", "starts_on", "is_visible")
    moved = _push([found if each.pk == found.pk else each for each in tasks], found)
    if was_due != found.due_on or moved:
        onboarding.reschedules += 1
        onboarding.save(update_fields=["reschedules"])
    reckon(onboarding, now, actor)
    trail.record(
        "journeys.plan_task_changed",
        actor=actor,
        at=now,
        account_id=onboarding.account_id,
        object_id=found.pk,
        label=found.label,
        changes=changes,
        due_on=[was_due.isoformat(), found.due_on.isoformat()],
        moved=[each.key for each in moved],
    )
    return moved


@transaction.atomic
def add_plan_task(
    *,
    onboarding: Onboarding,
    actor: User | None,
    now: datetime,
    label: str,
    phase: str,
    side: str,
    role: str,
    said: Said,
) -> PlanTask:
    """Add a task that the template does not have; it is marked so.

    Raises OnboardingOver, BadPlanTask, DateInPast, StrangerOnPlan.
    """
    onboarding = held(onboarding.pk)
    tasks = _tasks(onboarding)
    if not label.strip() or phase not in PHASES or role not in ROLES_OF.get(side, {}):
        raise BadPlanTask("A task has a label, a phase, a side and a role of that side.")
    if len(tasks) >= MOST_TASKS:
        raise BadPlanTask(f"A plan has at most {MOST_TASKS} tasks.")
    today = now.astimezone(calendar().zone).date()
    if said.due_on < today:
        raise DateInPast("That day is over. Choose today or a day to come.")
    _known_people(onboarding, said)
    number = max((each.position for each in tasks), default=-1) + 1
    key = f"custom_{number}"
    _no_circle(tasks, key, said.after)
    made = PlanTask.objects.create(
        onboarding=onboarding,
        key=key,
        position=number,
        label=label.strip()[:160],
        phase=phase,
        side=side,
        role=role,
        owner_id=said.owner_id,
        contact_id=said.contact_id,
        after=list(said.after),
        is_visible=said.is_visible,
        is_custom=True,
        starts_on=min(today, said.due_on),
        due_on=said.due_on,
        first_due_on=said.due_on,
    )
    reckon(onboarding, now, actor)
    trail.record(
        "journeys.plan_task_added",
        actor=actor,
        at=now,
        account_id=onboarding.account_id,
        object_id=made.pk,
        label=made.label,
        side=side,
    )
    return made


def _tasks(onboarding: Onboarding) -> list[PlanTask]:
    rows = PlanTask.objects.select_for_update(of=("self",)).filter(onboarding=onboarding)
    return list(rows.order_by("position", "pk"))


def _no_circle(tasks: Sequence[PlanTask], key: str, after: tuple[str, ...]) -> None:
    """Raises CircleOfTasks, BadPlanTask for a task the plan does not have."""
    labels = {each.key: each.label for each in tasks}
    if unknown := set(after) - labels.keys():
        raise BadPlanTask(f"The plan has no task {joined(sorted(unknown))}.")
    nodes = {each.key: Node(each.key, after=tuple(each.after)) for each in tasks}
    nodes[key] = Node(key, after=after)
    try:
        ordered(nodes.values())
    except CycleFound as found:
        circle = " → ".join(labels.get(each, "") for each in [*found.keys, found.keys[0]])
        raise CircleOfTasks(f"These tasks would wait for each other: {circle}.") from found


def _known_people(onboarding: Onboarding, said: Said) -> None:
    if said.owner_id is not None:
        members = Membership.objects.filter(tenant=onboarding.tenant_id, ended_at=None)
        if not members.filter(user=said.owner_id).exists():
            raise StrangerOnPlan("The owner on our side is a member of this workspace.")
    if said.contact_id is not None:
        known = Contact.objects.filter(account=onboarding.account_id, pk=said.contact_id)
        if not known.exists():
            raise StrangerOnPlan("The owner on their side is a contact of this account.")


def _push(tasks: Sequence[PlanTask], changed: PlanTask) -> list[PlanTask]:
    """Move back what comes after a task and could not start by plan. Returns what moved."""
    hours, by_key = calendar(), {each.key: each for each in tasks}
    moved: list[PlanTask] = []
    for node in ordered(Node(each.key, after=tuple(each.after)) for each in tasks):
        task = by_key[node.key]
        ahead = [by_key[key] for key in task.after]
        touched = {changed.pk, *(each.pk for each in moved)} & {each.pk for each in ahead}
        if task.pk == changed.pk or task.state != PlanTask.State.OPEN or not touched:
            continue
        ready = max(each.due_on for each in ahead)
        if ready > task.starts_on:
            task.starts_on = ready
            task.due_on = max(task.due_on, hours.add_days(ready, task.days))
            put(task, "starts_on", "due_on")
            moved.append(task)
    return moved


def _changes(task: PlanTask, said: Said, tasks: Sequence[PlanTask]) -> list[str]:
    """What is different, in words."""
    labels = {each.key: each.label for each in tasks}
    found = []
    if said.due_on != task.due_on:
        found.append(f"due {day(said.due_on)} instead of {day(task.due_on)}")
    if said.owner_id != task.owner_id or said.contact_id != task.contact_id:
        found.append("another owner")
    if set(said.after) != set(task.after):
        words = joined([labels[key] for key in said.after]) if said.after else "nothing"
        found.append(f"comes after {words}")
    if said.is_visible != task.is_visible:
        found.append("shown to the account" if said.is_visible else "hidden from the account")
    return found
