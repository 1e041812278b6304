"""Impact promised, measured and confirmed. A number counts once the account said it is so."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import Account, Contact
from spiced.actions.holding import held_goal, refuse_stranger
from spiced.models import ImpactGoal, ImpactMeasurement
from spiced.rules.impact import AGREEMENT_TARGET, achievement
from tenants import trail
from tenants.actor import Actor
from tenants.errors import Refused
from tenants.formats import figure, joined
from tenants.timeline import describe

describe(
    "spiced.goal_changed", "{who} changed an impact goal: {measure}", icon="target", is_aside=True
)

describe("spiced.goal_set", "{who} set an impact goal: {measure}", icon="target")
describe(
    "spiced.goal_measured",
    lambda facts: (
        f"{'The account' if facts['is_own_word'] else facts['who']} measured {facts['measure']}:"
        f" {figure(facts['value'])} {facts['unit']}"
    ),
    icon="ruler",
)
describe(
    "spiced.measurement_confirmed",
    lambda facts: (
        f"The account confirmed {facts['measure']}: {figure(facts['value'])} {facts['unit']}"
    ),
    icon="badge-check",
    detail=lambda facts: "On the page shared with them." if facts["is_own_word"] else "",
)
describe("spiced.goal_achieved", "Impact achieved: {measure}", icon="trophy")


class IncompleteGoal(Refused):
    """Without a from, a to and a date no movement can be shown."""

    status = 422

    def __init__(self, kind: str, missing: list[str]):
        super().__init__(f"A {kind} goal needs {joined(missing)}.")
        self.missing = missing


class ClosedGoal(Refused):
    """A retired goal takes no more measurements."""


class AlreadyConfirmed(Refused):
    """The account confirmed this measurement before."""


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
    goal: ImpactGoal | None = None,
) -> ImpactGoal:
    """Set or change a goal for the business. unit_value_minor: money per unit and year.

    Raises IncompleteGoal without measure, unit, baseline, target or date, ClosedGoal.
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
    is_new = goal is None
    goal = (
        _open_goal(goal)
        if goal
        else ImpactGoal(
            account=account,
            kind=ImpactGoal.Kind.RATIONAL,
            status=ImpactGoal.Status.ACTIVE,
            baseline_on=timezone.localdate(now),
        )
    )
    goal.statement, goal.measure, goal.unit = statement.strip(), measure.strip(), unit.strip()
    goal.baseline, goal.target, goal.deadline_on = baseline, target, deadline_on
    goal.unit_value_minor, goal.recorded_at = unit_value_minor, now
    goal.save()
    _record("spiced.goal_set" if is_new else "spiced.goal_changed", goal, actor, now)
    return goal


@transaction.atomic
def save_emotional_goal(
    *,
    account: Account,
    actor: Actor,
    now: datetime,
    statement: str,
    person: Contact | None = None,
    goal: ImpactGoal | None = None,
) -> ImpactGoal:
    """Set or change what gets better for a person, in their words.

    Measured by how far they agree, 1 to 5. Raises IncompleteGoal without person or words,
    NotOfAccount for a person of another account, ClosedGoal.
    """
    missing = [
        name
        for name, is_there in (("a person", person), ("their words", statement.strip()))
        if not is_there
    ]
    if missing or person is None:
        raise IncompleteGoal("emotional", missing)
    refuse_stranger(account, person)
    is_new = goal is None
    goal = (
        _open_goal(goal)
        if goal
        else ImpactGoal(
            account=account,
            kind=ImpactGoal.Kind.EMOTIONAL,
            status=ImpactGoal.Status.ACTIVE,
            baseline_on=timezone.localdate(now),
        )
    )
    goal.statement, goal.person = statement.strip(), person
    goal.measure, goal.unit, goal.baseline = "Agreement, 1 to 5", "of 5", 1.0
    goal.target, goal.recorded_at = AGREEMENT_TARGET, now
    goal.save()
    _record("spiced.goal_set" if is_new else "spiced.goal_changed", goal, actor, now)
    return goal


@transaction.atomic
def measure_goal(
    *,
    goal: ImpactGoal,
    actor: Actor | None,
    now: datetime,
    value: float,
    measured_on: date,
    evidence: str = "",
    confirmed_by: Contact | None = None,
) -> ImpactMeasurement:
    """Note a goal's value on a day, and who at the account confirmed it where somebody did.

    actor: None where the contact said it on the page shared with them.
    Raises ClosedGoal for a retired goal, NotOfAccount for a stranger.
    """
    goal = _open_goal(goal)
    measurement = ImpactMeasurement.objects.create(
        goal=goal, value=value, measured_on=measured_on, evidence=evidence.strip(), recorded_at=now
    )
    facts = {"value": value, "on": measured_on.isoformat(), "is_own_word": actor is None}
    _record("spiced.goal_measured", goal, actor, now, **facts)
    if confirmed_by is not None:
        confirm_measurement(
            measurement=measurement, actor=actor, now=now, confirmed_by=confirmed_by
        )
    return measurement


@transaction.atomic
def confirm_measurement(
    *, measurement: ImpactMeasurement, actor: Actor | None, now: datetime, confirmed_by: Contact
) -> ImpactMeasurement:
    """Record that somebody at the account confirmed a measurement; the goal may be achieved by it.

    actor: who heard it; None where they said so themselves on the page shared with them.
    Raises ClosedGoal for a retired goal, AlreadyConfirmed, NotOfAccount.
    """
    goal = held_goal(measurement.goal)
    measurement = ImpactMeasurement.objects.get(pk=measurement.pk)
    if goal.status == ImpactGoal.Status.RETIRED:
        raise ClosedGoal("This goal is retired. Take it up again first.")
    refuse_stranger(goal.account, confirmed_by)
    if measurement.confirmed_at is not None:
        raise AlreadyConfirmed("The account confirmed this measurement before.")
    measurement.confirmed_by, measurement.confirmed_at = confirmed_by, now
    measurement.save()
    facts = {
        "value": measurement.value,
        "contact": str(confirmed_by.pk),
        "is_own_word": actor is None,
    }
    _record("spiced.measurement_confirmed", goal, actor, now, **facts)
    achieved = achievement(goal.baseline, goal.target, measurement.value)
    if achieved is not None and achieved >= 1 and goal.status != ImpactGoal.Status.ACHIEVED:
        goal.status, goal.recorded_at = ImpactGoal.Status.ACHIEVED, now
        goal.save()
        _record("spiced.goal_achieved", goal, actor, now, value=measurement.value)
    elif goal.status in (ImpactGoal.Status.PROPOSED, ImpactGoal.Status.AGREED):
        ImpactGoal.objects.filter(pk=goal.pk).update(status=ImpactGoal.Status.ACTIVE)
    return measurement


def _open_goal(goal: ImpactGoal) -> ImpactGoal:
    """A goal, held. Raises ClosedGoal for a retired one."""
    goal = held_goal(goal)
    if goal.status == ImpactGoal.Status.RETIRED:
        raise ClosedGoal("This goal is retired. Set a new one instead.")
    return goal


def _record(
    verb: str, goal: ImpactGoal, actor: Actor | None, now: datetime, **facts: object
) -> None:
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
