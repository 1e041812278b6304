"""Custom fields in Chromium: defined, filled in, listed, and retired, by whoever may."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

import charter.actions
from accounts.models import Account
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def account(acme: Tenant) -> Account:
    with act_for(acme.pk):
        charter.actions.install_defaults(author=None, now=timezone.now())
        made = make.account("Globex", stage="live")
        make.row(made)
        make.row(make.account("Initech", stage="live"))
    return made


@pytest.fixture
def client(acme: Tenant, sign_in: Callable[..., Client]) -> Client:
    return sign_in(make.member(acme, Role.REVOPS, "Rita Vance"))


def sign_into(context: Any, client: Client, url: str) -> None:
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": url}])


def check_access(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_a_field_is_defined_filled_in_listed_and_retired(
    page: Page, client: Client, account: Account, server_url: str, complaints: list[str]
):
    sign_into(page.context, client, server_url)
    page.goto("/acme/settings/fields/")
    check_access(page)
    page.keyboard.press("n")
    dialog = page.locator("#modal")
    dialog.get_by_label("Label").fill("Contract tier")
    dialog.get_by_label("Type").select_option("Choice")
    dialog.get_by_role("button", name="Add field").click()
    expect(dialog.get_by_text("Name at least one choice.")).to_be_visible()
    expect(dialog.get_by_label("Label")).to_have_value("Contract tier")
    check_access(page)
    assert all("422" in each for each in complaints)
    complaints.clear()
    dialog.get_by_label("Choices").fill("Gold\nSilver")
    dialog.get_by_role("button", name="Add field").click()
    expect(page.get_by_role("link", name="Contract tier", exact=True)).to_be_visible()

    page.goto(f"/acme/accounts/{account.pk}/")
    page.get_by_role("region", name="Custom fields").get_by_role("link", name="Edit").click()
    dialog.get_by_label("Contract tier").select_option("Gold")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("region", name="Custom fields")).to_contain_text("Gold")
    check_access(page)

    page.goto("/acme/accounts/")
    page.get_by_role("link", name="Columns").click()
    dialog.get_by_label("Contract tier").check()
    dialog.get_by_role("button", name="Show").click()
    expect(page.get_by_role("columnheader", name="Contract tier")).to_be_visible()
    expect(page.get_by_role("row", name="Globex")).to_contain_text("Gold")
    page.keyboard.press("f")
    dialog.get_by_text("Custom fields").click()
    dialog.get_by_label("Contract tier").select_option("Gold")
    check_access(page)
    dialog.get_by_role("button", name="Show").click()
    expect(page.get_by_role("row", name="Globex")).to_be_visible()
    expect(page.get_by_role("row", name="Initech")).to_have_count(0)
    check_access(page)

    page.goto("/acme/settings/fields/")
    expect(page.get_by_role("row", name="Contract tier")).to_contain_text("1 of 2")
    page.get_by_role("button", name="Retire Contract tier").click()
    expect(page.get_by_role("heading", name="1 field retired")).to_be_visible()
    check_access(page)
    page.get_by_role("link", name="Contract tier", exact=True).click()
    expect(page.get_by_role("row", name="Globex")).to_contain_text("Gold")
    check_access(page)
    page.get_by_role("button", name="Bring back").click()
    expect(page.get_by_role("heading", name="1 field in use")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_nothing_sticks_out_and_everything_is_reached(
    browser: Browser, client: Client, account: Account, server_url: str, scheme: Any
):
    context = browser.new_context(
        base_url=server_url, viewport={"width": 390, "height": 844}, color_scheme=scheme
    )
    sign_into(context, client, server_url)
    page = context.new_page()
    page.goto("/acme/settings/fields/new/")
    page.get_by_label("Label").fill("Where its data is hosted")
    page.get_by_role("button", name="Add field").click()
    page.get_by_role("link", name="Where its data is hosted", exact=True).click()
    expect(page.get_by_role("heading", name="Definition")).to_be_visible()
    check_access(page)
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not page.evaluate(wide)
    page.get_by_role("link", name="Change").click()
    expect(page.locator("#modal").get_by_label("Label")).to_be_visible()
    page.goto("/acme/settings/fields/")
    check_access(page)
    assert not page.evaluate(wide)
    context.close()


def test_without_script_a_field_is_defined_and_changed(
    browser: Browser, client: Client, account: Account, server_url: str
):
    context = browser.new_context(base_url=server_url, java_script_enabled=False)
    sign_into(context, client, server_url)
    page = context.new_page()
    page.goto("/acme/settings/fields/")
    page.get_by_role("link", name="New field").first.click()
    page.get_by_label("Label").fill("Go-live")
    page.get_by_label("Type").select_option("Date")
    page.get_by_role("button", name="Add field").click()
    page.get_by_role("link", name="Change Go-live").click()
    page.get_by_label("Label").fill("Live since")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="Live since", exact=True)).to_be_visible()
    context.close()
