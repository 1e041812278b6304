"""Settings, Background work: what runs, what waits, what failed."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from tenants.access import TenantRequest, needs
from tenants.actions.jobs import NotDead, retry_job
from tenants.formats import duration, number
from tenants.jobs import LABELS
from tenants.models import Job
from tenants.roles import Can

SHOWN = 50
MINUTE = timedelta(minutes=1)
TONES = {"waiting": "", "running": "info", "done": "good", "dead": "risk"}


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
        "tabs": list(_tabs(state)),
        "rows": [_told(job) for job in rows[:SHOWN]],
        "shown": SHOWN,
    }
    return render(request, "tenants/jobs.html", shown)


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
        "tone": TONES[job.state],
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


def _tabs(state: str) -> Any:
    yield {"label": "All", "url": "?", "current": state not in Job.State.values}
    for one in (Job.State.DEAD, Job.State.RUNNING, Job.State.WAITING, Job.State.DONE):
        yield {"label": one.label, "url": f"?state={one}", "current": state == one}
