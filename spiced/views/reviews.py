"""Reviewing a call: the form of a lead, one review, and the questions counted in a transcript."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.queries.reach import in_reach
from spiced.actions.reviews import count_questions, review_call
from spiced.forms.reviews import ReviewForm, TranscriptForm
from spiced.models import CallReview, Note
from spiced.queries.notes import elements_of, names_in
from spiced.queries.reviews import reviewable, reviews_in_reach
from spiced.rules.coaching import BEHAVIOURS, FOR_EACH, ITEMS, MOST, points_of_items
from spiced.rules.elements import LETTERS, PARTS
from spiced.rules.words import Said, told
from spiced.views.dialogs import asked
from tenants.access import TenantRequest, needs
from tenants.errors import Refused
from tenants.roles import Can


@needs(Can.REVIEW_CALLS)
@require_http_methods(["GET", "POST"])
def review_note(request: TenantRequest, note_id: UUID) -> HttpResponse:
    """Score the call of a colleague's note; what was noted stands beside the form."""
    notes = reviewable(request.actor).select_related("account", "author")
    note = get_object_or_404(notes, pk=note_id)
    before = CallReview.objects.filter(note=note, reviewer=request.user, replaced_at=None).first()
    form = ReviewForm(note, before, request.POST if request.method == "POST" else None)
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                made = review_call(
                    note=note, actor=request.actor, now=timezone.now(), **form.wanted()
                )
                return redirect("spiced:review", made.pk)
            except Refused as refusal:
                form.add_error(None, str(refusal))
                status = refusal.status
    context = {
        "note": note,
        "account": note.account,
        "form": form,
        "before": before,
        "noted": _noted(note, request.tenant.currency),
    }
    return render(request, "spiced/review_note.html", context, status=status)


@needs(Can.READ_REVIEWS)
@require_GET
def review(request: TenantRequest, review_id: UUID) -> HttpResponse:
    """One review: the score and what it is made of, and what was said of the call before."""
    found = reviews_in_reach(request.actor).select_related("note__account", "person", "reviewer")
    shown = get_object_or_404(found, pk=review_id)
    others = found.filter(note=shown.note_id).exclude(pk=shown.pk).order_by("-reviewed_at", "-id")
    earned = points_of_items(shown.items)
    context: dict[str, Any] = {
        "review": shown,
        "note": shown.note,
        "account": shown.note.account,
        "items": [(ITEMS[key], n) for key, n in shown.items.items()],
        "most": MOST,
        "n_items": sum(shown.items.values()),
        "most_items": MOST * len(ITEMS),
        "earned": earned,
        "seen": [(label, key in shown.behaviours) for key, label in BEHAVIOURS.items()],
        "for_each": FOR_EACH,
        "for_seen": shown.score - earned,
        "others": list(others[:20]),
        "may_again": shown.reviewer_id == request.actor.user_id
        and shown.replaced_at is None
        and reviewable(request.actor).filter(pk=shown.note_id).exists(),
    }
    return render(request, "spiced/review.html", context)


@needs(Can.EDIT_SPICED)
@require_http_methods(["GET", "POST"])
def count(request: TenantRequest, note_id: UUID) -> HttpResponse:
    """Count who asked how many questions in the call of a note."""
    reached = in_reach(request.actor, Can.EDIT_SPICED)
    notes = Note.objects.filter(account__in=reached).select_related("account", "author")
    note = get_object_or_404(notes, pk=note_id)
    return asked(
        request,
        note.account,
        TranscriptForm(note, request.POST if request.method == "POST" else None),
        lambda **given: count_questions(note=note, **given),
        {"title": "Count the questions", "about": f"Of the call in version {note.version}."}
        | {"save": "Count", "done": "Questions counted"},
    )


def _noted(note: Note, currency: str) -> list[tuple[str, list[Said]]]:
    """What the note says, part by part, in words. Three queries at most."""
    parts = elements_of(note)
    names = names_in({letter: part.values for letter, part in parts.items()})
    noted = [
        (PARTS[letter].name, told(letter, parts[letter].values, names, currency))
        for letter in LETTERS
        if letter in parts
    ]
    return [(name, fields) for name, fields in noted if fields]
