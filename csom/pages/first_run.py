"""First run: three ways to begin in a new workspace."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from csom.demo.sample import remove_sample
from tenants.access import TenantRequest, needs
from tenants.jobs import KINDS, later
from tenants.models import Job
from tenants.roles import Can

SAMPLE_DATA = "csom.sample_data"


@needs(Can.MANAGE_PEOPLE)
@require_GET
def first_run(request: TenantRequest) -> HttpResponse:
    """Sample data, a file of one's own, or colleagues first."""
    shown = {
        "title": f"Welcome to {request.tenant.name}",
        "has_sample": SAMPLE_DATA in KINDS,
        "is_loaded": request.tenant.has_sample_data,
        "imports_url": _address("accounts:imports"),
    }
    return render(request, "tenants/first_run.html", shown)


@needs(Can.MANAGE_PEOPLE)
@require_POST
def load_sample(request: TenantRequest) -> HttpResponse:
    """Queue the sample data; asking twice loads it once, asking after a removal again."""
    if SAMPLE_DATA in KINDS and not request.tenant.has_sample_data:
        done = Job.objects.filter(kind=SAMPLE_DATA, state=Job.State.DONE).count()
        later(KINDS[SAMPLE_DATA], key=f"load {done + 1}", now=timezone.now())
        messages.success(request, "Sample data is on its way; it is there within a minute.")
    return redirect("home")


@needs(Can.MANAGE_PEOPLE)
@require_POST
def drop_sample(request: TenantRequest) -> HttpResponse:
    """Take the sample data out; asking twice takes it out once."""
    if request.tenant.has_sample_data:
        removed = remove_sample(tenant=request.tenant, author=request.user, now=timezone.now())
        messages.success(request, f"{removed} sample accounts are gone.")
    return redirect("home")


def _address(view: str) -> str:
    try:
        return reverse(view)
    except NoReverseMatch:
        return ""
