"""Writes of the charter: save a chapter as a new version, publish it, start with the defaults."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Max

from charter.models import Document
from charter.queries import default_body
from charter.rules import causes, rates
from charter.rules.documents import problems
from tenants import trail
from tenants.errors import Refused
from tenants.models import Tenant, User
from tenants.scope import current_tenant_id
from tenants.timeline import describe

describe(
    "charter.chapter_published",
    "{who} published the charter's {kind}, version {version[1]}",
    detail="{note}",
)
describe("charter.defaults_installed", "The charter began with its defaults")


class InvalidChapter(Refused):
    """The chapter contradicts itself or lacks a part."""

    status = 422


class StaleChapter(Refused):
    """Somebody published a newer version of the chapter first."""


@transaction.atomic
def install_defaults(*, author: User | None, now: datetime) -> list[Document]:
    """Publish the default of every chapter the tenant does not have yet."""
    known = set(Document.objects.values_list("kind", flat=True))
    made = [
        Document.objects.create(
            kind=kind,
            version=1,
            state=Document.State.PUBLISHED,
            body=default_body(kind),
            note="Default operating model",
            author=author,
            saved_at=now,
            published_at=now,
        )
        for kind in Document.Kind.values
        if kind not in known
    ]
    trail.record("charter.defaults_installed", actor=author, at=now, kinds=[d.kind for d in made])
    return made


@transaction.atomic
def publish(
    *, kind: str, body: dict[str, Any], note: str, seen_version: int, author: User, now: datetime
) -> Document:
    """Put a new version of a chapter in force; the one before is kept as retired.

    Raises InvalidChapter with every problem, StaleChapter where `seen_version` is not in force.
    """
    if found := problems(kind, body):
        raise InvalidChapter(" ".join(found))
    current = (
        Document.objects.select_for_update()
        .filter(kind=kind, state=Document.State.PUBLISHED)
        .first()
    )
    if (current.version if current else 0) != seen_version:
        raise StaleChapter("Somebody published this chapter meanwhile. Look at theirs first.")
    before = current.body if current else default_body(kind)
    if kind == Document.Kind.RATES:
        _refuse_silent(before, body, note, now)
    if kind == Document.Kind.CAUSES and (found := causes.refusals(before, body)):
        raise InvalidChapter(" ".join(found))
    newest = Document.objects.filter(kind=kind).aggregate(n=Max("version"))["n"] or 0
    if current:
        Document.objects.filter(pk=current.pk).update(state=Document.State.RETIRED)
    made = Document.objects.create(
        kind=kind,
        version=newest + 1,
        state=Document.State.PUBLISHED,
        body=body,
        note=note,
        author=author,
        saved_at=now,
        published_at=now,
    )
    trail.record(
        "charter.chapter_published",
        actor=author,
        at=now,
        object_id=made.pk,
        kind=kind,
        version=[seen_version, made.version],
        note=note,
    )
    return made


def _refuse_silent(before: dict[str, Any], after: dict[str, Any], note: str, now: datetime) -> None:
    """Refuse rates that change what has been counted with and do not say why."""
    tenant = Tenant.objects.get(pk=current_tenant_id())
    today = now.astimezone(ZoneInfo(tenant.time_zone)).date()
    if found := rates.refusals(before, after, own=tenant.currency, note=note, today=today):
        raise InvalidChapter(" ".join(found))
