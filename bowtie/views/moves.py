"""The dialogs that move an account along the bowtie, and take First Impact back."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import Account
from accounts.queries.reach import account_in_reach
from bowtie.actions.first_impact import revoke_first_impact
from bowtie.actions.moves import move
from bowtie.forms import MoveForm, RevokeForm
from bowtie.queries.facts import facts
from bowtie.rules.gates import lost, missing
from bowtie.rules.stages import Stage, is_backward, may_follow, next_stage, skipped
from tenants.access import TenantRequest, needs
from tenants.errors import Refused
from tenants.roles import Can, Reach


@needs(Can.MOVE_STAGE)
@require_http_methods(["GET", "POST"])
def move_account(request: TenantRequest, account_id: UUID) -> HttpResponse:
    """Move an account: what the gate asks, the evidence for it, or a lead's override."""
    account = account_in_reach(request.actor, Can.MOVE_STAGE, account_id)
    before = Stage(account.stage)
    wanted = request.POST.get("to_stage") or request.GET.get("to_stage", "")
    to_stage = Stage(wanted) if wanted in Stage.__members__.values() else _suggested(before)
    if to_stage is None:
        context = {"title": f"Move {account.name}", "account": account, "form": None}
        context |= {"before": before, "stages": _others(before, None)}
        return render(request, "bowtie/move.html", context)
    form = MoveForm(before, to_stage, is_lead(request), request.POST or None)
    if request.method == "GET":
        return _move(request, account, form, to_stage)
    if not form.is_valid():
        return _move(request, account, form, to_stage, status=422)
    try:
        move(
            account=account,
            to_stage=to_stage,
            actor=request.user,
            now=timezone.now(),
            seen_stage=Stage(form.cleaned_data["seen_stage"]),
            evidence=form.evidence(),
            reason=form.cleaned_data.get("reason", ""),
            override_reason=form.cleaned_data.get("override_reason", ""),
            is_lead=is_lead(request),
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        account.refresh_from_db()
        return _move(request, account, form, to_stage, status=refusal.status)
    return _to_account(request, account)


@needs(Can.MOVE_STAGE)
@require_http_methods(["GET", "POST"])
def revoke(request: TenantRequest, account_id: UUID) -> HttpResponse:
    """Take First Impact back as an error; a lead's."""
    account = account_in_reach(request.actor, Can.MOVE_STAGE, account_id)
    form = RevokeForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                revoke_first_impact(
                    account=account,
                    actor=request.user,
                    now=timezone.now(),
                    reason=form.cleaned_data["reason"],
                    is_lead=is_lead(request),
                )
                return _to_account(request, account)
            except Refused as refusal:
                form.add_error(None, str(refusal))
                status = refusal.status
    context = {"title": "Revoke First Impact", "account": account, "form": form}
    return render(request, "bowtie/revoke.html", context, status=status)


def is_lead(request: TenantRequest) -> bool:
    """Whether this person may open gates: whoever moves more than their own accounts."""
    return request.actor.reach(Can.MOVE_STAGE) in (Reach.TEAM, Reach.TENANT)


def _to_account(request: TenantRequest, account: Account) -> HttpResponse:
    if request.htmx:
        return HttpResponseClientRedirect(reverse("account", args=[account.pk]))
    return redirect("account", account.pk)


def _suggested(before: Stage) -> Stage | None:
    return Stage.COMMITTED if before is Stage.CHURNED else next_stage(before)


def _others(before: Stage, after: Stage | None) -> list[Stage]:
    return [each for each in Stage if each is not after and may_follow(before, each)]


def _move(
    request: TenantRequest, account: Account, form: MoveForm, to_stage: Stage, status: int = 200
) -> HttpResponse:
    before, known = Stage(account.stage), facts(account, timezone.now())
    is_back = is_backward(before, to_stage)
    context = {
        "title": f"Move {account.name}",
        "account": account,
        "form": form,
        "before": before,
        "after": to_stage,
        "gaps": lost(known) if is_back else missing(to_stage, known, {}),
        "lapsed": known.lapsed if is_back else "",
        "skipped": skipped(before, to_stage),
        "stages": _others(before, to_stage),
    }
    return render(request, "bowtie/move.html", context, status=status)
