"""Errors of the API as problem details (RFC 9457)."""

from math import ceil
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import set_rollback

from tenants.errors import Refused

PROBLEM = "application/problem+json"


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every error as problem details (RFC 9457) with a stable code."""
    headers: dict[str, str] = {}
    extra: dict[str, Any] = {}
    if isinstance(error, Refused):
        code, detail, number = error.code, str(error), error.status
        headers = {"Retry-After": str(error.wait)} if hasattr(error, "wait") else {}
        extra |= error.facts
    elif isinstance(error, RequestDataTooBig):
        code, detail, number = "too_large", "Send less in one call.", 413
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
            headers["Retry-After"] = str(ceil(wait))
        if number == status.HTTP_401_UNAUTHORIZED:
            headers["WWW-Authenticate"] = 'Bearer realm="CSOM"'
    else:
        return None
    set_rollback()
    body = {"type": "about:blank", "title": _title(number), "status": number, "code": code}
    return Response(
        body | {"detail": detail} | extra, status=number, headers=headers, content_type=PROBLEM
    )


def plainly(request: HttpRequest, number: int, code: str, detail: str) -> HttpResponse:
    """An error outside of every view: problem details below /api/, a page anywhere else."""
    if request.path.startswith("/api/"):
        body = {"type": "about:blank", "title": _title(number), "status": number, "code": code}
        return JsonResponse(body | {"detail": detail}, status=number, content_type=PROBLEM)
    page = f"{number}.html" if number in (404, 413, 500, 503) else "400.html"
    return HttpResponse(render_to_string(page), status=number)


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
        500: "Failed",
        503: "Service unavailable",
    }.get(number, "Error")
