"""What the receiver does with a handoff: accept, return, waive, rate, note the first steps."""

from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from bowtie.actions.moves import GateClosed
from journeys.actions.after import BadRating, StepOutOfTurn, finish_step, rate_handoff
from journeys.actions.handoff_answers import (
    ItemsMissing,
    NoGapNamed,
    NothingToWaive,
    accept_handoff,
    return_handoff,
    waive_item,
)
from journeys.actions.handoff_holding import HandoffMoved, StaleHandoff
from journeys.forms.handoffs import RatingForm, ReturnForm, WaiverForm
from journeys.models import Handoff
from journeys.queries.handoffs import cases, kind_of
from journeys.views.sides import handoff_of, of_ones_side
from tenants.access import TenantRequest, needs
from tenants.errors import Refused
from tenants.roles import Can, Reach
from tenants.views.acts import seen


@needs(Can.ACCEPT_HANDOFF)
@require_http_methods(["GET", "POST"])
@of_ones_side
def accept(request: TenantRequest, handoff_id: UUID) -> HttpResponse:
    """Accept: from Sales the account moves to onboarding; the next clocks start."""
    found = handoff_of(request, Can.ACCEPT_HANDOFF, handoff_id)
    form = forms.Form(request.POST or None)
    if request.method == "GET":
        return _dialog(request, "accept", found, form)
    try:
        accept_handoff(handoff=found, **_by(request))
    except (HandoffMoved, StaleHandoff, ItemsMissing, GateClosed) as refusal:
        return _refused(request, "accept", found, forms.Form({}), refusal)
    return _done(request, found)


@needs(Can.ACCEPT_HANDOFF)
@require_http_methods(["GET", "POST"])
@of_ones_side
def send_back(request: TenantRequest, handoff_id: UUID) -> HttpResponse:
    """Return with the gaps named."""
    found = handoff_of(request, Can.ACCEPT_HANDOFF, handoff_id)
    if request.method == "GET":
        (case,) = cases([found], timezone.now())
        gaps = case.judgement.lacks(())
        return _dialog(request, "return", found, ReturnForm(kind_of(found), initial={"gaps": gaps}))
    form = ReturnForm(kind_of(found), request.POST)
    if not form.is_valid():
        return _dialog(request, "return", found, form, status=422)
    try:
        return_handoff(handoff=found, **_by(request), **form.cleaned_data)
    except (HandoffMoved, StaleHandoff, NoGapNamed) as refusal:
        return _refused(request, "return", found, form, refusal)
    return _done(request, found)


@needs(Can.ACCEPT_HANDOFF)
@require_http_methods(["GET", "POST"])
@of_ones_side
def waive(request: TenantRequest, handoff_id: UUID) -> HttpResponse:
    """A manager lets one missing item pass for a time."""
    found = handoff_of(request, Can.ACCEPT_HANDOFF, handoff_id)
    if request.actor.reach(Can.ACCEPT_HANDOFF) is Reach.OWN:
        raise PermissionDenied("A waiver is a manager's word.")
    if request.method == "GET":
        return _dialog(request, "waive", found, WaiverForm())
    form = WaiverForm(request.POST)
    if not form.is_valid():
        return _dialog(request, "waive", found, form, status=422)
    try:
        waive_item(handoff=found, **_by(request), **form.cleaned_data)
    except (HandoffMoved, StaleHandoff, NothingToWaive) as refusal:
        return _refused(request, "waive", found, form, refusal)
    return _done(request, found)


@needs(Can.ACCEPT_HANDOFF)
@require_http_methods(["GET", "POST"])
@of_ones_side
def rate(request: TenantRequest, handoff_id: UUID) -> HttpResponse:
    """The receiver says how good the handoff was."""
    found = handoff_of(request, Can.ACCEPT_HANDOFF, handoff_id)
    if request.method == "GET":
        return _dialog(request, "rate", found, RatingForm(initial=found.ratings))
    form = RatingForm(request.POST)
    if not form.is_valid():
        return _dialog(request, "rate", found, form, status=422)
    try:
        rate_handoff(
            handoff=found, actor=request.user, now=timezone.now(), ratings=form.cleaned_data
        )
    except (HandoffMoved, BadRating) as refusal:
        return _refused(request, "rate", found, form, refusal)
    return _done(request, found)


@needs(Can.ACCEPT_HANDOFF)
@require_POST
@of_ones_side
def step(request: TenantRequest, handoff_id: UUID, key: str) -> HttpResponse:
    """Note that a promised step was done."""
    found = handoff_of(request, Can.ACCEPT_HANDOFF, handoff_id)
    if key not in kind_of(found).after:
        raise Http404
    try:
        finish_step(handoff=found, actor=request.user, now=timezone.now(), step=key)
    except (HandoffMoved, StepOutOfTurn) as refusal:
        return _refused(request, "step", found, forms.Form({}), refusal)
    return redirect("journeys:handoff", found.pk)


def _by(request: TenantRequest) -> dict[str, Any]:
    """Who answers, when, and which version they had read."""
    return {"actor": request.user, "now": timezone.now(), "seen_version": seen(request, "version")}


TITLES = {
    "accept": ("Accept the handoff of", "Accept"),
    "return": ("Return the handoff of", "Return"),
    "waive": ("Waive one item for", "Waive"),
    "rate": ("Rate the handoff of", "Save rating"),
    "step": ("Handoff of", ""),
}


def _dialog(
    request: TenantRequest, what: str, found: Handoff, form: forms.Form, status: int = 200
) -> HttpResponse:
    (case,) = cases([found], timezone.now())
    before, save = TITLES[what]
    context: dict[str, Any] = {
        "title": f"{before} {found.account.name}",
        "what": what,
        "url": reverse(f"journeys:{what}", args=[found.pk]) if save else "",
        "save": save,
        "handoff": found,
        "form": form,
        "lacks": case.lacks,
        "missing": case.judgement.lacks(()),
        "kind": kind_of(found),
        "next_step": kind_of(found).steps[kind_of(found).after[0]].label.lower(),
        "level": case.judgement.level,
    }
    return render(request, "journeys/answer.html", context, status=status)


def _refused(
    request: TenantRequest, what: str, found: Handoff, form: forms.Form, refusal: Refused
) -> HttpResponse:
    form.full_clean()
    form.add_error(None, str(refusal))
    return _dialog(request, what, found, form, status=refusal.status)


def _done(request: TenantRequest, found: Handoff) -> HttpResponse:
    address = reverse("journeys:handoff", args=[found.pk])
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)
