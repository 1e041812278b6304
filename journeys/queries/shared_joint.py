"""What an account sees of the joint plan once it is shown to them, and nothing else.

The fields are named one by one, so that a new column of a plan shows to nobody by itself.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from journeys.models import JointAgreement, JointGoal, JointPlan
from journeys.queries.joint import joint_cases
from spiced.models import ImpactGoal


@dataclass(frozen=True)
class SharedStep:
    """A step as both sides see it. ours, theirs: names. is_short: its day cannot be held."""

    label: str
    by: date
    ours: str
    theirs: str
    state: str
    done_at: datetime | None
    is_short: bool


@dataclass(frozen=True)
class Word:
    """Who agreed for a side, and when."""

    name: str
    at: datetime


@dataclass(frozen=True)
class SharedJoint:
    """The joint plan. terms: what its form sends back. is_changed: since somebody agreed.

    asks: whether it waits for their word.
    """

    id: UUID
    terms: int
    name: str
    on: date
    goals: tuple[str, ...]
    cadence: str
    steps: tuple[SharedStep, ...]
    ours: Word | None
    theirs: Word | None
    is_changed: bool
    asks: bool


def shared_joint(account_id: UUID, now: datetime, today: date) -> SharedJoint | None:
    """The open plan that is shown to an account; None where there is none. Six queries."""
    found = JointPlan.objects.filter(account=account_id, ended_at=None, shown_at__isnull=False)
    plan = found.select_related("account", "event").first()
    if plan is None:
        return None
    linked = JointGoal.objects.filter(plan=plan).exclude(goal__status=ImpactGoal.Status.RETIRED)
    statements = linked.order_by("goal__created_at", "pk").values_list("goal__statement", flat=True)
    (case,) = joint_cases([plan], now)
    accord = case.accord
    is_whole = bool(case.steps) and all(each.closed_at or each.is_joint for each in case.steps)
    return SharedJoint(
        id=plan.pk,
        terms=plan.terms,
        name=plan.anchor_name,
        on=plan.anchor_on,
        goals=tuple(statements),
        cadence=str(plan.get_cadence_display()).lower(),
        steps=tuple(
            SharedStep(
                label=each.label,
                by=each.due_on,
                ours=each.owner.name if each.owner else "",
                theirs=each.contact.name if each.contact else "",
                state=each.state,
                done_at=each.closed_at,
                is_short=each.key in case.rooms and case.rooms[each.key].is_infeasible,
            )
            for each in case.steps
        ),
        ours=_word(accord.ours),
        theirs=_word(accord.theirs),
        is_changed=accord.is_changed,
        asks=accord.theirs is None and is_whole and plan.anchor_on >= today,
    )


def _word(said: JointAgreement | None) -> Word | None:
    if said is None:
        return None
    person = said.user or said.contact
    return Word(person.name if person else "", said.at)
