"""Adding and changing the people of an account, in dialogs over its page."""

from collections.abc import Callable
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from django_htmx.http import trigger_client_event

from accounts.actions.contacts import mark_departed, save_contact
from accounts.forms.contacts import ContactForm, DepartureForm
from accounts.models import Account, Contact
from accounts.queries.reach import account_in_reach, in_reach
from tenants.access import TenantRequest, needs
from tenants.errors import Refused
from tenants.roles import Can


@needs(Can.EDIT_ACCOUNTS)
@require_http_methods(["GET", "POST"])
def add(request: TenantRequest, account_id: UUID) -> HttpResponse:
    """Add a person to an account."""
    account = account_in_reach(request.actor, Can.EDIT_ACCOUNTS, account_id)
    told = {"title": f"New contact at {account.name}", "save": "Add", "done": "Contact added"}
    form = ContactForm(request.POST or None)
    return _asked(request, account, form, told, lambda **g: save_contact(account=account, **g))


@needs(Can.EDIT_ACCOUNTS)
@require_http_methods(["GET", "POST"])
def edit(request: TenantRequest, contact_id: UUID) -> HttpResponse:
    """Change what is known of a person."""
    contact = _contact(request, contact_id)
    names = ("name", "title", "email", "roles", "stance", "influence", "version")
    held = {name: getattr(contact, name) for name in names}
    told = {"title": contact.name, "save": "Save", "done": f"{contact.name} saved"}
    form = ContactForm(request.POST or None, initial=held)
    return _asked(
        request,
        contact.account,
        form,
        told,
        lambda **g: save_contact(account=contact.account, contact=contact, **g),
    )


@needs(Can.EDIT_ACCOUNTS)
@require_http_methods(["GET", "POST"])
def left(request: TenantRequest, contact_id: UUID) -> HttpResponse:
    """Note that a person left, which makes what rests on them out of date."""
    contact = _contact(request, contact_id)
    today = timezone.now().astimezone(ZoneInfo(request.tenant.time_zone)).date()
    about = "What the SPICED note has from a sponsor who left counts as out of date."
    told = {"title": f"{contact.name} left", "save": "Mark as departed", "about": about}
    form = DepartureForm(today, request.POST or None)
    return _asked(
        request,
        contact.account,
        form,
        told | {"done": f"{contact.name} marked as departed"},
        lambda **g: mark_departed(contact=contact, **g),
    )


def _contact(request: TenantRequest, contact_id: UUID) -> Contact:
    reached = in_reach(request.actor, Can.EDIT_ACCOUNTS)
    found = Contact.objects.filter(account__in=reached, archived_at=None)
    return get_object_or_404(found.select_related("account"), pk=contact_id)


def _asked(
    request: TenantRequest,
    account: Account,
    form: Any,
    told: dict[str, str],
    act: Callable[..., object],
) -> HttpResponse:
    """A form in a dialog: shown, refused with what is wrong, or done."""
    context = told | {"form": form, "url": request.path}
    if request.method == "GET":
        return render(request, "accounts/dialog.html", context)
    if not form.is_valid():
        return render(request, "accounts/dialog.html", context, status=422)
    given = form.wanted() if isinstance(form, ContactForm) else form.cleaned_data
    try:
        act(actor=request.actor, now=timezone.now(), **given)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return render(request, "accounts/dialog.html", context, status=refusal.status)
    if not request.htmx:
        return redirect(reverse("account_people", args=[account.pk]))
    answer = HttpResponse(status=204)
    trigger_client_event(answer, "toast", {"text": told["done"]})
    trigger_client_event(answer, "contacts:changed", {})
    return trigger_client_event(answer, "dialog:close", {})
