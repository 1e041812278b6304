"""A company that was lived in: accounts with a past, an import at each step, keys, invitations."""

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import Resolver404, resolve
from django.utils import timezone

from csom.demo import sample
from tenants.addresses import INSIDE
from tenants.jobs import Work
from tenants.models import Tenant
from tenants.rest import limits
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.accounts.wizard import Wizard
from tests.trust.pages import Form, Page

EACH = 1  # addresses looked at per route


@dataclass
class Lived:
    """The company, who is signed in, a key of the API, and what there is to see and to send."""

    tenant: Tenant
    clients: dict[Role, Client]
    secret: str
    seen: dict[str, list[tuple[Client, str]]] = field(default_factory=dict)
    forms: dict[str, list[tuple[Client, Form]]] = field(default_factory=dict)

    def route(self, address: str) -> str:
        """The route an address inside the company belongs to; empty for any other."""
        path = address.partition("?")[0]
        if not path.startswith(f"/{self.tenant.slug}/"):
            return ""
        try:
            return str(resolve(path.removeprefix(f"/{self.tenant.slug}"), INSIDE).route)
        except Resolver404:
            return ""

    def explore(self, client: Client) -> None:
        """Follow every link from the first page, a few of each route, and note every form."""
        waiting, known, seen = [f"/{self.tenant.slug}/"], set[str](), Counter[str]()
        while waiting:
            address = waiting.pop(0)
            route = self.route(address)
            if address in known or seen[route] >= EACH:
                continue
            known.add(address)
            answer = client.get(address)
            if answer.status_code in (301, 302):
                waiting.append(answer["Location"])
            if answer.status_code != 200 or "text/html" not in answer["Content-Type"]:
                continue
            seen[route] += 1
            self.seen.setdefault(route, []).append((client, address))
            page = Page(address, answer.content.decode())
            waiting += [link for link in page.links if self.route(link)]
            for form in page.forms:
                known_forms = self.forms.setdefault(self.route(form.address), [])
                if all(other.shape != form.shape for _, other in known_forms):
                    known_forms.append((client, form))
        self.forms.pop("", None)


@pytest.fixture(scope="module")
def lived(django_db_setup: None, django_db_blocker: Any) -> Iterator[Lived]:
    """Made once per module. Whoever writes takes it back: see `undone`."""
    with (
        django_db_blocker.unblock(),
        pytest.MonkeyPatch.context() as patch,
        transaction.atomic(),
    ):
        patch.setattr(limits, "BURST", 1_000_000)
        patch.setattr(sample, "ACCOUNTS", 10)
        patch.setattr(sample, "DAYS", 40)
        patch.setattr(logging.root.manager, "disable", logging.CRITICAL)
        yield _lived()
        transaction.set_rollback(True)


def _lived() -> Lived:
    tenant = make.tenant("acme")
    people = {role: make.member(tenant, role) for role in (Role.ADMIN, Role.CSM, Role.SALES)}
    with act_for(tenant.pk):
        sample.load_sample(Work(tenant.pk, make.some_id(), None, timezone.now()))
        secret = make.api_key(people[Role.ADMIN])
    clients = {role: Client(raise_request_exception=False) for role in people}
    for role, actor in people.items():
        assert actor.user is not None
        clients[role].force_login(actor.user)
    made = Lived(tenant, clients, secret)
    wizard = Wizard(clients[Role.ADMIN], tenant)
    wizard.upload(b"id,name\nZ1,Umbrella\n")
    wizard.columns(wizard.upload(b"id,name\nZ2,Initech\n"))
    wizard.check(wizard.columns(wizard.upload(b"id,name,employees\nZ3,Hooli,12\nZ4,Vast,x\n")))
    for client in clients.values():
        made.explore(client)
    return made


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside did not happen afterwards."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
