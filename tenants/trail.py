"""The trail: one line for each thing done, written in the transaction of the action."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from tenants.bulk import insert
from tenants.models import TrailEntry, User
from tenants.news import queue_news
from tenants.traces import current


def record(
    verb: str,
    *,
    at: datetime,
    actor: User | None = None,
    account_id: UUID | None = None,
    object_id: UUID | None = None,
    **facts: Any,
) -> TrailEntry:
    """Write one line: "app.thing_happened", who, when, about what, with before and after.

    facts: JSON-ready values; a change is [before, after]. No actor means the product itself
    or an API key.
    """
    trace = current()
    queue_news(timezone.now())
    return TrailEntry.objects.create(
        verb=verb,
        at=at,
        actor_id=actor.pk if actor else None,
        key_id=trace.key_id,
        account_id=account_id,
        object_id=object_id,
        request_id=trace.request_id,
        facts=facts,
    )


def record_many(entries: "list[TrailEntry]") -> None:
    """Write many lines at once, for bulk actions."""
    trace = current()
    queue_news(timezone.now())
    for entry in entries:
        entry.request_id, entry.key_id = trace.request_id, trace.key_id
    insert(entries)
