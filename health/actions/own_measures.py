"""Make a measure of what the tenant brings in, and retire it once nothing reads it."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from accounts.models import CustomField
from accounts.rules.custom import key_of
from health.actions.rescore import rescore_all
from health.measures import own
from health.models import OwnMeasure
from health.queries.uses import uses_of
from health.rules.catalogue import FIRST_OWN, MEASURES, MOST_OWN, OWN
from health.rules.own_measures import DIRECTIONS, fault
from pulse.models import Feature, Series
from tenants import trail
from tenants.errors import Refused
from tenants.jobs import later
from tenants.locks import hold
from tenants.models import User
from tenants.timeline import describe

describe("health.measure_made", "{who} made the measure {name}", icon="ruler")
describe("health.measure_retired", "{who} retired the measure {name}", icon="ruler")


class BadMeasure(Refused):
    """What is to be measured does not go together. field: of what is wrong, empty for all."""

    status = 422

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


class MeasureInUse(Refused):
    """Something reads the measure."""


@transaction.atomic
def make_measure(*, author: User, now: datetime, name: str, **recipe: Any) -> OwnMeasure:
    """Make a measure and have everybody measured. recipe: as the columns of OwnMeasure.

    Raises BadMeasure naming the field.
    """
    hold("own measures")
    row = OwnMeasure(name=name, author=author, created_at=now, **recipe)
    row.key = f"{OWN}{key_of(name)}"[:50].rstrip("_")
    if row.key == OWN.rstrip("_"):
        raise BadMeasure("name", "The name has no letter a key could be made of.")
    if row.key in MEASURES or OwnMeasure.objects.filter(key=row.key).exists():
        raise BadMeasure("name", "There is, or was, a measure of this name.")
    _check(row)
    taken = OwnMeasure.objects.aggregate(last=Max("slot"))["last"]
    row.slot = FIRST_OWN if taken is None else taken + 1
    if row.slot >= FIRST_OWN + MOST_OWN:
        raise BadMeasure("", f"{MOST_OWN} measures were made, retired ones included; no more fit.")
    row.save()
    own.forget()
    later(rescore_all, key=f"measure {row.pk}", now=now)
    trail.record("health.measure_made", actor=author, at=now, object_id=row.pk, name=row.name)
    return row


def _check(row: OwnMeasure) -> None:
    known = {
        "usage": Feature.objects.filter(key=row.reads),
        "series": Series.objects.filter(key=row.reads),
        "field": CustomField.objects.filter(key=row.reads, retired_at=None),
    }
    if row.kind not in known or not known[row.kind].exists():
        raise BadMeasure("reads", "This is not there to be read.")
    if row.per == "feature" and not Feature.objects.filter(key=row.per_feature).exists():
        raise BadMeasure("per_feature", "Name the other feature.")
    if row.per != "feature":
        row.per_feature = ""
    if row.direction not in DIRECTIONS:
        raise BadMeasure("direction", "Say whether more is better.")
    field, reason = fault(own.recipes([row])[row.key])
    if reason:
        raise BadMeasure(field, reason)


@transaction.atomic
def retire_measure(*, row: OwnMeasure, author: User, now: datetime) -> None:
    """Measure it no more; what was stored of it stays. Raises MeasureInUse naming what reads it."""
    hold("own measures")
    if used := uses_of(row.key):
        raise MeasureInUse(f"It is read by {', '.join(used)}. Take it out there first.")
    if not OwnMeasure.objects.filter(pk=row.pk, retired_at=None).update(retired_at=now):
        return
    own.forget()
    later(rescore_all, key=f"measure {row.pk} retired", now=now)
    trail.record("health.measure_retired", actor=author, at=now, object_id=row.pk, name=row.name)
