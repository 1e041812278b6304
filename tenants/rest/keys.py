"""The API key at the door of an endpoint: who calls, and may they."""

from typing import Any, cast

from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from tenants.access import TenantRequest
from tenants.actor import Actor
from tenants.roles import Can


class KeyAuthentication(BaseAuthentication):
    """The actor the middleware found for the key; nobody otherwise."""

    def authenticate(self, request: Request) -> tuple[None, Actor] | None:
        actor = getattr(request._request, "actor", None)
        return (None, actor) if actor is not None else None

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="CSOM"'


class HasCapability(BasePermission):
    """The key must carry the capability the endpoint names for the method.

    An endpoint says `needs = Can.X`, or `needs = {"GET": Can.X, "POST": Can.Y}`.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        actor = cast(Actor | None, request.auth)
        if actor is None:
            raise exceptions.NotAuthenticated("Send your API key: Authorization: Bearer csom_…")
        need = needed(view, request.method or "GET")
        if need is not None and not actor.may(need):
            raise exceptions.PermissionDenied(f"This key lacks the scope “{need}”.")
        return True


def needed(view: Any, method: str) -> Can | None:
    """The capability an endpoint names for a method; None where it is open to all.

    Raises AttributeError where it names none. A method it does not offer falls to 405 later, so
    for the door any capability of the endpoint will do.
    """
    need = view.needs
    if isinstance(need, dict):
        return cast(Can, need.get(method) or next(iter(need.values())))
    return cast(Can | None, need)


def actor_of(request: Request) -> Actor:
    """Who calls: the API key's actor."""
    return cast(TenantRequest, request._request).actor
