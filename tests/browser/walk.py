"""Finding an example of every page: by the links that pages carry, then by the rows there are."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urlsplit

from django.apps import apps
from django.urls import Resolver404, resolve
from playwright.sync_api import APIRequestContext

from tests.make import some_id
from tests.tenants.routes import Route, named, routes

TAG = re.compile(r"<(?:a|button|form|div|section|tr|li|span|input|select)\s[^>]*>")
ATTRIBUTE = re.compile(r'\s(href|action|hx-get|hx-target)="([^"]*)"')
OVERLAYS = {"#modal", "#drawer"}
MIDDLE = "#main"
MOST_ROWS = 60


@dataclass(frozen=True)
class Link:
    """An address that a page offers; overlay: where in a page it opens, "" for a page itself."""

    address: str
    overlay: str = ""


@dataclass
class Found:
    """What is known of one route. page, dialog: the links that opened; said: all other answers."""

    page: Link | None = None
    dialog: Link | None = None
    is_page: bool = True
    said: dict[str, int] = field(default_factory=dict)


class Walk:
    """All routes of a URL configuration as visitors find them, one after the other.

    prefix: what stands before its addresses, "/acme" or "". fetch: requests with the cookies of
    whoever visits.
    """

    def __init__(self, fetch: APIRequestContext, urlconf: str, prefix: str = "") -> None:
        self.fetch, self.urlconf, self.prefix = fetch, urlconf, prefix
        self.found = {route: Found() for route in routes(urlconf)}
        self.by_address = {route.address.replace("^", ""): route for route in self.found}
        self.queue: list[Link] = []
        self.seen: set[Route] = set()
        self.may: Callable[[Route], bool] = lambda _: True

    @property
    def missing(self) -> list[Route]:
        """Pages without an example so far."""
        return [route for route, known in self.found.items() if known.is_page and not known.page]

    @property
    def parts(self) -> list[Route]:
        """Addresses of which no page is known, only something that stands in one."""
        return [
            route
            for route, known in self.found.items()
            if known.page and known.page.overlay == MIDDLE
        ]

    def visit(self, *addresses: str, may: Callable[[Route], bool] = lambda _: True) -> list[Route]:
        """Look for what is missing as a new visitor, from these addresses on.

        may: which routes this visitor is let into at all. Returns the routes that opened.
        """
        missing = self.missing
        self.seen, self.may = set(), may
        for known in self.found.values():
            known.said.clear()
        for route in missing:
            if not re.search(r"\(\?P", route.address):
                self.follow(Link(address) for address in self.plainly(route))
        self.follow(Link(address) for address in addresses)
        for route in missing:
            self.follow(Link(address) for address in self.by_rows(route))
        return [route for route in missing if self.found[route].page]

    def follow(self, links: Iterable[Link]) -> None:
        for first in links:
            self.queue.append(first)
            while self.queue:
                self.fetch_one(self.queue.pop(0))

    def fetch_one(self, link: Link) -> None:
        route = self.route(link.address)
        if route is None or not self.may(route):
            return
        known = self.found[route]
        if known.page and link.overlay and not known.dialog:
            known.dialog = link
        if not known.is_page or route in self.seen or link.address in known.said:
            return
        answer = self.fetch.get(link.address, max_redirects=0)
        known.said[link.address] = answer.status
        if 300 <= answer.status < 400:
            self.queue.append(Link(answer.headers["location"]))
        elif answer.status == 405 or "text/html" not in answer.headers["content-type"]:
            known.is_page = False
        elif answer.status == 200:
            self.seen.add(route)
            self.open(known, link, answer.text())

    def open(self, known: Found, link: Link, text: str) -> None:
        """Keep an example; a part that is no page of its own is shown in the middle of one."""
        if "<html" not in text and not link.overlay:
            link = Link(link.address, MIDDLE)
        known.page = known.page or link
        known.dialog = known.dialog or (link if link.overlay else None)
        self.queue += links_of(text)

    def route(self, address: str) -> Route | None:
        """The route behind an address; None for one of another place."""
        path = urlsplit(address).path
        if not path.startswith(f"{self.prefix}/"):
            return None
        try:
            return self.by_address["/" + resolve(path[len(self.prefix) :], self.urlconf).route]
        except (Resolver404, KeyError):
            return None

    def plainly(self, route: Route) -> Iterator[str]:
        """The address as it is; with ids of nothing it still tells what only writes."""
        address = route.address
        for name, kind in route.parameters:
            address = named(name).sub(str(some_id()) if kind == "uuid" else "x", address)
        yield self.prefix + address

    def by_rows(self, route: Route) -> Iterator[str]:
        """Newest rows of the noun its id is called after: <uuid:task_id> is a Task.

        Where a word follows the id, the pages above are tried, for they link to it.
        """
        if not self.prefix or not route.parameters or route.parameters[0][1] != "uuid":
            return
        name = route.parameters[0][0]
        noun, address = name.removesuffix("_id").replace("_", ""), route.address
        while len(re.findall("<", address)) > 1:
            address = address.rstrip("/").rpartition("/")[0] + "/"
        for model in apps.get_models():
            if model.__name__.lower().endswith(noun):
                newest = model._default_manager.order_by("-pk").values_list("pk", flat=True)
                for pk in newest[:MOST_ROWS]:
                    if not self.found[route].page and self.found[route].is_page:
                        self.seen.discard(self.route(self.prefix + address) or route)
                        yield self.prefix + named(name).sub(str(pk), address)


def links_of(page: str) -> Iterator[Link]:
    """Where the links, forms and loaded parts of a page lead."""
    for tag in TAG.findall(page):
        told = {name: unescape(value) for name, value in ATTRIBUTE.findall(tag)}
        target = told.pop("hx-target", "")
        for name, address in told.items():
            is_overlay = name == "hx-get" and target in OVERLAYS
            yield Link(address.partition("#")[0], target if is_overlay else "")
