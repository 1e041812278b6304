"""Permission at the door of a view: each names the one capability it needs."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django_htmx.middleware import HtmxDetails

from tenants.actor import Actor
from tenants.models import Tenant, User
from tenants.roles import Can

View = TypeVar("View", bound=Callable[..., HttpResponse])


class TenantRequest(HttpRequest):
    """A request inside a tenant, as the middleware leaves it."""

    tenant: Tenant
    actor: Actor
    user: User
    htmx: HtmxDetails


def needs(can: Can) -> Callable[[View], View]:
    """Refuse with 403 whoever lacks the capability."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: TenantRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.actor.may(can):
                raise PermissionDenied(f"This needs the right “{can}”.")
            return view(request, *args, **kwargs)

        guarded.needs = can  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return guard


def open_to_all(view: View) -> View:
    """Mark a view outside every tenant that anybody may open."""
    view.needs = None  # type: ignore[attr-defined]
    return view


def needs_sign_in(view: View) -> View:
    """Mark a view outside every tenant that any signed-in person may open."""
    guarded = login_required(view)
    guarded.needs = None  # type: ignore[attr-defined]
    return guarded
