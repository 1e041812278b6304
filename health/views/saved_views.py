"""Saved views of the lists: keep an address, rename it, share it, delete it."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from health.actions.saved_views import (
    change_view,
    delete_view,
    pin_view,
    save_view,
    unpin_view,
)
from health.forms.lists import ViewForm
from health.models import SavedView
from health.queries.views import visible
from health.rules.lists import LISTS, List
from health.views.listing import canonical, page_named, view_query
from tenants.access import TenantRequest, needs
from tenants.errors import Refused
from tenants.roles import Can, Role


@needs(Can.READ_ACCOUNTS)
@require_http_methods(["GET", "POST"])
def save(request: TenantRequest) -> HttpResponse:
    """Keep the address of a list under a name."""
    page = page_named(request)
    form = ViewForm(request.POST or None)
    context = {"title": "Save view", "form": form, "action": _here(request), "view": None}
    if request.method == "GET":
        return render(request, "health/view_form.html", context)
    if not form.is_valid():
        return render(request, "health/view_form.html", context, status=422)
    try:
        view = save_view(
            page=page.key,
            name=form.cleaned_data["name"],
            query=_now(request, page),
            is_shared=form.cleaned_data["is_shared"],
            actor=request.user,
            now=timezone.now(),
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return render(request, "health/view_form.html", context, status=refusal.status)
    return _to(request, page, view)


@needs(Can.READ_ACCOUNTS)
@require_http_methods(["GET", "POST"])
def view(request: TenantRequest, view_id: UUID) -> HttpResponse:
    """Rename a view of one's own, share it, or give it the address in hand."""
    found = _own(request, view_id)
    start = {"name": found.name, "is_shared": found.is_shared}
    form = ViewForm(request.POST or None, initial=start)
    page = LISTS[found.page]
    now = _now(request, page)
    context = {
        "title": f"View {found.name}",
        "form": form,
        "action": _here(request),
        "view": found,
        "differs": now != found.query,
    }
    if request.method == "GET":
        return render(request, "health/view_form.html", context)
    if not form.is_valid():
        return render(request, "health/view_form.html", context, status=422)
    try:
        found = change_view(
            view=found,
            actor=request.user,
            now=timezone.now(),
            name=form.cleaned_data["name"],
            is_shared=form.cleaned_data["is_shared"],
            query=now if request.POST.get("replace") else None,
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return render(request, "health/view_form.html", context, status=refusal.status)
    return _to(request, page, found)


@needs(Can.READ_ACCOUNTS)
@require_POST
def delete(request: TenantRequest, view_id: UUID) -> HttpResponse:
    """Delete a view of one's own."""
    found = _own(request, view_id)
    delete_view(view=found, actor=request.user, now=timezone.now())
    return _to(request, LISTS[found.page], None)


@needs(Can.READ_ACCOUNTS)
@require_POST
def pin(request: TenantRequest, view_id: UUID) -> HttpResponse:
    """Keep a view of one's own or a shared one at hand, for oneself."""
    found = get_object_or_404(visible(request.user.pk), pk=view_id)
    try:
        pin_view(view=found, actor=request.user, now=timezone.now())
    except Refused as refusal:
        url = reverse(LISTS[found.page].view) + view_query(found)
        context = {"title": "Not pinned", "text": str(refusal), "url": url}
        return render(request, "health/not_pinned.html", context, status=refusal.status)
    return _to(request, LISTS[found.page], found)


@needs(Can.READ_ACCOUNTS)
@require_POST
def unpin(request: TenantRequest, view_id: UUID) -> HttpResponse:
    """Put a pinned view back among the others."""
    found = get_object_or_404(visible(request.user.pk), pk=view_id)
    unpin_view(view=found, actor=request.user, now=timezone.now())
    return _to(request, LISTS[found.page], found)


def _own(request: TenantRequest, view_id: UUID) -> SavedView:
    """A view of this person. Somebody else's does not exist for them."""
    return get_object_or_404(SavedView, pk=view_id, owner=request.user)


def _now(request: TenantRequest, page: List) -> str:
    """The list in hand as a view keeps it."""
    own_first = request.actor.role is Role.CSM
    return canonical(request.GET.urlencode(), page, own_first=own_first)


def _here(request: TenantRequest) -> str:
    return f"{request.path}?{request.GET.urlencode()}"


def _to(request: TenantRequest, page: List, found: SavedView | None) -> HttpResponse:
    url = reverse(page.view)
    if found is not None:
        url += view_query(found)
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)
