"""The charter: read it, see its versions, change a chapter."""

from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from charter.actions import InvalidChapter, StaleChapter, publish
from charter.forms import FORMS
from charter.forms.chapter import ChapterForm
from charter.forms.rates import MONTHS
from charter.models import Document
from charter.queries import chapters, versions
from charter.rules import rates
from charter.rules.causes import Causes
from charter.rules.questions import PARTS
from tenants.access import TenantRequest, needs
from tenants.roles import Can

TITLES = {
    "segments": ("Segments and touch models", "Who gets how much of our time"),
    "calendar": ("Business calendar", "When a promised time runs"),
    "promises": ("Promised times", "How fast we answer each other and the account"),
    "handoffs": (
        "Handoffs and onboarding",
        "What a handoff must say, and when somebody has to look",
    ),
    "spiced": ("SPICED", "How long what we heard counts, and what we ask"),
    "definitions": ("Shared definitions", "What our words mean, in every figure"),
    "bowtie": ("Bowtie", "What each step should bring, and what counts as First Impact"),
    "owners": ("Owner matrix", "One accountable for each activity"),
    "causes": ("Causes of churn", "Why accounts leave, on two levels"),
    "rates": ("Rates", "What other currencies are worth, fixed for each fiscal year"),
}
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


@needs(Can.READ_CHARTER)
@require_GET
def charter(request: TenantRequest) -> HttpResponse:
    """How we have agreed to work, chapter by chapter."""
    found = chapters()
    shown = [
        {"kind": kind, "title": title, "lead": lead, "document": found.get(kind)}
        for kind, (title, lead) in TITLES.items()
    ]
    context: dict[str, Any] = {
        "chapters": shown,
        "days": DAYS,
        "spiced_parts": PARTS,
        "may_edit": request.actor.may(Can.EDIT_CHARTER),
    }
    if "causes" in found:
        context["causes"] = Causes.from_body(found["causes"].body)
    if "rates" in found:
        body = found["rates"].body
        today = timezone.localdate(timezone=ZoneInfo(request.tenant.time_zone))
        context |= {
            "first_month": dict(MONTHS)[str(body["first_month"])],
            "rates": rates.table(body),
            "awaited": rates.awaited(body, today),
        }
    return render(request, "charter/charter.html", context)


@needs(Can.READ_CHARTER)
@require_GET
def history(request: TenantRequest, kind: str) -> HttpResponse:
    """Every version of a chapter, newest first."""
    return render(
        request,
        "charter/history.html",
        {"kind": kind, "title": _title(kind), "versions": versions(kind)},
    )


@needs(Can.EDIT_CHARTER)
@require_http_methods(["GET", "POST"])
def edit(request: TenantRequest, kind: str) -> HttpResponse:
    """Change a chapter: every publication is a version of its own."""
    title = _title(kind)
    document = get_object_or_404(Document, kind=kind, state=Document.State.PUBLISHED)
    if request.method == "GET":
        form = FORMS[kind](document.body, initial={"seen_version": document.version})
        return _edit(request, kind, title, form)
    form = FORMS[kind](document.body, request.POST)
    if not form.is_valid():
        return _edit(request, kind, title, form, status=422)
    try:
        publish(
            kind=kind,
            body=form.to_body(),
            note=form.cleaned_data["note"],
            seen_version=form.cleaned_data["seen_version"],
            author=request.user,
            now=timezone.now(),
        )
    except (InvalidChapter, StaleChapter) as refusal:
        form.add_error(None, str(refusal))
        return _edit(request, kind, title, form, status=refusal.status)
    return redirect("charter:charter")


def _edit(
    request: TenantRequest, kind: str, title: str, form: ChapterForm, status: int = 200
) -> HttpResponse:
    lead = TITLES[kind][1]
    context: dict[str, Any] = {"kind": kind, "title": title, "lead": lead, "form": form}
    return render(request, "charter/edit.html", context, status=status)


def _title(kind: str) -> str:
    if kind not in TITLES:
        raise Http404
    return TITLES[kind][0]
