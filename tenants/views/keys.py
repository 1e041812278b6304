"""Settings, API keys: make, look, revoke."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tenants.access import TenantRequest, needs
from tenants.actions.keys import create_key, revoke_key
from tenants.addresses import outside
from tenants.forms import KeyForm
from tenants.models import ApiKey
from tenants.roles import MEANS, Can


@needs(Can.MANAGE_KEYS)
@require_GET
def keys(request: TenantRequest) -> HttpResponse:
    """The tenant's keys with their last use, those that ended below."""
    now = timezone.now()
    found = list(ApiKey.objects.select_related("created_by").order_by("-created_at", "id"))
    shown = {
        "title": "API keys",
        "valid": [
            {"key": key, "may": [(MEANS[Can(scope)], scope) for scope in key.scopes]}
            for key in found
            if key.is_valid(now)
        ],
        "ended": [key for key in found if not key.is_valid(now)],
        **_examples(request),
    }
    return render(request, "tenants/keys.html", shown)


@needs(Can.MANAGE_KEYS)
@require_http_methods(["GET", "POST"])
def new_key(request: TenantRequest) -> HttpResponse:
    """Make a key; the answer shows its secret, once."""
    form = KeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        key, secret = create_key(**form.cleaned_data, author=request.user, now=timezone.now())
        shown = {"title": "Your new key", "key": key, "secret": secret, **_examples(request)}
        return render(request, "tenants/key_made.html", shown)
    return render(
        request,
        "tenants/key_new.html",
        {"title": "New API key", "form": form},
        status=422 if form.errors else 200,
    )


@needs(Can.MANAGE_KEYS)
@require_POST
def revoke(request: TenantRequest, key_id: UUID) -> HttpResponse:
    """End a key at once."""
    key = get_object_or_404(ApiKey, pk=key_id)
    revoke_key(key=key, author=request.user, now=timezone.now())
    messages.success(request, f"The key “{key.name}” no longer works.")
    return redirect("tenants:keys")


def _examples(request: TenantRequest) -> dict[str, str]:
    """This server's own address, for commands that can be copied."""
    return {"api": request.build_absolute_uri(outside("openapi").removesuffix("openapi.json"))}
