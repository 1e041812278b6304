"""What every request must be, and the headers that every answer carries."""

from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from tenants.rest.problems import plainly

ENCODINGS = {"utf-8", "utf8", "us-ascii"}


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
