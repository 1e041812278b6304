"""What every request must be, the headers that every answer carries, and the line it leaves."""

import logging
from collections.abc import Callable
from time import monotonic
from typing import Any
from urllib.parse import unquote_to_bytes

from django.core.exceptions import BadRequest, RequestDataTooBig
from django.core.handlers.wsgi import LimitedStream
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from accounts.rules.sheets import FILE_LIMIT
from csom import timings
from tenants.addresses import INSIDE
from tenants.rest.problems import plainly
from tenants.traces import request_id_of, tracing

METHODS = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}
PROBES = {"/livez", "/readyz", "/metrics"}
MOST_BODY = FILE_LIMIT + 2**20  # a file, and the form around it
ENCODINGS = {"utf-8", "utf8", "us-ascii"}
log = logging.getLogger("csom.access")


def requests_are_told(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., object]:
    """Every request has an id, its own or a new one, answers with it and leaves one line."""

    def middleware(request: HttpRequest) -> HttpResponse:
        begun = monotonic()
        with tracing(request_id_of(request.headers.get("X-Request-Id"))) as trace:
            response = get_response(request)
            response["X-Request-Id"] = trace.request_id
            took = monotonic() - begun
            timings.shared.add(class_of(request), took, response.status_code)
            log.info(
                "request",
                extra={
                    "method": request.method if request.method in METHODS else "other",
                    "route": route_of(request),
                    "status": response.status_code,
                    "duration_ms": round(took * 1000),
                    "queries": trace.queries,
                    "line": f"{response.status_code} {request.method} {request.path!a}"
                    f" {took * 1000:.0f} ms {trace.queries} queries",
                },
            )
        return response

    return middleware


def class_of(request: HttpRequest) -> str:
    """What kind of address it is, for timings: see `timings.CLASSES`."""
    if getattr(request, "urlconf", None) == INSIDE:
        return "part" if request.headers.get("HX-Request") else "page"
    if request.path.startswith("/api/"):
        return "api"
    return "probe" if request.path in PROBES else "outside"


def route_of(request: HttpRequest) -> str:
    """The pattern of the address, ids and secrets left out; "" where none was reached."""
    match = request.resolver_match
    if match is None:
        return ""
    before = "/<tenant>/" if getattr(request, "urlconf", None) == INSIDE else "/"
    return before + match.route


def answer_headers(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., object]:
    """Nothing of a tenant is cached, and partials are not mistaken for pages."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        patch_vary_headers(response, ["HX-Request"])
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
        )
        return response

    return middleware


def text_is_readable(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., object]:
    """Paths, queries and forms are UTF-8 without NUL; nothing is guessed, nothing replaced.

    What a NUL in a form means is left to its field, which names it.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        params = request.content_params or {}
        if params.get("charset", "utf-8").lower() not in ENCODINGS:
            return plainly(request, 415, "unsupported_media_type", "Send text in UTF-8.")
        sent = [unquote_to_bytes(request.META.get("QUERY_STRING", "").encode("latin-1", "replace"))]
        if "\x00" in request.path_info or b"\x00" in sent[0]:
            return plainly(request, 400, "unreadable", "The address holds a NUL character.")
        if request.content_type == "application/x-www-form-urlencoded":
            try:
                sent.append(unquote_to_bytes(request.body))
            except RequestDataTooBig:
                return plainly(request, 413, "too_large", "Send less at once.")
        try:
            for each in sent:
                each.decode()
        except UnicodeDecodeError:
            return plainly(request, 400, "unreadable", "What was sent is not UTF-8.")
        return get_response(request)

    return middleware


def bodies_are_whole(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., object]:
    """Bodies are within bounds before they are read, and whole when they are used."""

    def middleware(request: HttpRequest) -> HttpResponse:
        told = request.META.get("CONTENT_LENGTH") or "0"
        length = int(told) if told.isascii() and told.isdigit() else 0
        if length > MOST_BODY:
            return plainly(request, 413, "too_large", "Send less at once.")
        boundary = (request.content_params or {}).get("boundary", "")
        is_multipart = request.content_type == "multipart/form-data"
        ending = (
            f"--{boundary}--".encode("latin-1", "replace") if is_multipart and boundary else b""
        )
        request._stream = WholeStream(request.META["wsgi.input"], length, ending)  # type: ignore[assignment]
        return get_response(request)

    return middleware


class WholeStream(LimitedStream):
    """A body that raises BadRequest where it ends before it should: half a text is not stored."""

    def __init__(self, stream: Any, length: int, ending: bytes) -> None:
        super().__init__(stream, length)
        self.left, self.ending, self.tail = length, ending, b""

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = self.left if size is None or size < 0 else min(size, self.left)
        data: bytes = super().read(size)
        self.left -= len(data)
        self.tail = (self.tail + data)[-len(self.ending) - 4 :]
        is_over = bool(data) and not self.left
        if len(data) < wanted or (is_over and self.ending not in self.tail):
            raise BadRequest("What was sent broke off before its end.")
        return data

    def readline(self, size: int | None = -1, /) -> bytes:
        line: bytes = super().readline(size)
        self.left -= len(line)
        return line
