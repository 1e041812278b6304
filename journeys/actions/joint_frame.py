"""What a joint plan is for, how often both sides meet on it, and what may keep it from its day."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from journeys.actions.joint_holding import changed, held_joint, steps_of
from journeys.actions.joint_steps import refuse_strange_owner
from journeys.models import JointGoal, JointPlan, JointRisk
from spiced.models import ImpactGoal
from tenants import trail
from tenants.errors import Refused
from tenants.formats import joined
from tenants.models import User
from tenants.timeline import describe

MOST_RISKS = 40  # of a plan

describe("journeys.joint_risk_noted", "Risk to the joint plan: {text}", icon="triangle-alert")
describe(
    "journeys.joint_risk_closed", "{who} closed a risk to the joint plan: {text}", icon="check"
)
describe(
    "journeys.joint_risk_reopened", "{who} opened a risk to the joint plan: {text}", icon="undo-2"
)


class StrangeGoal(Refused):
    """A goal is of another account, or retired."""

    status = 422


class BadCadence(Refused):
    """There is no such rhythm."""

    status = 422


class BadRisk(Refused):
    """A risk says what may happen, and who looks after it."""

    status = 422


class RiskMoved(Refused):
    """The risk is closed, or open, already."""


@transaction.atomic
def frame_joint_plan(
    *,
    plan: JointPlan,
    actor: User | None,
    now: datetime,
    goal_ids: Collection[UUID],
    cadence: str,
    seen_terms: int | None = None,
) -> JointPlan:
    """Say which goals a plan is for and how often both sides meet. A change asks both again.

    Raises JointPlanOver, StaleJointPlan, StrangeGoal, BadCadence.
    """
    plan = held_joint(plan.pk, seen_terms)
    if cadence and cadence not in JointPlan.Cadence.values:
        raise BadCadence("Choose how often both sides meet.")
    linked = {each.goal_id: each for each in JointGoal.objects.filter(plan=plan)}
    wanted = set(goal_ids)
    goals = ImpactGoal.objects.filter(account=plan.account_id, pk__in=wanted | linked.keys())
    known = {each.pk: each for each in goals}
    retired = ImpactGoal.Status.RETIRED
    new = wanted - linked.keys()
    if any(pk not in known or known[pk].status == retired for pk in new):
        raise StrangeGoal("Choose goals of this account that are not retired.")
    gone = linked.keys() - wanted
    changes = [f"for {joined([known[pk].statement for pk in known if pk in new])}"] if new else []
    if gone:
        changes.append(
            f"no longer for {joined([known[pk].statement for pk in known if pk in gone])}"
        )
    if cadence != plan.cadence:
        changes.append(f"meeting {_rhythm(cadence)} instead of {_rhythm(plan.cadence)}")
    JointGoal.objects.filter(plan=plan, goal__in=gone).delete()
    JointGoal.objects.bulk_create(JointGoal(plan=plan, goal_id=pk) for pk in new)
    plan.cadence = cadence
    plan.save(update_fields=["cadence"])
    if changes:
        changed(plan=plan, steps=steps_of(plan), actor=actor, now=now, changes=changes)
    return plan


@transaction.atomic
def note_joint_risk(
    *, plan: JointPlan, actor: User | None, now: datetime, text: str, owner_id: UUID | None
) -> JointRisk:
    """Note what may keep a plan from its day. owner_id: of ours, who looks after it.

    Raises JointPlanOver, BadRisk, StrangerOnJointPlan.
    """
    plan = held_joint(plan.pk)
    if not text.strip() or owner_id is None:
        raise BadRisk("Say what may happen, and who looks after it.")
    refuse_strange_owner(plan, owner_id)
    if JointRisk.objects.filter(plan=plan).count() >= MOST_RISKS:
        raise BadRisk(f"A joint plan has at most {MOST_RISKS} risks.")
    made = JointRisk.objects.create(
        plan=plan, text=text.strip()[:300], owner_id=owner_id, noted_at=now
    )
    _record("journeys.joint_risk_noted", plan, made, actor, now)
    return made


@transaction.atomic
def set_joint_risk(
    *, risk: JointRisk, actor: User | None, now: datetime, is_closed: bool
) -> JointRisk:
    """Close a risk that threatens the day no more, or open it again.

    Raises JointPlanOver, RiskMoved where it is so already.
    """
    plan = held_joint(risk.plan_id)
    risk = JointRisk.objects.get(pk=risk.pk)
    if (risk.closed_at is not None) == is_closed:
        raise RiskMoved(f"This risk is {'closed' if is_closed else 'open'} already.")
    risk.closed_at, risk.closed_by = (now, actor) if is_closed else (None, None)
    risk.save(update_fields=["closed_at", "closed_by"])
    verb = "journeys.joint_risk_closed" if is_closed else "journeys.joint_risk_reopened"
    _record(verb, plan, risk, actor, now)
    return risk


def _named(goals: Mapping[UUID, ImpactGoal], chosen: Collection[UUID]) -> str:
    return joined([goal.statement for pk, goal in goals.items() if pk in chosen])


def _rhythm(cadence: str) -> str:
    return JointPlan.Cadence(cadence).label.lower() if cadence else "at no set time"


def _record(
    verb: str, plan: JointPlan, risk: JointRisk, by: User | None, now: datetime, **facts: Any
) -> None:
    trail.record(
        verb, actor=by, at=now, account_id=plan.account_id, object_id=plan.pk, text=risk.text,
        **facts,
    )  # fmt: skip
