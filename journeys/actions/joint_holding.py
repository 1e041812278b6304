"""A joint plan held while it is changed, and dated anew under its next terms."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from charter.queries import calendar
from journeys.actions.joint_room import keep_room
from journeys.models import JointPlan, JointStep
from journeys.queries.joint import CHANGED
from journeys.rules.backward import backward
from journeys.rules.schedule import Node
from tenants import trail
from tenants.errors import Refused
from tenants.formats import joined
from tenants.models import User
from tenants.timeline import describe

describe(
    CHANGED,
    "{who} changed the joint plan",
    icon="pencil",
    detail=lambda facts: joined(facts["changes"]),
)


class JointPlanOver(Refused):
    """The joint plan has ended."""


class StaleJointPlan(Refused):
    """Somebody changed the plan first."""


def held_joint(plan_id: UUID, seen_terms: int | None = None) -> JointPlan:
    """An open plan, locked, with its account. Raises JointPlanOver, StaleJointPlan."""
    found = (
        JointPlan.objects.select_for_update(of=("self",))
        .select_related("account__owner")
        .get(pk=plan_id)
    )
    if found.ended_at is not None:
        raise JointPlanOver("This joint plan has ended.")
    if seen_terms is not None and seen_terms != found.terms:
        raise StaleJointPlan("Somebody changed this plan meanwhile. Look at theirs first.")
    return found


def steps_of(plan: JointPlan) -> list[JointStep]:
    """The steps of a held plan, in order."""
    return list(JointStep.objects.filter(plan=plan).order_by("position", "pk"))


def dated(plan: JointPlan, steps: Sequence[JointStep]) -> None:
    """Date the open steps backwards. Raises CycleFound, UnknownTask."""
    open_ = {step.key: step for step in steps if step.closed_at is None}
    nodes = [
        Node(key, days=step.days, after=tuple(k for k in step.after if k in open_))
        for key, step in open_.items()
    ]
    for key, span in backward(nodes, plan.anchor_on, plan.buffer, calendar()).items():
        open_[key].starts_on, open_[key].due_on = span.starts_on, span.due_on


@transaction.atomic
def changed(
    *,
    plan: JointPlan,
    steps: Sequence[JointStep],
    actor: User | None,
    now: datetime,
    changes: Sequence[str],
) -> None:
    """Date the steps anew under the next terms: who agreed before is asked again.

    Where no room is left the owner is asked too.
    """
    dated(plan, steps)
    JointStep.objects.bulk_update(steps, ["starts_on", "due_on"])
    plan.terms += 1
    plan.save(update_fields=["terms"])
    trail.record(
        CHANGED,
        actor=actor,
        at=now,
        account_id=plan.account_id,
        object_id=plan.pk,
        changes=list(changes),
        terms=plan.terms,
    )
    keep_room(plan=plan, actor=actor, now=now)
