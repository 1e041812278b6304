"""Every stage of one account with its evidence, what its record lacks, and what holds beside it."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from accounts.queries.reach import account_in_reach, in_reach
from bowtie.actions.overlays import end_overlay, set_overlay
from bowtie.forms import OverlayForm
from bowtie.queries.facts import facts
from bowtie.queries.history import gaps_of, stays_of
from bowtie.queries.overlays import overlays
from bowtie.rules.stages import Stage
from bowtie.views.moves import is_lead
from tenants.access import TenantRequest, needs
from tenants.errors import Refused
from tenants.roles import Can


@needs(Can.READ_ACCOUNTS)
@require_GET
def history(request: TenantRequest, account_id: UUID) -> HttpResponse:
    """The stays of an account, newest first."""
    account = account_in_reach(request.actor, Can.READ_ACCOUNTS, account_id)
    now = timezone.now()
    stays = stays_of(account)
    is_open = next((each for each in stays if each.is_now), None)
    may_move = in_reach(request.actor, Can.MOVE_STAGE).filter(pk=account.pk).exists()
    context: dict[str, Any] = {
        "account": account,
        "stage": Stage(account.stage),
        "stays": stays,
        "marks": overlays([account.pk], now).get(account.pk, []),
        "gaps": gaps_of(stays, account, facts(account, now)),
        "may_move": may_move,
        "may_revoke": may_move
        and is_lead(request)
        and is_open is not None
        and is_open.is_first_impact,
    }
    return render(request, "bowtie/history.html", context)


@needs(Can.MOVE_STAGE)
@require_http_methods(["GET", "POST"])
def mark(request: TenantRequest, account_id: UUID) -> HttpResponse:
    """Say that something holds of an account beside its stage."""
    account = account_in_reach(request.actor, Can.MOVE_STAGE, account_id)
    today = timezone.localdate()
    form = OverlayForm(request.POST or None, initial={"since": today})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            said = form.cleaned_data
            try:
                set_overlay(
                    account=account, actor=request.user, now=timezone.now(), today=today, **said
                )
                return _to_history(request, account_id)
            except Refused as refusal:
                form.add_error(None, str(refusal))
                status = refusal.status
    context = {"title": f"Mark {account.name}", "account": account, "form": form}
    return render(request, "bowtie/mark.html", context, status=status)


@needs(Can.MOVE_STAGE)
@require_POST
def unmark(request: TenantRequest, account_id: UUID, kind: str) -> HttpResponse:
    """Say that it no longer holds; twice is once."""
    account = account_in_reach(request.actor, Can.MOVE_STAGE, account_id)
    try:
        end_overlay(account=account, kind=kind, actor=request.user, now=timezone.now())
    except Refused as refusal:
        return HttpResponse(str(refusal), status=refusal.status, content_type="text/plain")
    return _to_history(request, account_id)


def _to_history(request: TenantRequest, account_id: UUID) -> HttpResponse:
    if request.htmx:
        return HttpResponseClientRedirect(reverse("bowtie:history", args=[account_id]))
    return redirect("bowtie:history", account_id)
