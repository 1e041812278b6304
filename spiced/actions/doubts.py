"""Somebody at the account says that an impact is not there yet."""

from datetime import datetime

from django.db import transaction

from accounts.models import Contact
from spiced.actions.goals import ClosedGoal
from spiced.actions.holding import held_goal, refuse_stranger
from spiced.actions.measurements import AlreadyConfirmed
from spiced.models import ImpactGoal, ImpactMeasurement
from tenants import trail
from tenants.formats import figure
from tenants.timeline import describe

describe(
    "spiced.measurement_doubted",
    lambda facts: (
        f"The account says not yet to {facts['measure']}: {figure(facts['value'])} {facts['unit']}"
    ),
    icon="circle-alert",
    detail="{words}",
)


@transaction.atomic
def doubt_measurement(
    *, measurement: ImpactMeasurement, by: Contact, words: str, now: datetime
) -> ImpactMeasurement:
    """Keep that a contact says "not yet" to a measurement, and why. It counts for nothing then.

    Said again, the newest words stand. Raises ClosedGoal for a retired goal, AlreadyConfirmed,
    NotOfAccount.
    """
    goal = held_goal(measurement.goal)
    measurement = ImpactMeasurement.objects.get(pk=measurement.pk)
    if goal.status == ImpactGoal.Status.RETIRED:
        raise ClosedGoal("This goal is retired.")
    refuse_stranger(goal.account, by)
    if measurement.confirmed_at is not None:
        raise AlreadyConfirmed("This was confirmed before.")
    measurement.doubt, measurement.doubted_by = words.strip()[:500], by
    measurement.doubted_at = now
    measurement.save(update_fields=["doubt", "doubted_by", "doubted_at"])
    trail.record(
        "spiced.measurement_doubted",
        at=now,
        account_id=goal.account_id,
        object_id=goal.pk,
        measure=goal.measure,
        unit=goal.unit,
        value=measurement.value,
        contact=str(by.pk),
        words=measurement.doubt,
    )
    return measurement
