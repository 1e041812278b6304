"""Saved views as a person has them: their own and the shared ones, some of them pinned."""

from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from health.models import Pin, SavedView


def visible(user_id: UUID | None) -> QuerySet[SavedView]:
    """The views a person may open, with `pinned_at`, the pinned ones first, in that order."""
    pins = Pin.objects.filter(Q(user_id=user_id), view=OuterRef("pk"))
    seen = SavedView.objects.filter(Q(owner_id=user_id) | Q(is_shared=True))
    found = seen.annotate(pinned_at=Subquery(pins.values("pinned_at")[:1]))
    return found.order_by(F("pinned_at").asc(nulls_last=True), "name", "pk")


def saved_views(page: str, user_id: UUID | None) -> list[SavedView]:
    """A person's views of a list. One query."""
    return list(visible(user_id).filter(page=page))


def pinned_views(user_id: UUID | None) -> list[SavedView]:
    """What a person has pinned, of all lists. One query."""
    pins = Pin.objects.filter(Q(user_id=user_id))
    return list(visible(user_id).filter(pk__in=pins.values("view")))
