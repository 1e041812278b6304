"""Every address that reads, as somebody asks for it.

Examples are found by the links that pages carry, then by rows; a new route is covered without
being named here.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, cast
from uuid import UUID

from django.db import connection, reset_queries
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tenants.models import Tenant
from tenants.roles import Role, reach
from tenants.scope import act_for
from tests import make
from tests.browser import world
from tests.browser.walk import MIDDLE, Walk
from tests.tenants.routes import DESCRIBED, Route, named

VISITORS = (Role.CSM, Role.MANAGER, Role.REVOPS, Role.ADMIN)  # each sees what those before cannot

# Addresses without an example, and why. One that has an example, or is gone, fails.
NO_EXAMPLE = {
    "/": "leads to the page a role starts from",
    "/accounts/<uuid:account_id>/health/awaited/": "answers a panel alone, from two lines at most",
}


NOW_AND_THEN = 'UPDATE "tenants_apikey" SET "last_used_at"'  # once a minute
VALUE = re.compile(r"\"s\d+_x\d+\"|'[^']*'(::\w+(\[\])?)?|\b\d+\b|\(\?(, \?)*\)")


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    content: str

    def text(self) -> str:
        return self.content


class Fetch:
    """Django's client in the place of a browser's."""

    client: Client

    def get(self, address: str, **_: Any) -> Answer:
        found = self.client.get(address)
        content = b"".join(found) if found.streaming else found.content
        headers = {name.lower(): value for name, value in found.headers.items()}
        return Answer(found.status_code, headers, content.decode("utf-8", "replace"))


@dataclass(frozen=True)
class Asked:
    """What an address asked the database, values apart, and what it answered."""

    queries: Counter[str]
    text: str


@dataclass(frozen=True)
class Place:
    """An address as somebody asks for it. is_part: from within a page, not as one."""

    name: str
    client: Client
    address: str
    is_part: bool = False

    def ask(self) -> Asked:
        """Whoever walked here before remembers what is remembered."""
        headers = {"HX-Request": "true"} if self.is_part else {}
        reset_queries()  # of the log only so many are kept
        with CaptureQueriesContext(connection) as caught:
            answer: Any = self.client.get(self.address, headers=headers)
            content = b"".join(answer) if answer.streaming else answer.content
        assert answer.status_code == 200, f"{self.address} answers {answer.status_code}"
        asked = (VALUE.sub("?", query["sql"]) for query in caught)
        queries = Counter(sql for sql in asked if not sql.startswith(NOW_AND_THEN))
        return Asked(queries, content.decode("utf-8", "replace"))


def pages(tenant: Tenant, account_id: UUID) -> Iterator[Place]:
    """Every page, dialog and file inside the company."""
    fetch, prefix = Fetch(), f"/{tenant.slug}"
    walk = Walk(cast(Any, fetch), "csom.urls_inside", prefix)
    missing = set()
    for role in VISITORS:
        client = fetch.client = world.client_of(tenant, role)
        starts = (f"{prefix}/accounts/{account_id}/", f"{prefix}/")
        with act_for(tenant.pk):
            opened = walk.visit(*starts, may=partial(may, role))
        for route in opened:
            known = walk.found[route]
            if known.page and known.page.overlay != MIDDLE:
                yield Place(str(route), client, known.page.address)
            if known.dialog:
                yield Place(f"{route} in a page", client, known.dialog.address, is_part=True)
        for route, known in walk.found.items():
            for address, status in known.said.items():
                if not known.is_page and status == 200:
                    yield Place(str(route), client, address)
    missing = {str(route) for route in walk.missing}
    assert missing == set(NO_EXAMPLE), missing


def may(role: Role, route: Route) -> bool:
    need = route.need("GET")
    return need is not None and bool(reach(role, need))


def endpoints(tenant: Tenant, account_id: UUID) -> Iterator[Place]:
    """Every endpoint that reads, with ids from the list it stands below."""
    with act_for(tenant.pk):
        secret = make.api_key(world.member(tenant, Role.ADMIN))
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    for route in DESCRIBED:
        if not hasattr(route.endpoint, "get"):
            continue
        address, values = route.address, {"account_id": account_id}
        if {name for name, _ in route.parameters} - values.keys():
            above = address.partition("<")[0].removesuffix("external/")
            listed = client.get(above).json()["data"]
            assert listed, f"{above} lists nothing"
            values |= listed[0]
        for name, _ in route.parameters:
            address = named(name).sub(str(values[name]), address)
        yield Place(str(route), client, address)
