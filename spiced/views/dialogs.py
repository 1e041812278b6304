"""What is asked in a dialog over the impact of an account, and what is done with one click."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from accounts.models import Account
from tenants.access import TenantRequest
from tenants.views import acts
from tenants.views.acts import Act, Home


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
    home, undo = _home(request, account), told.get("undo", "")
    return acts.asked(request, home, form, act, told, told.get("done", ""), undo, wanted=wanted)


def done(request: TenantRequest, account: Account, act: Act, words: str) -> HttpResponse:
    """Something done with one click; a refusal is a toast, or a page without script."""
    return acts.one_click(request, _home(request, account), act, words)


def _home(request: TenantRequest, account: Account) -> Home:
    url = reverse("spiced:goals", args=[account.pk])
    return Home(request.actor, url, "Back to Impact", ("impact:changed", "note:changed"))
