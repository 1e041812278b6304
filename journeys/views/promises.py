"""What becomes of a promise to an account, and handoffs that begin by hand."""

from functools import partial
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

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
from tenants.views.acts import Home, asked, not_done, one_click, sent


@needs(Can.HAND_OVER)
@require_POST
def keep(request: TenantRequest, commitment_id: UUID) -> HttpResponse:
    """Note a promise as kept."""
    promise = _promise_of(request, commitment_id)
    act = partial(close_promise, promise=promise, is_kept=True)
    return one_click(request, _home(request, promise.account), act, "Noted as kept")


@needs(Can.HAND_OVER)
@require_POST
def reopen(request: TenantRequest, commitment_id: UUID) -> HttpResponse:
    """Open a promise again."""
    promise = _promise_of(request, commitment_id)
    return one_click(
        request, _home(request, promise.account), partial(reopen_promise, promise=promise), "Open"
    )


@needs(Can.HAND_OVER)
@require_POST
def validate(request: TenantRequest, commitment_id: UUID) -> HttpResponse:
    """Note that the account knows a promise as it was made."""
    promise = _promise_of(request, commitment_id)
    act = partial(hear_promise, promise=promise)
    return one_click(request, _home(request, promise.account), act, "As promised")


@needs(Can.HAND_OVER)
@require_http_methods(["GET", "POST"])
def otherwise(request: TenantRequest, commitment_id: UUID) -> HttpResponse:
    """Note what the account expects where it is other than promised."""
    promise = _promise_of(request, commitment_id)
    form = HeardForm(sent(request), initial={"heard": promise.heard})
    told = {"title": "They expect something else", "save": "Save", "about": promise.text}
    act = partial(hear_promise, promise=promise)
    return asked(request, _home(request, promise.account), form, act, told, "Saved")


@needs(Can.HAND_OVER)
@require_http_methods(["GET", "POST"])
def withdraw(request: TenantRequest, commitment_id: UUID) -> HttpResponse:
    """Withdraw a promise, with a reason."""
    promise = _promise_of(request, commitment_id)
    told = {"title": "Withdraw the promise", "about": promise.text, "save": "Withdraw"}
    act = partial(close_promise, promise=promise, is_kept=False)
    home = _home(request, promise.account)
    return asked(request, home, LeaveForm(sent(request)), act, told, "Withdrawn")


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
        return not_done(request, _home(request, account), refusal)
    address = redirect("journeys:handoff", made.pk)
    return HttpResponseClientRedirect(address["Location"]) if request.htmx else address


def _promise_of(request: TenantRequest, commitment_id: UUID) -> Commitment:
    found = get_object_or_404(Commitment.objects.select_related("account"), pk=commitment_id)
    account_in_reach(request.actor, Can.HAND_OVER, found.account_id)
    return found


def _home(request: TenantRequest, account: Account) -> Home:
    url = reverse("account_plan", args=[account.pk])
    return Home(request.user, url, "Back to the plan", ("promises:changed",))
