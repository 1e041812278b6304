"""A goal or a date that is over, with a reason, and taken up again where that was an error."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.actions.former import keep
from spiced.actions.events import refuse_closed, tell_event
from spiced.actions.goals import ClosedGoal
from spiced.actions.holding import held_event, held_goal
from spiced.models import CriticalEvent, ImpactGoal
from spiced.rules.events import ENDINGS
from tenants import trail
from tenants.actor import Actor
from tenants.errors import Refused
from tenants.models import TrailEntry
from tenants.timeline import describe

RETIRED, RESTORED = "spiced.goal_retired", "spiced.goal_restored"
CLOSED, REOPENED = "spiced.event_closed", "spiced.event_reopened"

describe(RETIRED, "{who} retired the goal {measure}", icon="archive", detail="{reason}")
describe(RESTORED, "{who} took up the goal {measure} again", icon="rotate-ccw")
describe(CLOSED, "{who} closed the critical event: {status}", icon="flag", detail="{reason}")
describe(REOPENED, "{who} opened the critical event again", icon="rotate-ccw")


class StillOpen(Refused):
    """What is to be taken up again was never ended."""


@transaction.atomic
def retire_goal(*, goal: ImpactGoal, actor: Actor, now: datetime, reason: str = "") -> ImpactGoal:
    """Close a goal that no longer matters. Its measurements stay. Raises ClosedGoal."""
    goal = held_goal(goal)
    if goal.status == ImpactGoal.Status.RETIRED:
        raise ClosedGoal("This goal is retired already.")
    was = {"was": goal.status, "was_in_note": goal.is_in_note}
    goal.status, goal.is_in_note, goal.recorded_at = ImpactGoal.Status.RETIRED, False, now
    keep(ImpactGoal, [goal.pk], now=now)
    goal.save()
    _record_goal(RETIRED, goal, actor, now, reason=reason, **was)
    return goal


@transaction.atomic
def restore_goal(*, goal: ImpactGoal, actor: Actor, now: datetime) -> ImpactGoal:
    """Take up a retired goal as it was. The note speaks of it again unless it has another.

    Raises StillOpen.
    """
    goal = held_goal(goal)
    if goal.status != ImpactGoal.Status.RETIRED:
        raise StillOpen("This goal is not retired.")
    facts = _last(RETIRED, goal)
    goal.status = facts.get("was", ImpactGoal.Status.ACTIVE)
    others = ImpactGoal.objects.filter(account=goal.account_id, kind=goal.kind, is_in_note=True)
    goal.is_in_note = facts.get("was_in_note", False) and not others.exists()
    goal.recorded_at = now
    keep(ImpactGoal, [goal.pk], now=now)
    goal.save()
    _record_goal(RESTORED, goal, actor, now, status=goal.status)
    return goal


@transaction.atomic
def close_event(
    *, event: CriticalEvent, actor: Actor, now: datetime, status: str, reason: str = ""
) -> CriticalEvent:
    """The event is over: met, missed or no longer valid. Raises ClosedEvent if it was before."""
    event = held_event(event)
    refuse_closed(event)
    was_in_note = event.is_in_note
    event.status, event.is_in_note, event.recorded_at = status, False, now
    keep(CriticalEvent, [event.pk], now=now)
    event.save()
    facts = {"status": ENDINGS.get(status, status), "reason": reason, "was_in_note": was_in_note}
    tell_event(verb=CLOSED, event=event, actor=actor, now=now, **facts)
    return event


@transaction.atomic
def reopen_event(*, event: CriticalEvent, actor: Actor, now: datetime) -> CriticalEvent:
    """The event is not over after all. The note speaks of it again unless it has another.

    Raises StillOpen.
    """
    event = held_event(event)
    if event.status == CriticalEvent.Status.OPEN:
        raise StillOpen("This event is open.")
    others = CriticalEvent.objects.filter(account=event.account_id, is_in_note=True)
    was_in_note = _last(CLOSED, event).get("was_in_note", False)
    event.is_in_note = was_in_note and not others.exists()
    event.status, event.recorded_at = CriticalEvent.Status.OPEN, now
    keep(CriticalEvent, [event.pk], now=now)
    event.save()
    tell_event(verb=REOPENED, event=event, actor=actor, now=now)
    return event


def _last(verb: str, about: ImpactGoal | CriticalEvent) -> dict[str, Any]:
    """What the trail holds of the last time; empty where it was not told."""
    entries = TrailEntry.objects.filter(
        account_id=about.account_id, object_id=about.pk, verb=verb
    ).order_by("-recorded_at", "-id")
    entry = entries.first()
    return entry.facts if entry else {}


def _record_goal(verb: str, goal: ImpactGoal, actor: Actor, now: datetime, **facts: object) -> None:
    trail.record(
        verb,
        at=now,
        actor=actor.user,
        account_id=goal.account_id,
        object_id=goal.pk,
        kind=goal.kind,
        measure=goal.measure or goal.statement,
        **facts,
    )
