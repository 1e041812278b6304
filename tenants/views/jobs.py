"""Settings, Background work: what runs, what waits, what failed."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from tenants.access import TenantRequest, needs
from tenants.actions.jobs import NotDead, retry_job
from tenants.models import Job
from tenants.roles import Can

SHOWN = 50
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
        "rows": [{"job": job, "tone": TONES[job.state]} for job in rows[:SHOWN]],
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
        messages.success(request, f"{job.kind} is queued again.")
    return redirect("tenants:jobs")


def _tabs(state: str) -> Any:
    yield {"label": "All", "url": "?", "current": state not in Job.State.values}
    for one in (Job.State.DEAD, Job.State.RUNNING, Job.State.WAITING, Job.State.DONE):
        yield {"label": one.label, "url": f"?state={one}", "current": state == one}
