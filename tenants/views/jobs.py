"""Settings, Background work: what runs, what waits, what failed."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from tenants.access import TenantRequest, needs
from tenants.actions.jobs import NotDead, drop_job, retry_job
from tenants.formats import duration, number
from tenants.forms import DropJobForm
from tenants.jobs import LABELS, MOST_ATTEMPTS
from tenants.models import Job, TrailEntry
from tenants.queries.people import names
from tenants.roles import Can
from tenants.secrets import hidden
from tenants.timeline import told

SHOWN = 50
MINUTE = timedelta(minutes=1)
TONES = {"running": "info", "done": "good", "dead": "risk"}
ORDER = (Job.State.DEAD, Job.State.RUNNING, Job.State.WAITING, Job.State.DONE, Job.State.DROPPED)
COUNTED = ORDER[:3]  # what is open; what has ended only grows


@needs(Can.READ_AUDIT)
@require_GET
def jobs(request: TenantRequest) -> HttpResponse:
    """Jobs of one state, the newest first."""
    state = request.GET.get("state", "")
    rows = Job.objects.order_by("-id")
    if state in Job.State.values:
        rows = rows.filter(state=state)
    shown = {
        "title": "Background work",
        "tabs": list(_tabs(state, _counted())),
        "rows": [_told(job) for job in rows[:SHOWN]],
        "shown": SHOWN,
    }
    return render(request, "tenants/jobs.html", shown)


@needs(Can.READ_AUDIT)
@require_GET
def job(request: TenantRequest, job_id: UUID) -> HttpResponse:
    """A job with its error, what it was asked to do, and what was done to it."""
    found = get_object_or_404(Job, pk=job_id)
    shown = _told(found) | {
        "title": LABELS.get(found.kind, found.kind),
        "error": hidden(found.error),
        "parameters": hidden(found.arguments),
        "most": MOST_ATTEMPTS,
        "history": _history(request, found),
    }
    return render(request, "tenants/job.html", shown)


@needs(Can.READ_AUDIT)
@require_http_methods(["GET", "POST"])
def drop(request: TenantRequest, job_id: UUID) -> HttpResponse:
    """Let a dead job go undone, for a reason."""
    found = get_object_or_404(Job, pk=job_id)
    form = DropJobForm(request.POST if request.method == "POST" else None)
    label, status = LABELS.get(found.kind, found.kind), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                drop_job(job=found, author=request.user, now=timezone.now(), **form.cleaned_data)
            except NotDead as refusal:
                form.add_error(None, str(refusal))
                status = refusal.status
            else:
                messages.success(request, f"“{label}” is dropped.")
                url = reverse("tenants:jobs")
                return HttpResponseClientRedirect(url) if request.htmx else redirect(url)
    shown = {
        "title": f"Drop: {label}",
        "about": "It will not be tried again. The reason stands in the audit log.",
        "form": form,
        "url": reverse("tenants:drop_job", args=[found.pk]),
        "save": "Drop it",
    }
    return render(request, "tenants/drop_job.html", shown, status=status)


@needs(Can.READ_AUDIT)
@require_POST
def retry(request: TenantRequest, job_id: UUID) -> HttpResponse:
    """Try a dead job again."""
    job = get_object_or_404(Job, pk=job_id)
    try:
        retry_job(job=job, author=request.user, now=timezone.now())
    except NotDead as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"“{LABELS.get(job.kind, job.kind)}” is queued again.")
    return redirect("tenants:jobs")


def _told(job: Job) -> dict[str, Any]:
    """A job in words: what it is, what it did, how long it took from its first try."""
    return {
        "job": job,
        "label": LABELS.get(job.kind, job.kind),
        "tone": TONES.get(job.state, ""),
        "error": hidden(job.error),
        "did": ", ".join(_counts(job.statistics)),
        "took": _took(job),
    }


def _took(job: Job) -> str:
    if job.started_at is None or job.finished_at is None:
        return ""
    span = job.finished_at - job.started_at
    return duration(span) if span >= MINUTE else f"{span.seconds} s"


def _counts(found: dict[str, Any]) -> Iterator[str]:
    """The numbers a job kept: "12 accounts", or "accounts: new 3, changed 9" where they nest."""
    for name, value in found.items():
        words = name.replace("_", " ")
        if isinstance(value, dict):
            inner = ", ".join(_counts(value))
            if inner:
                yield f"{words}: {inner}"
        elif isinstance(value, int | float) and value:
            yield f"{number(value)} {words}"


def _counted() -> dict[str, int]:
    """How many jobs of each open state there are. One query, of open jobs alone."""
    rows = Job.objects.filter(state__in=COUNTED).values_list("state").annotate(n=Count("*"))
    return {str(state): 0 for state in COUNTED} | dict(rows)


def _history(request: TenantRequest, job: Job) -> list[dict[str, Any]]:
    """What people did to a job, the newest first."""
    found = list(TrailEntry.objects.filter(object_id=job.pk).order_by("-recorded_at", "-id"))
    people = names(request.tenant, {entry.actor_id for entry in found if entry.actor_id})
    lines = []
    for entry in found:
        who = people.get(entry.actor_id, "Somebody who left") if entry.actor_id else "CSOM"
        lines.append((entry, told(entry.verb, entry.facts, who)))
    return [
        {"icon": line.icon, "title": line.title, "text": line.text, "at": entry.at}
        for entry, line in lines
    ]


def _tabs(state: str, counts: dict[str, int]) -> Iterator[dict[str, Any]]:
    yield {"label": "All", "url": "?", "current": state not in Job.State.values}
    for one in ORDER:
        yield {
            "label": one.label,
            "url": f"?state={one}",
            "current": state == one,
            "count": counts.get(one),
        }
