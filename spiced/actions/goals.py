"""Impact promised: what gets better for the business, or for a person."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.actions.former import keep
from accounts.models import Account, Contact
from spiced.actions.holding import held_goal, refuse_stranger
from spiced.actions.refusals import InNote
from spiced.models import ImpactGoal, ImpactMeasurement
from spiced.rules.diffs import changes
from spiced.rules.impact import AGREEMENT_TARGET, MEASURE_EVERY_DAYS, achievement, wrong_dates
from tenants import trail
from tenants.actor import Actor
from tenants.errors import Refused
from tenants.formats import joined
from tenants.timeline import describe

RATIONAL = (
    *("statement", "measure", "unit", "baseline", "target", "deadline_on", "unit_value_minor"),
    *("baseline_on", "category", "method", "measure_every_days"),
)
EMOTIONAL = (
    *("statement", "person", "target", "deadline_on", "baseline_on", "method"),
    "measure_every_days",
)
NOTE_SAYS = {  # of the goals the SPICED note speaks of
    "rational": {"statement", "measure", "unit", "baseline", "target", "deadline_on"},
    "emotional": {"statement", "person_id"},
}

describe("spiced.goal_set", "{who} set an impact goal: {measure}", icon="target")
describe(
    "spiced.goal_changed", "{who} changed an impact goal: {measure}", icon="target", is_aside=True
)


class IncompleteGoal(Refused):
    """Without a from, a to and a date no movement can be shown."""

    status = 422

    def __init__(self, kind: str, missing: list[str]):
        super().__init__(
            f"{'An' if kind == 'emotional' else 'A'} {kind} goal needs {joined(missing)}."
        )
        self.missing = missing
        self.facts = {"missing": missing}


class WrongDates(Refused):
    """The time of a goal runs backwards, or has not begun."""

    status = 422


class ClosedGoal(Refused):
    """A retired goal takes no more measurements."""


class GoalChanged(Refused):
    """Somebody changed the goal meanwhile."""


@transaction.atomic
def save_rational_goal(
    *,
    account: Account,
    actor: Actor,
    now: datetime,
    statement: str,
    measure: str = "",
    unit: str = "",
    baseline: float | None = None,
    target: float | None = None,
    deadline_on: date | None = None,
    unit_value_minor: int | None = None,
    baseline_on: date | None = None,
    category: str = "",
    method: str = "",
    measure_every_days: int = MEASURE_EVERY_DAYS,
    goal: ImpactGoal | None = None,
) -> ImpactGoal:
    """Set or change a goal for the business. unit_value_minor: money per unit and year.

    baseline_on: the day the baseline was true; without one today, or what the goal has.
    Raises IncompleteGoal without measure, unit, baseline, target or date, WrongDates, ClosedGoal,
    InNote.
    """
    needed = {
        "a statement": statement.strip(),
        "a measure": measure.strip(),
        "a unit": unit.strip(),
        "a baseline": baseline is not None,
        "a target other than the baseline": target is not None and target != baseline,
        "a date": deadline_on,
    }
    missing = [name for name, is_there in needed.items() if not is_there]
    if missing:
        raise IncompleteGoal("rational", missing)
    return _store(
        goal or ImpactGoal(account=account, kind=ImpactGoal.Kind.RATIONAL),
        actor,
        now,
        statement=statement.strip(),
        measure=measure.strip(),
        unit=unit.strip(),
        baseline=baseline,
        target=target,
        deadline_on=deadline_on,
        unit_value_minor=unit_value_minor,
        baseline_on=baseline_on,
        category=category,
        method=method.strip(),
        measure_every_days=measure_every_days,
    )


@transaction.atomic
def save_emotional_goal(
    *,
    account: Account,
    actor: Actor,
    now: datetime,
    statement: str,
    person: Contact | None = None,
    target: float = AGREEMENT_TARGET,
    deadline_on: date | None = None,
    baseline_on: date | None = None,
    method: str = "",
    measure_every_days: int = MEASURE_EVERY_DAYS,
    goal: ImpactGoal | None = None,
) -> ImpactGoal:
    """Set or change what gets better for a person, in their words.

    Measured by how far they agree, 1 to 5. Raises IncompleteGoal without person or words, or with a
    target that is no agreement, WrongDates, NotOfAccount for a person of another account,
    ClosedGoal, InNote.
    """
    needed = {
        "a person": person,
        "their words": statement.strip(),
        "a target from 2 to 5": 2 <= target <= 5,
    }
    missing = [name for name, is_there in needed.items() if not is_there]
    if missing or person is None:
        raise IncompleteGoal("emotional", missing)
    refuse_stranger(account, person)
    return _store(
        goal or ImpactGoal(account=account, kind=ImpactGoal.Kind.EMOTIONAL),
        actor,
        now,
        statement=statement.strip(),
        person_id=person.pk,
        measure="Agreement, 1 to 5",
        unit="of 5",
        baseline=1.0,
        target=target,
        deadline_on=deadline_on,
        baseline_on=baseline_on,
        method=method.strip(),
        measure_every_days=measure_every_days,
    )


@transaction.atomic
def change_goal(
    *,
    goal: ImpactGoal,
    actor: Actor,
    now: datetime,
    given: dict[str, Any],
    seen: datetime | None = None,
) -> ImpactGoal:
    """Change what is given of a goal, as saving takes it; what is the same changes nothing.

    seen: when the goal was recorded that the writer had before him. What it was before stays in
    the trail. Raises GoalChanged, and as saving does.
    """
    goal = open_goal(goal)
    if seen is not None and seen != goal.recorded_at:
        raise GoalChanged("Somebody changed this goal meanwhile. Look again before you save.")
    is_rational = goal.kind == ImpactGoal.Kind.RATIONAL
    save, names = (
        (save_rational_goal, RATIONAL) if is_rational else (save_emotional_goal, EMOTIONAL)
    )
    held = {name: getattr(goal, name) for name in names}
    return save(account=goal.account, goal=goal, actor=actor, now=now, **(held | given))


def open_goal(goal: ImpactGoal) -> ImpactGoal:
    """A goal, held. Raises ClosedGoal for a retired one."""
    goal = held_goal(goal)
    if goal.status == ImpactGoal.Status.RETIRED:
        raise ClosedGoal("This goal is retired. Set a new one instead.")
    return goal


def _store(goal: ImpactGoal, actor: Actor, now: datetime, **said: Any) -> ImpactGoal:
    """Write a goal, and what changed of it into the trail."""
    if is_new := goal._state.adding:
        goal.status = ImpactGoal.Status.ACTIVE
    else:
        goal = open_goal(goal)
    said["baseline_on"] = said["baseline_on"] or goal.baseline_on or timezone.localdate(now)
    if why := wrong_dates(said["baseline_on"], said["deadline_on"], timezone.localdate(now)):
        raise WrongDates(why)
    changed = changes({name: getattr(goal, name) for name in said}, said)
    if not changed:
        return goal
    if goal.is_in_note and NOTE_SAYS[goal.kind] & set(changed):
        raise InNote("The SPICED note speaks of this goal. Change there what it says.")
    for name, value in said.items():
        setattr(goal, name, value)
    goal.recorded_at = now
    if not is_new:
        _judge_again(goal)
    keep(ImpactGoal, [goal.pk], now=now)
    goal.save()
    if is_new:
        tell_goal(verb="spiced.goal_set", goal=goal, actor=actor, now=now)
    else:
        tell_goal(verb="spiced.goal_changed", goal=goal, actor=actor, now=now, changes=changed)
    return goal


def _judge_again(goal: ImpactGoal) -> None:
    """Achieved or not, by the newest that was confirmed, now that the way is another."""
    confirmed = ImpactMeasurement.objects.filter(goal=goal, confirmed_at__isnull=False)
    last = confirmed.order_by("-measured_on", "-recorded_at").first()
    achieved = achievement(goal.baseline, goal.target, last.value if last else None)
    if achieved is not None and achieved >= 1:
        goal.status = ImpactGoal.Status.ACHIEVED
    elif goal.status == ImpactGoal.Status.ACHIEVED:
        goal.status = ImpactGoal.Status.ACTIVE


@transaction.atomic
def tell_goal(
    *, verb: str, goal: ImpactGoal, actor: Actor | None, now: datetime, **facts: object
) -> None:
    """A line of the trail about a goal. actor: None for the account itself."""
    trail.record(
        verb,
        at=now,
        actor=actor.user if actor else None,
        account_id=goal.account_id,
        object_id=goal.pk,
        kind=goal.kind,
        measure=goal.measure,
        unit=goal.unit,
        **facts,
    )
