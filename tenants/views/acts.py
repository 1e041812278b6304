"""What people do over a page: a form in a dialog, or one click; refused in words, or told."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django_htmx.http import trigger_client_event

from tenants.access import TenantRequest
from tenants.errors import Refused

Act = Callable[..., object]


@dataclass(frozen=True)
class Home:
    """The page an act is done over. actor: who acts, as the act is told.

    url, back: where it leads without script, and the words of that link. events: what parts of
    the page hear once it is done; the first of them also where it was refused.
    """

    actor: Any
    url: str
    back: str
    events: tuple[str, ...]


def asked(
    request: TenantRequest,
    home: Home,
    form: Any,
    act: Act,
    told: dict[str, str],
    words: str,
    undo: str = "",
    *,
    wanted: Callable[[], dict[str, Any]] | None = None,
) -> HttpResponse:
    """A form in a dialog: shown, refused with what is wrong, or done.

    told: title, about, save, danger. words: of the toast; undo: the address that reverses it.
    wanted: what the act takes, where that is not the form's own `wanted`.
    """
    if request.method == "GET":
        return _dialog(request, form, told)
    if not form.is_valid():
        return _dialog(request, form, told, 422)
    try:
        act(actor=home.actor, now=timezone.now(), **(wanted or form.wanted)())
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _dialog(request, form, told, refusal.status)
    return said(request, home, words, undo)


def one_click(
    request: TenantRequest, home: Home, act: Act, words: str, undo: str = ""
) -> HttpResponse:
    """Something done with one click; a refusal is a toast, or a page without script."""
    try:
        act(actor=home.actor, now=timezone.now())
    except Refused as refusal:
        return not_done(request, home, refusal)
    return said(request, home, words, undo)


def said(request: TenantRequest, home: Home, words: str, undo: str = "") -> HttpResponse:
    """It was done: a toast, and the parts of the page fetch themselves."""
    if not request.htmx:
        return redirect(home.url)
    answer = HttpResponse(status=204)
    trigger_client_event(answer, "toast", {"text": words} | ({"undo": undo} if undo else {}))
    for event in (*home.events, "dialog:close"):
        trigger_client_event(answer, event, {})
    return answer


def not_done(request: TenantRequest, home: Home, refusal: Refused) -> HttpResponse:
    """It was refused: a toast with the words, or a page without script."""
    if not request.htmx:
        context = {"text": str(refusal), "url": home.url, "back": home.back}
        return render(request, "acts/refused.html", context, status=refusal.status)
    answer = HttpResponse(status=refusal.status)
    answer["HX-Reswap"] = "none"
    trigger_client_event(answer, "toast", {"text": str(refusal)})
    return trigger_client_event(answer, home.events[0], {})


def sent(request: TenantRequest) -> Any:
    """What a form was sent with; None where it is only shown."""
    return request.POST if request.method == "POST" else None


def seen(request: TenantRequest, name: str) -> int | None:
    """The number a form sent along, of what was read; None where it sent none."""
    text = request.POST.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _dialog(
    request: TenantRequest, form: forms.Form, told: dict[str, str], status: int = 200
) -> HttpResponse:
    context = told | {"form": form, "url": request.path}
    return render(request, "acts/dialog.html", context, status=status)
