"""What goals were before they were changed, as the trail holds it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import OuterRef, Subquery

from spiced.models import ImpactGoal
from spiced.queries.notes import names_of
from tenants.formats import day, figure, money
from tenants.models import TrailEntry, User

CHANGED = "spiced.goal_changed"
LABELS = {
    "statement": "What gets better",
    "measure": "Measure",
    "unit": "Unit",
    "baseline": "From",
    "target": "To",
    "baseline_on": "Baseline of",
    "deadline_on": "By",
    "unit_value_minor": "Worth of one unit a year",
    "category": "Category",
    "method": "How it is measured",
    "measure_every_days": "Measured every (days)",
    "person_id": "Whose",
}


@dataclass(frozen=True)
class Change:
    """One time a goal was changed. rows: label, before and after in words."""

    at: datetime
    who: str
    rows: tuple[tuple[str, str, str], ...]


def changes_of(goals: Sequence[ImpactGoal], currency: str) -> dict[UUID, list[Change]]:
    """The changes of goals of one account, newest first. One query, two where persons changed."""
    writer = User.objects.filter(pk=OuterRef("actor_id")).values("name")[:1]
    entries = (
        TrailEntry.objects.filter(
            account_id__in={goal.account_id for goal in goals},
            object_id__in=[goal.pk for goal in goals],
            verb=CHANGED,
            facts__has_key="changes",
        )
        .annotate(who=Subquery(writer))
        .order_by("-recorded_at", "-id")
    )
    named = [each.facts["changes"].get("person_id", []) for each in entries]
    names = names_of(pk for both in named for pk in both if pk)
    told: defaultdict[UUID, list[Change]] = defaultdict(list)
    for entry in entries:
        if entry.object_id is None:
            continue
        rows = tuple(
            (
                LABELS[key],
                _words(key, was, names, currency),
                _words(key, now, names, currency),
            )
            for key, (was, now) in entry.facts["changes"].items()
            if key in LABELS
        )
        told[entry.object_id].append(Change(entry.at, entry.who or "An import or the API", rows))
    return dict(told)


def _words(key: str, value: object, names: dict[str, str], currency: str) -> str:
    if value in (None, ""):
        return "nothing"
    if key == "person_id":
        return names.get(str(value), "somebody who is gone")
    if key.endswith("_on"):
        return day(date.fromisoformat(str(value)))
    if key == "unit_value_minor" and isinstance(value, int):
        return money(value, currency)
    return figure(value) if isinstance(value, int | float) else str(value)
