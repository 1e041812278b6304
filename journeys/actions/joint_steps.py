"""The steps of a joint plan: added, changed, taken out, begun and done."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import Contact
from charter.queries import calendar
from journeys.actions.joint_holding import changed, held_joint, steps_of
from journeys.actions.joint_room import keep_room
from journeys.models import JointPlan, JointStep
from journeys.rules.backward import LONGEST, MOST_STEPS
from journeys.rules.schedule import CycleFound, Node, ordered
from tenants import trail
from tenants.errors import Refused
from tenants.formats import joined, plural
from tenants.models import Membership, User
from tenants.timeline import describe

STATES = ("open", "begun", "done")

describe(
    "journeys.joint_step_moved",
    lambda facts: (
        f"Joint plan: {facts['label']} is "
        f"{'open again' if facts['state'][1] == 'open' else facts['state'][1]}"
    ),
    icon="check",
    detail="by {who}",
)


class BadJointStep(Refused):
    """A step lacks a label, takes too long, or comes after one the plan does not have."""

    status = 422


class CircleOfSteps(Refused):
    """Steps would wait for each other."""

    status = 422


class StrangerOnJointPlan(Refused):
    """An owner is no member of ours, or no contact of the account."""

    status = 422


class JointStepDone(Refused):
    """What is done is changed no more."""


class StepsAhead(Refused):
    """Steps before it are still open."""


@dataclass(frozen=True)
class StepSaid:
    """What a step should be. days: working days; owner_id: of ours, contact_id: of theirs."""

    label: str
    days: int
    owner_id: UUID | None = None
    contact_id: UUID | None = None
    after: tuple[str, ...] = ()


@transaction.atomic
def add_joint_step(
    *,
    plan: JointPlan,
    actor: User | None,
    now: datetime,
    said: StepSaid,
    seen_terms: int | None = None,
) -> JointStep:
    """Add a step, and date the plan anew.

    Raises JointPlanOver, StaleJointPlan, BadJointStep, CircleOfSteps, StrangerOnJointPlan.
    """
    plan = held_joint(plan.pk, seen_terms)
    steps = steps_of(plan)
    if len(steps) >= MOST_STEPS:
        raise BadJointStep(f"A joint plan has at most {MOST_STEPS} steps.")
    at = max((each.position for each in steps), default=-1) + 1
    made = JointStep(plan=plan, key=f"step_{at}", position=at)
    _put(plan, made, said, steps)
    made.starts_on = made.due_on = plan.anchor_on  # until it is dated with the others
    made.save(force_insert=True)
    changed(plan=plan, steps=[*steps, made], actor=actor, now=now, changes=[f"{made.label} added"])
    return made


@transaction.atomic
def change_joint_step(
    *,
    step: JointStep,
    actor: User | None,
    now: datetime,
    said: StepSaid,
    seen_terms: int | None = None,
) -> JointStep:
    """Change what a step is, who does it, how long it takes and what it comes after.

    Raises JointPlanOver, StaleJointPlan, JointStepDone, and as adding does.
    """
    plan = held_joint(step.plan_id, seen_terms)
    steps = steps_of(plan)
    found = _one_of(steps, step)
    _refuse_done(found)
    was = StepSaid(found.label, found.days, found.owner_id, found.contact_id, tuple(found.after))
    _put(plan, found, said, steps)
    found.save()
    if changes := _changes(was, found, steps):
        changed(plan=plan, steps=steps, actor=actor, now=now, changes=changes)
    return found


@transaction.atomic
def remove_joint_step(
    *, step: JointStep, actor: User | None, now: datetime, seen_terms: int | None = None
) -> None:
    """Take a step out; what came after it comes after what it came after.

    Raises JointPlanOver, StaleJointPlan, JointStepDone.
    """
    plan = held_joint(step.plan_id, seen_terms)
    steps = steps_of(plan)
    found = _one_of(steps, step)
    _refuse_done(found)
    left = [each for each in steps if each.pk != found.pk]
    for each in left:
        if found.key in each.after:
            kept = [key for key in each.after if key != found.key]
            each.after = list(dict.fromkeys([*kept, *found.after]))
    JointStep.objects.bulk_update(left, ["after"])
    found.delete()
    changed(plan=plan, steps=left, actor=actor, now=now, changes=[f"{found.label} taken out"])


@transaction.atomic
def set_joint_step(*, step: JointStep, actor: User | None, now: datetime, state: str) -> JointStep:
    """Say that a step is open, begun or done. What people agreed to stays as it is.

    Raises JointPlanOver, BadJointStep for another state, StepsAhead where one before is not done.
    """
    plan = held_joint(step.plan_id)
    steps = steps_of(plan)
    found, was = _one_of(steps, step), _one_of(steps, step).state
    if state not in STATES:
        raise BadJointStep("A step is open, begun or done.")
    if state == was:
        return found
    ahead = [each.label for each in steps if each.key in found.after and not each.closed_at]
    if state == "done" and ahead:
        raise StepsAhead(f"First comes: {joined(ahead)}.")
    behind = [each.label for each in steps if found.key in each.after and each.closed_at]
    if was == "done" and behind:
        raise StepsAhead(f"Done after it already: {joined(behind)}. Open that first.")
    today = now.astimezone(calendar().zone).date()
    found.begun_on = None if state == "open" else found.begun_on or today
    found.closed_at, found.closed_by = (now, actor) if state == "done" else (None, None)
    found.save(update_fields=["begun_on", "closed_at", "closed_by"])
    trail.record(
        "journeys.joint_step_moved",
        actor=actor,
        at=now,
        account_id=plan.account_id,
        object_id=plan.pk,
        label=found.label,
        state=[was, state],
    )
    keep_room(plan=plan, actor=actor, now=now)
    return found


def _one_of(steps: Iterable[JointStep], step: JointStep) -> JointStep:
    found = next((each for each in steps if each.pk == step.pk), None)
    if found is None:
        raise BadJointStep("Somebody took this step out meanwhile.")
    return found


def _refuse_done(step: JointStep) -> None:
    if step.closed_at is not None:
        raise JointStepDone("This step is done. Open it again to change it.")


def _put(plan: JointPlan, step: JointStep, said: StepSaid, steps: Sequence[JointStep]) -> None:
    """Write what was said into a step. Raises as adding does."""
    if not said.label.strip() or not 0 <= said.days <= LONGEST:
        raise BadJointStep(f"A step has a name, and takes 0 to {LONGEST} working days.")
    _known_people(plan, said)
    labels = {each.key: each.label for each in steps} | {step.key: said.label.strip()}
    if unknown := set(said.after) - {each.key for each in steps}:
        raise BadJointStep(f"The plan has no step {joined(sorted(unknown))}.")
    nodes = {each.key: Node(each.key, after=tuple(each.after)) for each in steps}
    nodes[step.key] = Node(step.key, after=said.after)
    try:
        ordered(nodes.values())
    except CycleFound as found:
        circle = " → ".join(labels[key] for key in [*found.keys, found.keys[0]])
        raise CircleOfSteps(f"These steps would wait for each other: {circle}.") from found
    step.label, step.days, step.after = said.label.strip()[:160], said.days, list(said.after)
    step.owner_id, step.contact_id = said.owner_id, said.contact_id


def refuse_strange_owner(plan: JointPlan, owner_id: UUID) -> None:
    """Raises StrangerOnJointPlan for somebody who is no member."""
    members = Membership.objects.filter(tenant=plan.tenant_id, ended_at=None)
    if not members.filter(user=owner_id).exists():
        raise StrangerOnJointPlan("The owner on our side is a member of this workspace.")


def _known_people(plan: JointPlan, said: StepSaid) -> None:
    if said.owner_id is not None:
        refuse_strange_owner(plan, said.owner_id)
    if said.contact_id is not None:
        known = Contact.objects.filter(account=plan.account_id, pk=said.contact_id)
        if not known.exists():
            raise StrangerOnJointPlan("The owner on their side is a contact of this account.")


def _changes(was: StepSaid, step: JointStep, steps: Sequence[JointStep]) -> list[str]:
    """What is different, in words that name the step."""
    labels = {each.key: each.label for each in steps}
    found = []
    if step.label != was.label:
        found.append(f"{step.label} instead of {was.label}")
    if step.days != was.days:
        found.append(f"{step.label} takes {plural(step.days, 'working day')} instead of {was.days}")
    if step.owner_id != was.owner_id:
        found.append(f"another owner of ours for {step.label}")
    if step.contact_id != was.contact_id:
        found.append(f"another owner of theirs for {step.label}")
    if set(step.after) != set(was.after):
        words = joined([labels[key] for key in step.after]) if step.after else "nothing"
        found.append(f"{step.label} comes after {words}")
    return found
