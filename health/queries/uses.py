"""What reads a measure: health models, the charter, and what other apps say of themselves."""

from collections.abc import Callable, Iterable
from typing import Any

from django.utils import timezone

from charter.models import Document
from health.queries.models import drafts, published
from health.queries.today import today_of_tenant

READERS: list[Callable[[str], Iterable[str]]] = []


def readers(told: Callable[[str], Iterable[str]]) -> Callable[[str], Iterable[str]]:
    """Register who tells which of its things read a measure, by key."""
    READERS.append(told)
    return told


def uses_of(key: str) -> list[str]:
    """Names of what reads a measure now or is about to."""
    return [name for told in READERS for name in told(key)]


def mentions(body: Any, key: str) -> bool:
    """Whether a stored model or condition names a measure anywhere."""
    if isinstance(body, dict):
        return any(
            (part in ("measure", "changed") and value == key) or mentions(value, key)
            for part, value in body.items()
        )
    return isinstance(body, list) and any(mentions(each, key) for each in body)


@readers
def _models(key: str) -> Iterable[str]:
    versions = published()
    day = today_of_tenant(timezone.now())
    coming = [
        each
        for of_key in versions.by_key.values()
        for each in of_key
        if each.effective_on and each.effective_on > day
    ]
    for each in [*versions.on(day), *coming, *drafts().values()]:
        if mentions(each.body, key):
            yield f"the health model {each.name}"


@readers
def _charter(key: str) -> Iterable[str]:
    chapters: dict[str, Document] = {}
    for each in Document.objects.exclude(state=Document.State.RETIRED).order_by("version"):
        if each.state == Document.State.DRAFT:
            chapters[f"{each.kind} draft"] = each
        else:
            chapters[each.kind] = each
    for chapter in chapters.values():
        if mentions(chapter.body, key):
            yield f"the charter’s {Document.Kind(chapter.kind).label.lower()}"
