"""What is asked in a dialog over the impact of an account, and what is done with one click."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django_htmx.http import trigger_client_event

from accounts.models import Account
from tenants.access import TenantRequest
from tenants.errors import Refused

Act = Callable[..., object]


def asked(
    request: TenantRequest,
    account: Account,
    form: Any,
    act: Act,
    told: dict[str, str],
    wanted: Callable[[], dict[str, Any]] | None = None,
) -> HttpResponse:
    """A form in a dialog: shown, refused with what is wrong, or done.

    told: title, about, save, danger; done: what the toast says; undo: the address that reverses it.
    wanted: what the act takes, where that is not the form's own `wanted`.
    """
    if request.method == "GET":
        return _dialog(request, form, told)
    if not form.is_valid():
        return _dialog(request, form, told, 422)
    try:
        act(actor=request.actor, now=timezone.now(), **(wanted or form.wanted)())
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _dialog(request, form, told, refusal.status)
    return _said(request, account, told["done"], told.get("undo", ""))


def done(request: TenantRequest, account: Account, act: Act, words: str) -> HttpResponse:
    """Something done with one click; a refusal is a toast, or a page without script."""
    try:
        act(actor=request.actor, now=timezone.now())
    except Refused as refusal:
        if not request.htmx:
            context = {"title": "Not done", "text": str(refusal), "account": account}
            return render(request, "spiced/refused.html", context, status=refusal.status)
        answer = HttpResponse(status=refusal.status)
        answer["HX-Reswap"] = "none"
        trigger_client_event(answer, "toast", {"text": str(refusal)})
        return trigger_client_event(answer, "impact:changed", {})
    return _said(request, account, words)


def _said(request: TenantRequest, account: Account, words: str, undo: str = "") -> HttpResponse:
    if not request.htmx:
        return redirect(reverse("spiced:goals", args=[account.pk]))
    answer = HttpResponse(status=204)
    trigger_client_event(answer, "toast", {"text": words} | ({"undo": undo} if undo else {}))
    trigger_client_event(answer, "impact:changed", {})
    trigger_client_event(answer, "note:changed", {})
    return trigger_client_event(answer, "dialog:close", {})


def _dialog(
    request: TenantRequest, form: forms.Form, told: dict[str, str], status: int = 200
) -> HttpResponse:
    context = told | {"form": form, "url": request.path}
    return render(request, "spiced/dialog.html", context, status=status)
