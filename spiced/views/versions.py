"""The versions of a note, and any two of them side by side."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.queries.reach import account_in_reach
from spiced.models import CallReview, Note
from spiced.queries.notes import versions as versions_of
from spiced.queries.reviews import reviewable, reviews_in_reach
from spiced.queries.side_by_side import changed_rows
from tenants.access import TenantRequest, needs
from tenants.roles import Can

MOST = 200


@needs(Can.READ_SPICED)
@require_GET
def versions(request: TenantRequest, account_id: UUID) -> HttpResponse:
    """All versions, newest first, and the difference of two; the last two where none is named."""
    account = account_in_reach(request.actor, Can.READ_SPICED, account_id)
    found = list(versions_of(account)[:MOST])
    _tell_reviews(request, found)
    by_number = {str(note.version): note for note in found}
    after = by_number.get(request.GET.get("after", "")) or (found[0] if found else None)
    earlier = [note for note in found if after and note.version < after.version]
    before = by_number.get(request.GET.get("before", "")) or (earlier[0] if earlier else None)
    context: dict[str, Any] = {
        "account": account,
        "versions": found,
        "n": versions_of(account).count(),
        "before": before,
        "after": after,
        "rows": [],
    }
    if before and after:
        context["rows"] = changed_rows(before, after, request.tenant.currency)
    return render(request, "spiced/versions.html", context)


def _tell_reviews(request: TenantRequest, notes: list[Note]) -> None:
    """Put beside each version its reviews one may see, and whether one may review it."""
    ids = [note.pk for note in notes]
    reviews: dict[UUID, list[CallReview]] = {}
    if request.actor.may(Can.READ_REVIEWS):
        held = reviews_in_reach(request.actor).filter(note__in=ids, replaced_at=None)
        for each in held.order_by("reviewed_at", "id"):
            reviews.setdefault(each.note_id, []).append(each)
    mine: set[UUID] = set()
    if request.actor.may(Can.REVIEW_CALLS):
        mine = set(reviewable(request.actor).filter(pk__in=ids).values_list("pk", flat=True))
    for note in notes:
        note.reviews = reviews.get(note.pk, [])  # type: ignore[attr-defined]
        note.may_review = note.pk in mine  # type: ignore[attr-defined]
