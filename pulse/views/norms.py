"""The weekly habit that is agreed with an account."""

from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Account, Contact
from accounts.queries.reach import account_in_reach
from pulse.actions.norms import agree_norm, drop_norm
from pulse.forms import NormForm
from pulse.queries.norms import norm_of
from tenants.access import TenantRequest, needs
from tenants.roles import Can
from tenants.views.acts import Home, asked, one_click, sent


@needs(Can.WRITE_PULSE)
@require_http_methods(["GET", "POST"])
def norm(request: TenantRequest, account_id: UUID) -> HttpResponse:
    """Say how much use a week is a habit, who of theirs agreed to it, and when."""
    account = account_in_reach(request.actor, Can.WRITE_PULSE, account_id)
    today = timezone.localdate(timezone=ZoneInfo(request.tenant.time_zone))
    people = Contact.objects.filter(account=account, archived_at=None).exclude(
        status=Contact.Status.DEPARTED
    )
    before = norm_of(account.pk, today)
    form = NormForm(people.order_by("name_norm", "id"), before, today, sent(request))
    told = {
        "title": "Agree on a weekly habit",
        "about": "Weeks of habit are counted by it; without one, by a quarter of the seats.",
        "save": "Save",
    }
    act = partial(agree_norm, account=account)
    return asked(request, _home(request, account), form, act, told, "Weekly habit noted")


@needs(Can.WRITE_PULSE)
@require_POST
def drop(request: TenantRequest, account_id: UUID) -> HttpResponse:
    """Say that no weekly habit is agreed any more."""
    account = account_in_reach(request.actor, Can.WRITE_PULSE, account_id)
    act = partial(drop_norm, account=account)
    return one_click(request, _home(request, account), act, "No weekly habit is agreed any more")


def _home(request: TenantRequest, account: Account) -> Home:
    return Home(
        actor=request.user,
        url=reverse("account_usage", args=[account.pk]),
        back=f"The use of {account.name}",
        events=("norm:changed",),
    )
