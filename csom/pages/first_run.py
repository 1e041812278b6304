"""First run: three ways to begin in a new workspace."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from tenants.access import TenantRequest, needs
from tenants.jobs import KINDS, later
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
    """Queue the sample data; asking twice loads it once."""
    if SAMPLE_DATA in KINDS:
        later(KINDS[SAMPLE_DATA], key="once", now=timezone.now())
        messages.success(request, "Sample data is on its way; it is there within a minute.")
    return redirect("home")


def _address(view: str) -> str:
    try:
        return reverse(view)
    except NoReverseMatch:
        return ""
