"""The post-mortem of one churn, in a dialog."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import ChurnRecord
from accounts.queries.reach import account_in_reach
from plays.actions.postmortems import file_postmortem
from plays.forms.postmortem import PostmortemForm
from tenants.access import TenantRequest, needs
from tenants.errors import Refused
from tenants.roles import Can


@needs(Can.EDIT_ACCOUNTS)
@require_http_methods(["GET", "POST"])
def postmortem(request: TenantRequest, churn_record_id: UUID) -> HttpResponse:
    """Write it, or correct it."""
    record = get_object_or_404(ChurnRecord, pk=churn_record_id)
    account = account_in_reach(request.actor, Can.EDIT_ACCOUNTS, record.account_id)
    form = PostmortemForm.of(record, request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                file_postmortem(
                    record=record, actor=request.user, now=timezone.now(), **form.cleaned_data
                )
                address = reverse("account_contract", args=[account.pk])
                return HttpResponseClientRedirect(address) if request.htmx else redirect(address)
            except Refused as refusal:
                form.add_error("signal_on", str(refusal))
    context = {
        "title": f"Post-mortem of {account.name}",
        "account": account,
        "record": record,
        "form": form,
    }
    return render(request, "plays/postmortem.html", context, status=status)
