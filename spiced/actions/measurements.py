"""Impact measured and confirmed. A number counts once the account said it is so."""

from datetime import date, datetime

from django.db import transaction

from accounts.actions.former import keep
from accounts.models import Contact
from spiced.actions.goals import ClosedGoal, open_goal, tell_goal
from spiced.actions.holding import held_goal, refuse_stranger
from spiced.models import ImpactGoal, ImpactMeasurement
from spiced.rules.impact import achievement
from tenants.actor import Actor
from tenants.errors import Refused
from tenants.formats import figure
from tenants.timeline import describe

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


class AlreadyConfirmed(Refused):
    """The account confirmed this measurement before."""


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
    channel: str = "",
) -> ImpactMeasurement:
    """Note a goal's value on a day, and who at the account confirmed it where somebody did.

    actor: None where the contact said it on the page shared with them. channel: how they told us.
    Raises ClosedGoal for a retired goal, NotOfAccount for a stranger.
    """
    goal = open_goal(goal)
    measurement = ImpactMeasurement.objects.create(
        goal=goal,
        value=value,
        measured_on=measured_on,
        evidence=evidence.strip(),
        channel=_channel(actor, channel),
        recorded_at=now,
    )
    facts = {"value": value, "on": measured_on.isoformat(), "is_own_word": actor is None}
    tell_goal(verb="spiced.goal_measured", goal=goal, actor=actor, now=now, **facts)
    if confirmed_by is not None:
        confirm_measurement(
            measurement=measurement, actor=actor, now=now, confirmed_by=confirmed_by
        )
    return measurement


@transaction.atomic
def confirm_measurement(
    *,
    measurement: ImpactMeasurement,
    actor: Actor | None,
    now: datetime,
    confirmed_by: Contact,
    channel: str = "",
) -> ImpactMeasurement:
    """Record that somebody at the account confirmed a measurement; the goal may be achieved by it.

    actor: who heard it; None where they said so themselves on the page shared with them.
    channel: how they told us.
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
    measurement.channel = _channel(actor, channel) or measurement.channel
    keep(ImpactMeasurement, [measurement.pk], now=now)
    measurement.save()
    facts = {
        "value": measurement.value,
        "contact": str(confirmed_by.pk),
        "is_own_word": actor is None,
    }
    tell_goal(verb="spiced.measurement_confirmed", goal=goal, actor=actor, now=now, **facts)
    achieved = achievement(goal.baseline, goal.target, measurement.value)
    if achieved is not None and achieved >= 1 and goal.status != ImpactGoal.Status.ACHIEVED:
        goal.status, goal.recorded_at = ImpactGoal.Status.ACHIEVED, now
        keep(ImpactGoal, [goal.pk], now=now)
        goal.save()
        tell_goal(
            verb="spiced.goal_achieved", goal=goal, actor=actor, now=now, value=measurement.value
        )
    elif goal.status in (ImpactGoal.Status.PROPOSED, ImpactGoal.Status.AGREED):
        keep(ImpactGoal, [goal.pk], now=now)
        ImpactGoal.objects.filter(pk=goal.pk).update(status=ImpactGoal.Status.ACTIVE)
    return measurement


def _channel(actor: Actor | None, channel: str) -> str:
    return channel if actor else ImpactMeasurement.Channel.PAGE
