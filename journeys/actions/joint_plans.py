"""A joint plan begins at a day that matters, moves with it, is shown to the account, and ends."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.models import Account, Contact
from charter.queries import calendar
from journeys.actions.joint_holding import changed, dated, held_joint, steps_of
from journeys.actions.joint_room import keep_room
from journeys.models import JointPlan, JointStep
from journeys.rules.backward import LONGEST, USUAL, fitted, last_day
from spiced.models import CriticalEvent
from tenants import trail
from tenants.errors import Refused
from tenants.formats import day, plural
from tenants.models import User
from tenants.timeline import describe

describe(
    "journeys.joint_plan_begun",
    "Joint plan began, for {anchor}",
    icon="flag",
    detail=lambda facts: (
        f"Its steps take {facts['shortened'][1]} working days instead of {facts['shortened'][0]}"
        if facts.get("shortened")
        else ""
    ),
)
describe(
    "journeys.joint_plan_shown",
    lambda facts: (
        f"{facts['who']} {'showed' if facts['is_shown'] else 'hid'} the joint plan "
        f"{'to' if facts['is_shown'] else 'from'} the account"
    ),
    icon="eye",
)
describe("journeys.joint_plan_ended", "Joint plan ended: {outcome}", icon="flag", detail="{reason}")


class AnchorPassed(Refused):
    """A plan is worked backwards from a day to come."""

    status = 422


class NoAnchor(Refused):
    """The event, the renewal or the day a plan counts from is missing."""

    status = 422


class BadBuffer(Refused):
    """The days kept free before the anchor are out of range."""

    status = 422


class AlreadyPlanned(Refused):
    """The account has an open joint plan."""


class NoOutcome(Refused):
    """A plan that is given up says why."""

    status = 422


@dataclass(frozen=True)
class Anchor:
    """What a plan counts backwards from. kind: of `JointPlan.Anchor`; event: of an event alone."""

    kind: str
    name: str
    on: date
    event: CriticalEvent | None = None


def anchor_of(
    account: Account, kind: str, *, event_id: UUID | None = None, name: str = "", on: date | None
) -> Anchor:
    """The anchor somebody chose, with the day it has now. Raises NoAnchor."""
    if kind == JointPlan.Anchor.EVENT:
        events = CriticalEvent.objects.filter(account=account, status=CriticalEvent.Status.OPEN)
        event = events.filter(pk=event_id).first() if event_id else None
        if event is None or event.happens_on is None:
            raise NoAnchor("Choose an open event of this account that has a date.")
        return Anchor(kind, event.statement, event.happens_on, event)
    if kind == JointPlan.Anchor.RENEWAL:
        if account.renews_on is None:
            raise NoAnchor("This account has no renewal date.")
        return Anchor(kind, "Renewal", account.renews_on)
    if kind != JointPlan.Anchor.DAY or on is None or not name.strip():
        raise NoAnchor("Name the day, and say what it is.")
    return Anchor(kind, name.strip()[:300], on)


@transaction.atomic
def begin_joint_plan(
    *,
    account: Account,
    actor: User | None,
    now: datetime,
    anchor: Anchor,
    buffer: int,
    is_usual: bool = True,
    is_fitted: bool = False,
) -> JointPlan:
    """Begin a plan, with the usual steps or empty, dated backwards from the anchor.

    is_fitted: whether the usual steps are shortened to the room there is, as far as they can be.
    Our owner is the CSM, theirs the champion, where there are any.
    Raises AnchorPassed, BadBuffer, AlreadyPlanned.
    """
    _check(anchor, buffer, now)
    try:
        with transaction.atomic():
            plan = JointPlan.objects.create(
                account=account,
                anchor=anchor.kind,
                event=anchor.event,
                anchor_name=anchor.name,
                anchor_on=anchor.on,
                buffer=buffer,
                begun_at=now,
                begun_by=actor,
            )
    except IntegrityError as error:
        raise AlreadyPlanned("This account has an open joint plan already. Change that.") from error
    if is_usual:
        usual = [days for _, days, _ in USUAL]
        taken = fitted(_room(anchor, buffer, now)) if is_fitted else usual
        if taken != usual:
            plan.shortened_from = sum(usual)
            plan.save(update_fields=["shortened_from"])
        theirs = Contact.objects.filter(account=account, archived_at=None, departed_on=None)
        champion = theirs.filter(roles__contains=["champion"]).order_by("pk").first()
        steps = [
            JointStep(
                plan=plan,
                key=f"step_{at}",
                position=at,
                label=label,
                days=days,
                after=[f"step_{at - 1}"] if at else [],
                owner=account.owner,
                contact=champion,
            )
            for at, ((label, _, _), days) in enumerate(zip(USUAL, taken, strict=True))
        ]
        dated(plan, steps)
        JointStep.objects.bulk_create(steps)
    shortened = {"shortened": [plan.shortened_from, sum(taken)]} if plan.shortened_from else {}
    _record("journeys.joint_plan_begun", plan, actor, now, anchor=_words(anchor), **shortened)
    return plan


@transaction.atomic
def move_anchor(
    *,
    plan: JointPlan,
    actor: User | None,
    now: datetime,
    anchor: Anchor,
    buffer: int,
    seen_terms: int | None = None,
) -> JointPlan:
    """Count the open steps back from another day; what is done keeps its dates.

    Raises JointPlanOver, StaleJointPlan, AnchorPassed, BadBuffer.
    """
    plan = held_joint(plan.pk, seen_terms)
    _check(anchor, buffer, now)
    changes = []
    if (anchor.on, anchor.name) != (plan.anchor_on, plan.anchor_name):
        was = f"{plan.anchor_name} on {day(plan.anchor_on)}"
        changes.append(f"{_words(anchor)} instead of {was}")
    if buffer != plan.buffer:
        changes.append(f"{plural(buffer, 'working day')} kept free instead of {plan.buffer}")
    plan.anchor, plan.event = anchor.kind, anchor.event
    plan.anchor_name, plan.anchor_on, plan.buffer = anchor.name, anchor.on, buffer
    plan.save(update_fields=["anchor", "event", "anchor_name", "anchor_on", "buffer"])
    if changes:
        changed(plan=plan, steps=steps_of(plan), actor=actor, now=now, changes=changes)
    return plan


@transaction.atomic
def show_joint_plan(
    *, plan: JointPlan, actor: User | None, now: datetime, is_shown: bool
) -> JointPlan:
    """Show the plan on the page shared with the account, or hide it. Raises JointPlanOver."""
    plan = held_joint(plan.pk)
    if (plan.shown_at is not None) == is_shown:
        return plan
    plan.shown_at = now if is_shown else None
    plan.save(update_fields=["shown_at"])
    _record("journeys.joint_plan_shown", plan, actor, now, is_shown=is_shown)
    return plan


@transaction.atomic
def end_joint_plan(
    *, plan: JointPlan, actor: User | None, now: datetime, outcome: str, reason: str = ""
) -> JointPlan:
    """End a plan, achieved or given up; another can begin. Raises JointPlanOver, NoOutcome."""
    plan = held_joint(plan.pk)
    if outcome not in JointPlan.Outcome.values:
        raise NoOutcome("Say whether the plan was achieved or given up.")
    if outcome == JointPlan.Outcome.LEFT and not reason.strip():
        raise NoOutcome("Say why the plan is given up.")
    plan.ended_at, plan.ended_by, plan.outcome = now, actor, outcome
    plan.reason = reason.strip()[:300]
    plan.save(update_fields=["ended_at", "ended_by", "outcome", "reason"])
    words = JointPlan.Outcome(outcome).label.lower()
    _record("journeys.joint_plan_ended", plan, actor, now, outcome=words, reason=plan.reason)
    keep_room(plan=plan, actor=actor, now=now)
    return plan


def _check(anchor: Anchor, buffer: int, now: datetime) -> None:
    if not 0 <= buffer <= LONGEST:
        raise BadBuffer(f"Keep between 0 and {LONGEST} working days free.")
    if anchor.on <= now.astimezone(calendar().zone).date():
        raise AnchorPassed(f"{_words(anchor)} is not ahead. Choose a day to come.")


def _room(anchor: Anchor, buffer: int, now: datetime) -> int:
    """Working days from today to the day on which the last step is due."""
    hours = calendar()
    today = hours.add_days(now.astimezone(hours.zone).date(), 0)
    return hours.days_between(today, last_day(anchor.on, buffer, hours))


def _words(anchor: Anchor) -> str:
    return f"{anchor.name} on {day(anchor.on)}"


def _record(verb: str, plan: JointPlan, by: User | None, now: datetime, **facts: Any) -> None:
    trail.record(
        verb, actor=by, at=now, account_id=plan.account_id, object_id=plan.pk, **facts
    )  # fmt: skip
