"""Pages inside a tenant that belong to no single app."""

from django.http import HttpResponse
from django.shortcuts import redirect

from accounts.models import Account
from tenants.access import TenantRequest, needs
from tenants.roles import Can, Role

LANDING = {
    Role.CSM: "plays:today",
    Role.MANAGER: "health:at_risk",
    Role.REVOPS: "health:models",
    Role.ADMIN: "tenants:settings",
    Role.SALES: "journeys:handoffs",
    Role.EXECUTIVE: "bowtie:retention",
}


@needs(Can.BE_MEMBER)
def home(request: TenantRequest) -> HttpResponse:
    """The page each role starts from; an administrator without accounts begins at the beginning."""
    if request.actor.role is Role.ADMIN and not Account.objects.exists():
        return redirect("first_run")
    return redirect(LANDING[request.actor.role])
