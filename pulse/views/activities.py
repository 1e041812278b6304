"""Logging a contact with an account."""

from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from django_htmx.http import trigger_client_event

from accounts.models import Account, Contact
from accounts.queries.reach import account_in_reach
from pulse.actions.activities import log_activity
from pulse.forms import ActivityForm
from tenants.access import TenantRequest, needs
from tenants.errors import Refused
from tenants.roles import Can


@needs(Can.WRITE_PULSE)
@require_http_methods(["GET", "POST"])
def log(request: TenantRequest, account_id: UUID) -> HttpResponse:
    """Say what was talked about, with whom, and what came of it."""
    account = account_in_reach(request.actor, Can.WRITE_PULSE, account_id)
    zone, now = ZoneInfo(request.tenant.time_zone), timezone.now()
    today = now.astimezone(zone).date()
    people = Contact.objects.filter(account=account, archived_at=None).exclude(
        status=Contact.Status.DEPARTED
    )
    ordered = people.order_by("name_norm", "id")
    if request.method == "GET":
        return _log(request, account, ActivityForm(ordered, today, initial={"on": today}))
    form = ActivityForm(ordered, today, request.POST)
    if not form.is_valid():
        return _log(request, account, form, 422)
    entered = form.cleaned_data
    try:
        log_activity(
            account=account,
            actor=request.actor,
            now=now,
            kind=entered["kind"],
            purpose=entered["purpose"],
            outcome=entered["outcome"],
            notes=entered["notes"],
            at=form.moment(now, zone),
            is_two_way=entered["is_two_way"],
            initiator=entered["initiator"],
            minutes=entered["minutes"],
            contacts=form.chosen(),
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _log(request, account, form, refusal.status)
    if not request.htmx:
        return redirect(reverse("account", args=[account.pk]))
    answer = HttpResponse(status=204)
    trigger_client_event(answer, "toast", {"text": f"Logged for {account.name}"})
    trigger_client_event(answer, "activity:logged", {})
    return trigger_client_event(answer, "dialog:close", {})


def _log(
    request: TenantRequest, account: Account, form: ActivityForm, status: int = 200
) -> HttpResponse:
    context = {"title": f"Log a contact with {account.name}", "account": account, "form": form}
    return render(request, "pulse/log.html", context, status=status)
