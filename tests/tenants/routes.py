"""Every address of the product, taken from the URL resolver."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.test import Client
from django.urls import URLPattern, get_resolver

from tenants.roles import Can
from tests import make

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Route:
    """One address: its pattern, the names its ids go by, the view behind it."""

    address: str
    parameters: tuple[tuple[str, str], ...]
    view: Any

    @property
    def endpoint(self) -> Any:
        """The class of an API endpoint; None for a page."""
        return getattr(self.view, "cls", None)

    @property
    def is_ours(self) -> bool:
        module = (self.endpoint or self.view).__module__
        return module.split(".")[0] not in {"allauth", "django"}

    @property
    def has_ids(self) -> bool:
        return any(kind != "path" for _, kind in self.parameters)

    def of_nothing(self) -> str:
        """The address with ids and words that nothing has."""
        address = self.address
        for name, kind in self.parameters:
            value = {"uuid": str(make.some_id()), "int": "1"}.get(kind, "x")
            address = named(name).sub(value, address)
        return address

    def need(self, method: str) -> Can | None:
        need = self.endpoint.needs if self.endpoint else self.view.needs
        return need.get(method) if isinstance(need, dict) else need

    def __str__(self) -> str:
        return self.address


def routes(urlconf: str) -> list[Route]:
    """All addresses of a URL configuration, in its order."""
    return list(_walk(get_resolver(urlconf).url_patterns, "", ()))


def _walk(patterns: Any, before: str, found: tuple[tuple[str, str], ...]) -> Iterator[Route]:
    for each in patterns:
        address = before + str(each.pattern)
        converters = getattr(each.pattern, "converters", {})
        named = found + tuple(
            (name, type(converter).__name__.removesuffix("Converter").lower())
            for name, converter in converters.items()
        )
        if isinstance(each, URLPattern):
            yield Route("/" + address, named, each.callback)
        else:
            yield from _walk(each.url_patterns, address, named)


def named(name: str) -> re.Pattern[str]:
    """A parameter as an address spells it: <uuid:name>."""
    return re.compile(rf"<(\w+:)?{name}>")


INSIDE = routes("csom.urls_inside")
OUTSIDE = routes("csom.urls")
API = [route for route in OUTSIDE if route.endpoint and route.address.startswith("/api/v1/")]
DESCRIBED = [route for route in API if route.is_ours and hasattr(route.endpoint, "needs")]


def send(client: Client, method: str, address: str, body: Any, **more: Any) -> Any:
    client.raise_request_exception = False
    if method == "GET":
        return client.get(address, **more)
    if more.pop("is_json", False):
        return client.generic(method, address, body, content_type="application/json", **more)
    if method == "POST":
        return client.post(address, body, **more)
    return client.generic(method, address, **more)
