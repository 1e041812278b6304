"""A company whose every word is markup: Chromium shows it as words, on every page."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from django.db.models import DateField, JSONField
from django.test import Client
from playwright.sync_api import BrowserContext, Page

from tenants.models import Tenant, TrailEntry
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.tenants.routes import INSIDE
from tests.tenants.world import World, fill

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.case("F6", "F7"),
]
WORD = "\"'></td></textarea><img src=x onerror=csomHit()>"


@pytest.fixture
def hits(context: BrowserContext) -> list[str]:
    """What the markup did, had it been taken for markup."""
    found: list[str] = []
    context.expose_function("csomHit", lambda: found.append("hit"))
    context.on("dialog", lambda dialog: found.append(dialog.message))
    return found


@pytest.fixture
def addresses(acme: Tenant, context: BrowserContext, server_url: str) -> Iterator[list[str]]:
    """Every address of acme that shows something, for an administrator who owns it all."""
    admin = make.member(acme, Role.ADMIN)
    assert admin.user
    admin.user.name = WORD
    admin.user.save()
    Tenant.objects.filter(pk=acme.pk).update(name=WORD)
    with act_for(acme.pk):
        rows = fill(admin.user, WORD)
        for model, row in rows.items():
            begun = {
                field.name: field.get_default()
                for field in model._meta.local_fields
                if (field.null or field.has_default()) and isinstance(field, DateField | JSONField)
            }
            if begun and model is not TrailEntry:
                model._default_manager.filter(pk=row.pk).update(**begun)
    ids = {
        model.__name__.lower(): row.pk for model, row in rows.items() if isinstance(row.pk, UUID)
    }
    client = Client()
    client.force_login(admin.user)
    context.add_cookies(
        [{"name": "session", "value": client.cookies["session"].value, "url": server_url}]
    )
    world = World(acme, acme, admin, admin, ids, {"letter": "S", "kind": "rational"})
    client.raise_request_exception = False
    found = []
    for route in INSIDE:
        address = next(world.addresses(route, "/acme"))
        answer = client.get(address)
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            found.append(address)
    yield found


def test_markup_in_every_field_is_shown_as_words(
    page: Page, addresses: list[str], hits: list[str], server_url: str
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_default_timeout(60_000)
    page.route("**/favicon.ico", lambda route: route.fulfill(status=204))  # of parts of pages
    shown = 0
    for address in addresses:
        page.goto(address)
        shown += "<img src=x" in (page.text_content("body") or "")
        assert page.locator("img[src=x], [onerror]").count() == 0, address
    assert hits == []
    assert [url for url in asked if not url.startswith(server_url) or url.endswith("/x")] == []
    assert len(addresses) > 30 and shown > 20
