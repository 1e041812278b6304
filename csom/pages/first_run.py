"""First run: three ways to begin in a new workspace."""

from typing import Any, NamedTuple

from django.contrib import messages
from django.db.models import Exists
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.models import Account, Contract
from csom.demo.sample import remove_sample
from pulse.models import UsageDay
from spiced.models import Note
from tenants.access import TenantRequest, needs
from tenants.jobs import KINDS, later
from tenants.models import Job, Membership, Tenant
from tenants.roles import Can

SAMPLE_DATA = "csom.sample_data"


class Step(NamedTuple):
    """One step on the way to a working workspace, and where it is taken."""

    label: str
    why: str
    view: str


STEPS = {
    "people": Step("Invite people", "Each in their role and team.", "tenants:people"),
    "accounts": Step("Bring in accounts", "From a file or over the API.", "accounts:imports"),
    "owners": Step("Give each account a CSM", "What nobody owns nobody does.", "health:accounts"),
    "contracts": Step("Bring in contracts", "ARR and renewals come from them.", "accounts:imports"),
    "usage": Step("Bring in usage", "What accounts do, day by day.", "accounts:imports"),
    "notes": Step("A first SPICED note", "Its CSM writes what an account told.", "health:accounts"),
}


def done_steps(tenant: Tenant) -> dict[str, bool]:
    """Which steps are taken, by key. One query."""
    living = Account.objects.filter(archived_at=None)
    mates = Membership.objects.filter(tenant=tenant, ended_at=None).exclude(role="admin")
    found = Tenant.objects.filter(pk=tenant.pk).values_list(
        Exists(mates),
        Exists(living),
        Exists(living.filter(owner=None)),
        Exists(Contract.objects.all()),
        Exists(UsageDay.objects.all()),
        Exists(Note.objects.all()),
    )
    people, accounts, ownerless, contracts, usage, notes = found.get()
    return {
        "people": people,
        "accounts": accounts,
        "owners": accounts and not ownerless,
        "contracts": contracts,
        "usage": usage,
        "notes": notes,
    }


@needs(Can.MANAGE_PEOPLE)
@require_GET
def first_run(request: TenantRequest) -> HttpResponse:
    """Sample data, a file of one's own, or colleagues first."""
    done = done_steps(request.tenant)
    shown: dict[str, Any] = {
        "steps": [
            {"label": step.label, "why": step.why, "url": _address(step.view), "is_done": done[key]}
            for key, step in STEPS.items()
        ],
        "taken": sum(done.values()),
        "title": f"Welcome to {request.tenant.name}",
        "has_sample": SAMPLE_DATA in KINDS,
        "is_loaded": request.tenant.has_sample_data,
        "is_loading": _is_loading(),
        "imports_url": _address("accounts:imports"),
    }
    return render(request, "tenants/first_run.html", shown)


def _is_loading() -> bool:
    under_way = (Job.State.WAITING, Job.State.RUNNING)
    return Job.objects.filter(kind=SAMPLE_DATA, state__in=under_way).exists()


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
