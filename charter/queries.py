"""Reads of the charter: what is in force, and its versions."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from functools import cache
from pathlib import Path
from typing import Any

from django.db.models import Q

from charter.models import Document
from charter.rules.calendar import Calendar
from charter.rules.causes import Causes
from charter.rules.numbers import Completeness
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


@cache
def default_body(kind: str) -> dict[str, Any]:
    """What a chapter says before anybody wrote it."""
    body: dict[str, Any] = json.loads((DEFAULTS / f"{kind}.json").read_text())
    return body


def body_at(kind: str, at: datetime) -> tuple[int, dict[str, Any]]:
    """Version and body of a chapter that were in force at a moment; 0 and the default before any.

    One query.
    """
    found = (
        Document.objects.filter(kind=kind, published_at__lte=at)
        .order_by("-published_at", "-version")
        .first()
    )
    return (found.version, found.body) if found else (0, default_body(kind))


@dataclass(frozen=True)
class History:
    """What a chapter said when. versions: (since, version, body), the newest first."""

    kind: str
    versions: Sequence[tuple[datetime, int, Mapping[str, Any]]]

    def at(self, moment: datetime) -> tuple[int, Mapping[str, Any]]:
        """Version and body in force at a moment; 0 and the default before any."""
        found = (each[1:] for each in self.versions if each[0] <= moment)
        return next(found, (0, default_body(self.kind)))

    def on(self, day: date, zone: tzinfo) -> Mapping[str, Any]:
        """The body in force as a day ended."""
        return self.at(datetime.combine(day, time.max, zone))[1]


def history(kind: str) -> History:
    """All that a chapter ever said, for what judges many days. One query."""
    found = Document.objects.filter(kind=kind, published_at__isnull=False)
    rows = found.order_by("-published_at", "-version").values_list(
        "published_at", "version", "body"
    )
    return History(kind, [(since, version, body) for since, version, body in rows if since])


def causes() -> Causes:
    """Why accounts leave, as the charter has it. One query."""
    kind = Document.Kind.CAUSES
    found = Document.objects.filter(kind=kind, state=Document.State.PUBLISHED).first()
    return Causes.from_body(found.body if found else default_body(kind))


def calendar() -> Calendar:
    """The tenant's business hours. Two queries."""
    zone = Tenant.objects.values_list("time_zone", flat=True).get(pk=current_tenant_id())
    document = Document.objects.filter(
        kind=Document.Kind.CALENDAR, state=Document.State.PUBLISHED
    ).first()
    body: dict[str, Any] = document.body if document else DEFAULT_HOURS
    return Calendar.from_body(body, zone)


DEFAULTS = Path(__file__).parent / "defaults"
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


@dataclass(frozen=True)
class TouchModels:
    """Touch models by key, in force and as older versions had them. version: the one in force."""

    version: int
    by_version: Mapping[int, dict[str, dict[str, Any]]]

    def of(self, version: int | None) -> dict[str, dict[str, Any]]:
        """Those of a version; of the one in force where it is None or kept no longer."""
        known = self.by_version
        return known.get(version or self.version) or known.get(self.version, {})


def touch_models(versions: Collection[int] = ()) -> TouchModels:
    """The touch models in force, and of the versions named; none without a charter. One query."""
    found = Document.objects.filter(
        Q(state=Document.State.PUBLISHED) | Q(version__in=list(versions)),
        kind=Document.Kind.SEGMENTS,
    )
    told = {each.version: each for each in found}
    published = [each.version for each in told.values() if each.state == Document.State.PUBLISHED]
    return TouchModels(
        max(published, default=0), {v: each.body["touch_models"] for v, each in told.items()}
    )


@dataclass(frozen=True)
class HandoffItems:
    """The chapter on handoffs, in force and as older versions had it: what is mandatory, and when
    it comes back by itself.
    """

    version: int
    by_version: Mapping[int, Mapping[str, Any]]

    def of(self, version: int | None, kind: str) -> frozenset[str] | None:
        """Keys of a kind's items in a version, in force where it is None or kept no longer.

        None where the charter says nothing of the kind.
        """
        return _mandatory(self._body(version)).get(kind)

    def completeness(self, version: int | None) -> Completeness:
        """How complete a handoff is by a version, the same way; our default without a charter."""
        return Completeness.from_body(self._body(version))

    def _body(self, version: int | None) -> Mapping[str, Any]:
        known = self.by_version
        return known.get(version or self.version) or known.get(self.version, {})


def handoff_items(versions: Collection[int] = ()) -> HandoffItems:
    """The mandatory items in force, and of the versions named. One query."""
    found = Document.objects.filter(
        Q(state=Document.State.PUBLISHED) | Q(version__in=list(versions)),
        kind=Document.Kind.HANDOFFS,
    )
    told = {each.version: each for each in found}
    published = [each.version for each in told.values() if each.state == Document.State.PUBLISHED]
    return HandoffItems(max(published, default=0), {v: each.body for v, each in told.items()})


def _mandatory(body: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    return {
        kind["key"]: frozenset(item["key"] for item in kind["items"] if item["mandatory"])
        for kind in body.get("kinds", ())
    }
