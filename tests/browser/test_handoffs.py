"""A handoff answered with the keyboard, found by the palette, and fit for a phone."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect

from accounts.models import Account
from bowtie.actions.moves import place
from bowtie.rules.stages import Stage
from charter.actions import install_defaults
from journeys.actions.drafts import draft_missing
from journeys.actions.handoffs import save_handoff, submit_handoff
from journeys.models import Handoff
from tenants.actor import Actor
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.journeys.conftest import WHOLE
from tests.make import NOW


@pytest.fixture
def handoff(server_url: str, acme: Tenant, csm: Actor) -> Handoff:
    """Handed over by sales, waiting for an answer."""
    seller = make.member(acme, Role.SALES).user
    with act_for(acme.pk):
        install_defaults(author=None, now=NOW)
        account = make.account("Northwind", owner=csm.user, seller=seller, touch_model="tech")
        person = make.contact(account)
        place(accounts=[account], stage=Stage.COMMITTED, actor=None, now=NOW)
        (found,) = draft_missing(now=NOW)
        said = WHOLE | {"sponsor": str(person.pk), "champion": str(person.pk)}
        found = save_handoff(handoff=found, actor=seller, now=NOW, seen_version=1, given=said)
        return submit_handoff(handoff=found, actor=seller, now=NOW)


@pytest.fixture
def at_work(
    page: Page, handoff: Handoff, csm: Actor, sign_in: Callable[[Actor], Client], server_url: str
) -> Page:
    cookie = sign_in(csm).cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": server_url}])
    page.goto("/acme/handoffs/")
    return page


def test_a_handoff_is_accepted_without_the_mouse(
    at_work: Page, acme: Tenant, handoff: Handoff
) -> None:
    page = at_work
    assert Axe().run(page).violations_count == 0
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Northwind")
    assert Axe().run(page).violations_count == 0
    page.keyboard.press("r")
    expect(page.locator("#modal")).to_contain_text("What is missing")
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    expect(page.locator("#modal")).to_contain_text("Completeness is 5 of 5")
    page.locator("#modal button[type=submit]").press("Enter")
    expect(page.locator(".topbar .tag")).to_have_text("Accepted")
    with act_for(acme.pk):
        assert Account.objects.get(pk=handoff.account_id).stage == "onboarding"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_phone(at_work: Page, handoff: Handoff, scheme: str) -> None:
    page = at_work
    page.set_viewport_size({"width": 390, "height": 800})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    for address in ("/acme/handoffs/", f"/acme/handoffs/{handoff.pk}/", "/acme/palette/"):
        page.goto(address)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, address
    assert Axe().run(page).violations_count == 0
