"""Settings, custom fields: what a tenant keeps of its accounts beside what the product does."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from accounts.actions.custom import (
    BadField,
    StaleField,
    add_field,
    change_field,
    move_field,
    restore_field,
    retire_field,
)
from accounts.forms.custom import ChangeFieldForm, NewFieldForm
from accounts.models import Account, CustomField
from accounts.queries.custom import MOST_VALUES, all_fields, counts, holders, spread
from accounts.rules.custom import KIND_WORDS, MOST_IN_USE, in_words, named
from accounts.rules.fields import Kind
from tenants.access import TenantRequest, needs
from tenants.errors import Refused
from tenants.models import TrailEntry
from tenants.queries.people import names
from tenants.roles import Can
from tenants.timeline import told

PAGE = 50
MOST_HISTORY = 20


@needs(Can.EDIT_CHARTER)
@require_GET
def fields(request: TenantRequest) -> HttpResponse:
    """The fields in their order with how many accounts have a value, the retired ones below."""
    held = counts()
    rows = [_told(row) | {"n": held.get(row.key, 0)} for row in all_fields()]
    context = {
        "title": "Custom fields",
        "rows": [row for row in rows if row["field"].retired_at is None],
        "retired": [row for row in rows if row["field"].retired_at is not None],
        "accounts": Account.objects.filter(archived_at=None).count(),
        "most": MOST_IN_USE,
        "as_of": timezone.now(),
    }
    return render(request, "accounts/fields/fields.html", context)


@needs(Can.EDIT_CHARTER)
@require_GET
def one_field(request: TenantRequest, field_id: UUID) -> HttpResponse:
    """A field: its values by frequency, the accounts that hold them, and what was done to it."""
    field = get_object_or_404(CustomField, pk=field_id)
    after = request.GET.get("after", "")
    start = int(after) if after.isdecimal() and len(after) < 8 else 0
    found = holders(field.key).order_by("name_norm", "pk")
    accounts = list(found[start : start + PAGE + 1])
    context = _told(field) | {
        "title": field.label,
        "holders": [
            {"account": each, "words": in_words(field.kind, each.custom[field.key])}
            for each in accounts[:PAGE]
        ],
        "more_url": f"{request.path}?after={start + PAGE}" if len(accounts) > PAGE else "",
    }
    if request.htmx and start:
        return render(request, "accounts/fields/field.html#rows", context)
    context |= {
        "n": found.count(),
        "accounts": Account.objects.filter(archived_at=None).count(),
        "spread": [
            {"words": in_words(field.kind, value), "n": n, "url": _rows_url(field, value)}
            for value, n in spread(field)
        ],
        "most": MOST_VALUES,
        "history": _history(request, field),
        "known_url": _list_url(field, {"is": "known"}),
        "unknown_url": _list_url(field, {"is": "unknown"}),
        "as_of": timezone.now(),
    }
    return render(request, "accounts/fields/field.html", context)


@needs(Can.EDIT_CHARTER)
@require_http_methods(["GET", "POST"])
def new_field(request: TenantRequest) -> HttpResponse:
    """Add a field."""
    form = NewFieldForm(request.POST or None)
    context = {"title": "New custom field", "save": "Add field"}
    return _asked(request, form, context, lambda **by: add_field(**form.cleaned_data, **by))


@needs(Can.EDIT_CHARTER)
@require_http_methods(["GET", "POST"])
def edit_field(request: TenantRequest, field_id: UUID) -> HttpResponse:
    """Change the label and the choices of a field. Answers 409 where somebody was faster."""
    field = get_object_or_404(CustomField, pk=field_id)
    form = ChangeFieldForm(field, request.POST or None)
    context = _told(field) | {"title": f"Change {field.label}", "save": "Save"}
    return _asked(
        request, form, context, lambda **by: change_field(field=field, **form.wanted(), **by)
    )


@needs(Can.EDIT_CHARTER)
@require_POST
def move(request: TenantRequest, field_id: UUID) -> HttpResponse:
    """Move a field one place: POST way=up or down."""
    field = get_object_or_404(CustomField, pk=field_id)
    way = request.POST.get("way", "")
    if way not in ("up", "down"):
        return HttpResponse("A field moves up or down.", status=422, content_type="text/plain")
    move_field(field=field, earlier=way == "up", actor=request.user, now=timezone.now())
    return redirect("accounts:fields")


@needs(Can.EDIT_CHARTER)
@require_POST
def retire(request: TenantRequest, field_id: UUID) -> HttpResponse:
    """Retire a field; its values stay."""
    field = get_object_or_404(CustomField, pk=field_id)
    retire_field(field=field, actor=request.user, now=timezone.now())
    messages.success(request, f"“{field.label}” is retired. Its values are kept.")
    return redirect("accounts:fields")


@needs(Can.EDIT_CHARTER)
@require_POST
def restore(request: TenantRequest, field_id: UUID) -> HttpResponse:
    """Bring a retired field back."""
    field = get_object_or_404(CustomField, pk=field_id)
    try:
        restore_field(field=field, actor=request.user, now=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"“{field.label}” is back, with its values.")
    return redirect("accounts:fields")


def _told(field: CustomField) -> dict[str, Any]:
    return {"field": field, "kind": KIND_WORDS[Kind(field.kind)]}


def _asked(
    request: TenantRequest, form: Any, context: dict[str, Any], act: Callable[..., CustomField]
) -> HttpResponse:
    """A form in a dialog: shown, refused with what is wrong, or done."""
    context |= {"form": form, "url": request.path}
    if request.method == "GET":
        return render(request, "accounts/fields/form.html", context)
    if not form.is_valid():
        return render(request, "accounts/fields/form.html", context, status=422)
    try:
        field = act(actor=request.user, now=timezone.now())
    except StaleField as stale:
        form = ChangeFieldForm(get_object_or_404(CustomField, pk=form.field.pk))
        context |= {"form": form, "stale": str(stale), "yours": request.POST}
        return render(request, "accounts/fields/form.html", context, status=stale.status)
    except Refused as refusal:
        part = refusal.part if isinstance(refusal, BadField) else None
        form.add_error(part if part in form.fields else None, str(refusal))
        return render(request, "accounts/fields/form.html", context, status=refusal.status)
    messages.success(request, f"“{field.label}” is saved.")
    url = reverse("accounts:fields")
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)


def _history(request: TenantRequest, field: CustomField) -> list[dict[str, Any]]:
    """What was done to a field, the newest first."""
    about_fields = TrailEntry.objects.filter(account_id=None, verb__startswith="accounts.field_")
    entries = about_fields.filter(object_id=field.pk).order_by("-recorded_at", "-id")
    found = list(entries[:MOST_HISTORY])
    people = names(request.tenant, {entry.actor_id for entry in found if entry.actor_id})
    lines = []
    for entry in found:
        who = people.get(entry.actor_id, "Somebody who left") if entry.actor_id else "CSOM"
        line = told(entry.verb, entry.facts, who)
        lines.append({"icon": line.icon, "title": line.title, "text": line.text, "at": entry.at})
    return lines


def _rows_url(field: CustomField, value: Any) -> str:
    """The list of the accounts that hold a value; nothing for texts, which are only searched."""
    match field.kind:
        case Kind.CHOICE:
            return _list_url(field, {"": value}) if value in field.choices else ""
        case Kind.YES_NO:
            return _list_url(field, {"": "yes" if value else "no"})
        case Kind.NUMBER | Kind.DATE:
            return _list_url(field, {"from": value, "to": value})
        case _:
            return ""


def _list_url(field: CustomField, asked: dict[str, Any]) -> str:
    """The list of accounts with a field as column and filter; nothing where it is retired.

    asked: endings of the field's filters with what they ask.
    """
    name = named(field.key)
    filters = [(f"{name}.{ending}" if ending else name, str(asked[ending])) for ending in asked]
    columns = [("col", key) for key in ("arr", "owner", name)]
    try:
        path = reverse("health:accounts")
    except NoReverseMatch:
        return ""
    return "" if field.retired_at else f"{path}?{urlencode([('owner', 'all'), *columns, *filters])}"
