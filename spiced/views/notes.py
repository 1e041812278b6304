"""Reading, writing and confirming a SPICED note, one step at a time."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import trigger_client_event

from accounts.models import Account
from accounts.queries.reach import account_in_reach
from spiced.actions.confirming import confirm_element
from spiced.actions.notes import save_note
from spiced.actions.refusals import StaleNote
from spiced.forms.choices import Choice
from spiced.forms.elements import ConfirmForm, ElementForm, differing
from spiced.models import Element
from spiced.queries.notes import contacts, current_note, people_of, version_of
from spiced.rules.elements import LETTERS, PARTS
from spiced.rules.touchpoints import likely
from spiced.rules.values import WrongValue
from spiced.views.conflicts import conflict
from spiced.views.editor import editor, goals_for, number_of, place_of, today_of, touchpoint_of
from tenants.access import TenantRequest, needs
from tenants.errors import Refused
from tenants.roles import Can, Role


@needs(Can.READ_SPICED)
@require_GET
def note(request: TenantRequest, account_id: UUID) -> HttpResponse:
    """The note of an account with one step open; for htmx the editor alone, or the question."""
    account = account_in_reach(request.actor, Can.READ_SPICED, account_id)
    is_turned = bool(request.GET.get("step")) and bool(request.htmx)
    context = editor(
        request,
        account,
        letter=request.GET.get("step") or request.GET.get("open", ""),
        place=place_of(request) if request.htmx else "page",
        is_focused=is_turned and request.GET.get("part") != "ask",
    )
    if not request.htmx:
        return render(request, "spiced/note.html", context)
    part = "question" if request.GET.get("part") == "ask" else "editor"
    return render(request, f"spiced/note.html#{part}", context)


@needs(Can.READ_SPICED)
@require_GET
def drawer(request: TenantRequest, account_id: UUID) -> HttpResponse:
    """The note in the drawer, for writing during a call."""
    account = account_in_reach(request.actor, Can.READ_SPICED, account_id)
    context = editor(
        request, account, letter=request.GET.get("step", ""), place="drawer", is_focused=True
    )
    return render(request, "spiced/drawer.html", context | {"title": account.name})


@needs(Can.EDIT_SPICED)
@require_POST
def save(request: TenantRequest, account_id: UUID, letter: str) -> HttpResponse:
    """Save one step; while typing as a draft, which answers with what changed around the form."""
    account = account_in_reach(request.actor, Can.EDIT_SPICED, account_id)
    if letter not in LETTERS:
        raise Http404
    place, is_draft = place_of(request), bool(request.POST.get("draft"))
    people, currency = list(people_of(account)), request.tenant.currency
    form = ElementForm(letter, people, currency, request.POST, auto_id=f"id_{place}_%s")
    seen_version = number_of(request.POST.get("version", ""))
    if not form.is_valid() or seen_version is None:
        return _not_saved(request, account, letter, place, form, is_draft, 422)
    given = form.given()
    base = version_of(account, seen_version)
    if base is not None:
        given = differing(given, base.get(letter) or Element(letter=letter))
    try:
        save_note(
            account=account,
            actor=request.actor,
            now=timezone.now(),
            seen_version=seen_version,
            given={letter: given},
            touchpoint=form.cleaned_data["touchpoint"] or likely(account.stage),
            is_draft=is_draft,
        )
    except StaleNote:
        return conflict(request, account, letter, place, seen_version, given)
    except WrongValue as wrong:
        form.add_error(wrong.key.partition(".")[0], str(wrong))
        return _not_saved(request, account, letter, place, form, is_draft, 422)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _not_saved(request, account, letter, place, form, is_draft, refusal.status)
    if is_draft:
        return _told(_kept(request, account, letter, place), place)
    following = request.POST.get("next", "")
    letter = following if following in LETTERS else letter
    if not request.htmx:
        return redirect(
            f"{reverse('spiced:note', args=[account.pk])}?{urlencode({'step': letter})}"
        )
    answer = _editor(request, account, letter, place, is_focused=True)
    trigger_client_event(answer, "toast", {"text": f"SPICED note of {account.name} saved"})
    return _told(answer, place)


@needs(Can.EDIT_SPICED)
@require_POST
def resolve(request: TenantRequest, account_id: UUID, letter: str) -> HttpResponse:
    """Save what was chosen, field by field, from one's own text and a colleague's.

    Where somebody changed a field once more meanwhile, the choice is asked again.
    """
    account = account_in_reach(request.actor, Can.EDIT_SPICED, account_id)
    version, base = (number_of(request.POST.get(name, "")) for name in ("version", "base"))
    if letter not in LETTERS or version is None or base is None or current_note(account) is None:
        raise Http404
    place = place_of(request)
    choice = Choice(letter, list(people_of(account)), request.tenant.currency, request.POST)
    if choice.errors:
        return conflict(request, account, letter, place, base, choice.written, choice)
    try:
        save_note(
            account=account,
            actor=request.actor,
            now=timezone.now(),
            seen_version=version,
            given={letter: choice.given},
            written={letter: choice.written},
            touchpoint=touchpoint_of(request, account, None),
        )
    except Refused as refusal:
        if not isinstance(refusal, StaleNote):
            choice.errors.append(str(refusal))
        return conflict(request, account, letter, place, base, choice.written, choice)
    if not request.htmx:
        return redirect(
            f"{reverse('spiced:note', args=[account.pk])}?{urlencode({'step': letter})}"
        )
    answer = _editor(request, account, letter, place, is_focused=True)
    told = "SPICED note saved; what you set aside is in its versions"
    trigger_client_event(answer, "toast", {"text": told})
    return _told(answer, place)


@needs(Can.EDIT_SPICED)
@require_POST
def confirm(request: TenantRequest, account_id: UUID, letter: str) -> HttpResponse:
    """Record who at the account said that a step is right. Out of order it is refused."""
    account = account_in_reach(request.actor, Can.EDIT_SPICED, account_id)
    if letter not in LETTERS:
        raise Http404
    place, people = place_of(request), list(contacts(account))
    may_override = request.actor.role is Role.MANAGER
    form = ConfirmForm(
        people,
        today_of(request),
        may_override,
        goals_for(account, letter),
        request.POST,
        auto_id=f"id_{place}_confirm_%s",
    )
    if not form.is_valid():
        return _editor(request, account, letter, place, confirm=form, status=422)
    try:
        confirm_element(
            account=account,
            actor=request.actor,
            now=timezone.now(),
            letter=letter,
            heard_from=form.confirmed_by(),
            heard_on=form.cleaned_data["heard_on"],
            seen_version=number_of(request.POST.get("version", "")),
            is_leveraged=form.cleaned_data["is_leveraged"],
            override_reason=form.cleaned_data.get("override_reason", ""),
            goal=form.cited(),
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _editor(request, account, letter, place, confirm=form, status=409)
    if not request.htmx:
        return redirect(
            f"{reverse('spiced:note', args=[account.pk])}?{urlencode({'step': letter})}"
        )
    answer = _editor(request, account, letter, place)
    trigger_client_event(answer, "toast", {"text": f"{PARTS[letter].name} confirmed"})
    return _told(answer, place)


def _editor(
    request: TenantRequest,
    account: Account,
    letter: str,
    place: str,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    context = editor(request, account, letter=letter, place=place, **more)
    template = "spiced/note.html#editor" if request.htmx else "spiced/note.html"
    return render(request, template, context, status=status)


def _kept(request: TenantRequest, account: Account, letter: str, place: str) -> HttpResponse:
    """Everything around the form, out of band; the form itself stays as it is being typed."""
    context = editor(request, account, letter=letter, place=place)
    return render(request, "spiced/note.html#around", context | {"is_aside": True})


def _not_saved(
    request: TenantRequest,
    account: Account,
    letter: str,
    place: str,
    form: ElementForm,
    is_draft: bool,
    status: int,
) -> HttpResponse:
    if is_draft:
        context = {"form": form, "place": place, "is_aside": True}
        return render(request, "spiced/note.html#faults", context, status=status)
    version = number_of(request.POST.get("version", ""))
    return _editor(request, account, letter, place, status, form=form, version=version)


def _told(answer: HttpResponse, place: str) -> HttpResponse:
    """Health listens for a saved note; the page below the drawer for what was written in it."""
    trigger_client_event(answer, "spiced:saved", {})
    return trigger_client_event(answer, "note:changed", {}) if place == "drawer" else answer
