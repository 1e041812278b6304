"""The dialog that moves an account along the bowtie."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import Account
from accounts.queries.reach import account_in_reach
from bowtie.actions.moves import GateClosed, NoSuchMove, OverrideNeeded, move
from bowtie.forms import MoveForm
from bowtie.queries.facts import facts
from bowtie.rules.stages import Stage, missing, next_stage
from tenants.access import TenantRequest, needs
from tenants.roles import Can, Reach


@needs(Can.MOVE_STAGE)
@require_http_methods(["GET", "POST"])
def move_account(request: TenantRequest, account_id: UUID) -> HttpResponse:
    """Move an account: what the gate asks, the evidence for it, or a lead's override."""
    account = account_in_reach(request.actor, Can.MOVE_STAGE, account_id)
    may_override = request.actor.reach(Can.MOVE_STAGE) is not Reach.OWN
    wanted = request.POST.get("to_stage") or request.GET.get("to_stage", "")
    to_stage = Stage(wanted) if wanted in Stage.__members__.values() else _suggested(account)
    if to_stage is None:
        context = {"title": f"Move {account.name}", "account": account, "form": None}
        return render(request, "bowtie/move.html", context)
    if request.method == "GET":
        return _move(request, account, MoveForm(to_stage, may_override), to_stage)
    form = MoveForm(to_stage, may_override, request.POST)
    if not form.is_valid():
        return _move(request, account, form, to_stage, status=422)
    try:
        move(
            account=account,
            to_stage=to_stage,
            actor=request.user,
            now=timezone.now(),
            evidence=form.evidence(),
            override_reason=form.cleaned_data.get("override_reason", ""),
        )
    except (NoSuchMove, GateClosed, OverrideNeeded) as refusal:
        form.add_error(None, str(refusal))
        return _move(request, account, form, to_stage, status=409)
    if request.htmx:
        return HttpResponseClientRedirect(reverse("account", args=[account.pk]))
    return redirect("account", account.pk)


def _suggested(account: Account) -> Stage | None:
    before = Stage(account.stage)
    return Stage.COMMITTED if before is Stage.CHURNED else next_stage(before)


def _move(
    request: TenantRequest, account: Account, form: MoveForm, to_stage: Stage, status: int = 200
) -> HttpResponse:
    today = timezone.now().date()
    context = {
        "title": f"Move {account.name}",
        "account": account,
        "form": form,
        "before": Stage(account.stage),
        "after": to_stage,
        "gaps": missing(to_stage, facts(account, today), {}),
        "stages": [each for each in Stage if each != account.stage],
    }
    return render(request, "bowtie/move.html", context, status=status)
