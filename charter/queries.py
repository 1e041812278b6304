"""Reads of the charter: what is in force, and its versions."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from charter.models import Document
from charter.rules.calendar import Calendar
from tenants.models import Tenant
from tenants.scope import current_tenant_id


def in_force(kind: str) -> Document:
    """The published version of a chapter. One query. Raises Document.DoesNotExist without one."""
    return Document.objects.get(kind=kind, state=Document.State.PUBLISHED)


def chapters() -> dict[str, Document]:
    """Every chapter in force, by kind. One query."""
    return {
        each.kind: each
        for each in Document.objects.filter(state=Document.State.PUBLISHED).select_related("author")
    }


def versions(kind: str) -> list[Document]:
    """All versions of a chapter, newest first. One query."""
    return list(Document.objects.filter(kind=kind).select_related("author").order_by("-version"))


def calendar() -> Calendar:
    """The tenant's business hours. Two queries."""
    zone = Tenant.objects.values_list("time_zone", flat=True).get(pk=current_tenant_id())
    document = Document.objects.filter(
        kind=Document.Kind.CALENDAR, state=Document.State.PUBLISHED
    ).first()
    body: dict[str, Any] = document.body if document else DEFAULT_HOURS
    return Calendar.from_body(body, zone)


DEFAULT_HOURS: dict[str, Any] = {
    "opens": "09:00",
    "closes": "17:00",
    "weekdays": [0, 1, 2, 3, 4],
    "holidays": [],
}


@dataclass(frozen=True)
class Promise:
    """A promised time: so many hours, of business or of the clock."""

    key: str
    label: str
    hours: float
    clock: str

    def due_at(self, start: datetime, calendar: Calendar) -> datetime:
        if self.clock == "clock":
            return start + timedelta(hours=self.hours)
        return calendar.add_hours(start, self.hours)


def promises() -> dict[str, Promise]:
    """The promised times in force, by key. One query."""
    body = in_force(Document.Kind.PROMISES).body
    return {each["key"]: Promise(**each) for each in body["promises"]}


def touch_models() -> dict[str, dict[str, Any]]:
    """The touch models in force, by key. One query."""
    models: dict[str, dict[str, Any]] = in_force(Document.Kind.SEGMENTS).body["touch_models"]
    return models
