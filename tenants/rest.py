"""What every API endpoint shares: the key, the capability, strict JSON, problem details."""

import json
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import Http404
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import exceptions, status
from rest_framework.authentication import BaseAuthentication
from rest_framework.parsers import BaseParser
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, set_rollback

from tenants.access import TenantRequest
from tenants.actor import Actor
from tenants.errors import Refused
from tenants.roles import Can

DEEPEST = 20
PROBLEM = "application/problem+json"


class KeyAuthentication(BaseAuthentication):
    """The actor the middleware found for the key; nobody otherwise."""

    def authenticate(self, request: Request) -> tuple[None, Actor] | None:
        actor = getattr(request._request, "actor", None)
        return (None, actor) if actor is not None else None

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="CSOM"'


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI document describes the key."""

    target_class = KeyAuthentication
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "An API key of your tenant."}


class HasCapability(BasePermission):
    """The key must carry the capability the endpoint names for the method.

    An endpoint says `needs = Can.X`, or `needs = {"GET": Can.X, "POST": Can.Y}`.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        actor = cast(Actor | None, request.auth)
        if actor is None:
            raise exceptions.NotAuthenticated("Send your API key: Authorization: Bearer csom_…")
        need = needed(view, request.method or "GET")
        if need is not None and not actor.may(need):
            raise exceptions.PermissionDenied(f"This key lacks the scope “{need}”.")
        return True


def needed(view: APIView, method: str) -> Can | None:
    """The capability an endpoint names for a method. Raises AttributeError where it names none."""
    need = view.needs  # type: ignore[attr-defined]
    if isinstance(need, dict):
        return cast(Can | None, need.get(method, need.get("GET")))
    return cast(Can, need)


def actor_of(request: Request) -> Actor:
    """Who calls: the API key's actor."""
    return cast(TenantRequest, request._request).actor


class StrictJSONParser(BaseParser):
    """JSON without its loose ends: UTF-8, no duplicate keys, no NaN, no NUL, bounded depth."""

    media_type = "application/json"

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Any = None
    ) -> Any:
        try:
            return strict_json(stream.read())
        except ValueError as error:
            raise exceptions.ParseError(str(error)) from None


def strict_json(body: bytes) -> Any:
    """Parse a JSON body. Raises ValueError with a plain reason for anything doubtful."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("The body is not UTF-8.") from None
    if _depth(text) > DEEPEST:
        raise ValueError(f"The body is nested more than {DEEPEST} levels deep.")
    try:
        value = json.loads(text, object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("The body is nested too deep.") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"Not JSON: {error.msg} at character {error.pos}.") from None
    _no_bad_text(value)
    return value


def _depth(text: str) -> int:
    deepest = depth = 0
    is_in_string = is_escaped = False
    for sign in text:
        if is_in_string:
            if is_escaped:
                is_escaped = False
            elif sign == "\\":
                is_escaped = True
            elif sign == '"':
                is_in_string = False
        elif sign == '"':
            is_in_string = True
        elif sign in "[{":
            depth += 1
            deepest = max(deepest, depth)
            if deepest > DEEPEST:
                return deepest
        elif sign in "]}":
            depth -= 1
    return deepest


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"The key “{twice}” stands twice in one object.")
    return made


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number.")


def _no_bad_text(value: Any) -> None:
    if isinstance(value, str):
        if "\x00" in value:
            raise ValueError("A text holds the NUL character.")
        if any("\ud800" <= sign <= "\udfff" for sign in value):
            raise ValueError("A text holds half of a surrogate pair.")
    elif isinstance(value, dict):
        for key, item in value.items():
            _no_bad_text(key)
            _no_bad_text(item)
    elif isinstance(value, list):
        for item in value:
            _no_bad_text(item)
    elif isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**19:
        raise ValueError("A number has more than 19 digits.")


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every error as problem details (RFC 9457) with a stable code."""
    headers: dict[str, str] = {}
    extra: dict[str, Any] = {}
    if isinstance(error, Refused):
        code, detail, number = error.code, str(error), error.status
    elif isinstance(error, Http404):
        code, detail, number = "not_found", "There is no such thing.", 404
    elif isinstance(error, PermissionDenied):
        code, detail, number = "permission_denied", str(error) or "Not permitted.", 403
    elif isinstance(error, exceptions.ValidationError):
        code, detail, number = "invalid", "Some values cannot be taken.", 422
        extra["errors"] = error.detail
    elif isinstance(error, exceptions.APIException):
        code, detail, number = str(error.default_code), str(error.detail), error.status_code
        if wait := getattr(error, "wait", None):
            headers["Retry-After"] = str(int(wait) + 1)
        if number == status.HTTP_401_UNAUTHORIZED:
            headers["WWW-Authenticate"] = 'Bearer realm="CSOM"'
    else:
        return None
    set_rollback()
    body = {"type": "about:blank", "title": _title(number), "status": number, "code": code}
    return Response(
        body | {"detail": detail} | extra, status=number, headers=headers, content_type=PROBLEM
    )


def _title(number: int) -> str:
    return {
        400: "Bad request",
        401: "Not signed in",
        403: "Not permitted",
        404: "Not found",
        405: "Method not allowed",
        406: "Not acceptable",
        409: "Refused",
        412: "Changed meanwhile",
        413: "Too large",
        415: "Unsupported media type",
        422: "Not valid",
        429: "Too many requests",
    }.get(number, "Error")

