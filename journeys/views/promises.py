"""What becomes of a promise to an account, and handoffs that begin by hand."""

from functools import partial
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from accounts.models import Account
from accounts.queries.reach import account_in_reach
from journeys.actions.commitments import close_promise, hear_promise, reopen_promise
from journeys.actions.within_cs import hand_over_to_new_csm
from journeys.forms.plans import HeardForm, LeaveForm
from journeys.models import Commitment
from journeys.queries.changed_hands import change_of
from tenants.access import TenantRequest, needs
from tenants.errors import Refused
from tenants.roles import Can


@needs(Can.HAND_OVER)
@require_POST
def keep(request: TenantRequest, commitment_id: UUID) -> HttpResponse:
    """Note a promise as kept."""
    promise = _promise_of(request, commitment_id)
    act = partial(close_promise, promise=promise, is_kept=True)
    return _one_click(request, promise.account, act, "Noted as kept")


@needs(Can.HAND_OVER)
@require_POST
def reopen(request: TenantRequest, commitment_id: UUID) -> HttpResponse:
    """Open a promise again."""
    promise = _promise_of(request, commitment_id)
    return _one_click(request, promise.account, partial(reopen_promise, promise=promise), "Open")


@needs(Can.HAND_OVER)
@require_POST
def validate(request: TenantRequest, commitment_id: UUID) -> HttpResponse:
    """Note that the account knows a promise as it was made."""
    promise = _promise_of(request, commitment_id)
    act = partial(hear_promise, promise=promise)
    return _one_click(request, promise.account, act, "As promised")


@needs(Can.HAND_OVER)
@require_http_methods(["GET", "POST"])
def otherwise(request: TenantRequest, commitment_id: UUID) -> HttpResponse:
    """Note what the account expects where it is other than promised."""
    promise = _promise_of(request, commitment_id)
    form = HeardForm(request.POST or None, initial={"heard": promise.heard})
    told = {"title": "They expect something else", "save": "Save", "about": promise.text}
    return _dialog(request, promise.account, form, told, partial(hear_promise, promise=promise))


@needs(Can.HAND_OVER)
@require_http_methods(["GET", "POST"])
def withdraw(request: TenantRequest, commitment_id: UUID) -> HttpResponse:
    """Withdraw a promise, with a reason."""
    promise = _promise_of(request, commitment_id)
    form = LeaveForm(request.POST or None)
    told = {"title": "Withdraw the promise", "save": "Withdraw", "about": promise.text}
    act = partial(close_promise, promise=promise, is_kept=False)
    return _dialog(request, promise.account, form, told, act)


@needs(Can.HAND_OVER)
@require_POST
def begin(request: TenantRequest, account_id: UUID) -> HttpResponse:
    """Begin the handoff of an account that got another CSM."""
    account = account_in_reach(request.actor, Can.READ_ACCOUNTS, account_id)
    change = change_of(account, timezone.now())
    if change is None or change.giver_id != request.actor.user_id:
        account = account_in_reach(request.actor, Can.HAND_OVER, account_id)
    try:
        made = hand_over_to_new_csm(account=account, actor=request.user, now=timezone.now())
    except Refused as refusal:
        return _not_done(request, account, refusal)
    address = redirect("journeys:handoff", made.pk)
    return HttpResponseClientRedirect(address["Location"]) if request.htmx else address


def _promise_of(request: TenantRequest, commitment_id: UUID) -> Commitment:
    found = get_object_or_404(Commitment.objects.select_related("account"), pk=commitment_id)
    account_in_reach(request.actor, Can.HAND_OVER, found.account_id)
    return found


def _dialog(
    request: TenantRequest,
    account: Account,
    form: LeaveForm | HeardForm,
    told: dict[str, str],
    act: partial[Commitment],
) -> HttpResponse:
    """Ask, then do; what is refused stands in the form as it was sent."""
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                act(actor=request.user, now=timezone.now(), **form.wanted())
                return _said(request, account, "Saved")
            except Refused as refusal:
                form.add_error(None, str(refusal))
                status = refusal.status
    context = told | {"url": request.path, "form": form}
    return render(request, "journeys/dialog.html", context, status=status)


def _one_click(
    request: TenantRequest, account: Account, act: partial[Commitment], words: str
) -> HttpResponse:
    try:
        act(actor=request.user, now=timezone.now())
    except Refused as refusal:
        return _not_done(request, account, refusal)
    return _said(request, account, words)


def _not_done(request: TenantRequest, account: Account, refusal: Refused) -> HttpResponse:
    if not request.htmx:
        context = {"title": "Not done", "text": str(refusal), "account": account}
        return render(request, "journeys/joint_refused.html", context, status=refusal.status)
    answer = HttpResponse(status=refusal.status)
    answer["HX-Reswap"] = "none"
    trigger_client_event(answer, "toast", {"text": str(refusal)})
    return trigger_client_event(answer, "promises:changed", {})


def _said(request: TenantRequest, account: Account, words: str) -> HttpResponse:
    if not request.htmx:
        return redirect("account_plan", account.pk)
    answer = HttpResponse(status=204)
    trigger_client_event(answer, "toast", {"text": words})
    for event in ("promises:changed", "dialog:close"):
        trigger_client_event(answer, event, {})
    return answer
