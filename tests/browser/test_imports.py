"""The import wizard in Chromium: by keyboard, in both themes, on a phone, without script."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from tenants.models import Tenant
from tenants.roles import Role
from tests import make
from tests.accounts.wizard import Wizard

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ACCOUNTS = (
    b"id,name,industry,employees,country\n"
    + b"".join(b"a%d,Firm %d,Energy,%d,NL\n" % (n, n, n * 7) for n in range(12))
    + b"a3,Firm three,Energy,21,NL\nx1,,Energy,5,NL\nx2,Umbrella,Pharma,many,NL\n"
)


@pytest.fixture(autouse=True)
def uploads(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "uploads"
    path = tmp_path / "accounts.csv"
    path.write_bytes(ACCOUNTS)
    return path


@pytest.fixture
def client(acme: Tenant, sign_in: Callable[..., Client]) -> Client:
    return sign_in(make.member(acme, Role.REVOPS, "Rita Vance"))


def sign_into(context: Any, client: Client, url: str) -> None:
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": url}])


def check_access(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_a_file_goes_through_every_step(
    page: Page, client: Client, acme: Tenant, server_url: str, uploads: Path
):
    sign_into(page.context, client, server_url)
    wizard = Wizard(client, acme)
    page.goto("/acme/imports/")
    check_access(page)
    page.get_by_label("File", exact=True).set_input_files(str(uploads))
    page.get_by_label("Source").fill("crm")
    page.get_by_role("button", name="Upload").press("Enter")
    expect(page.get_by_role("heading", name="What we read")).to_be_visible()
    check_access(page)
    page.get_by_role("button", name="Rows and columns are right").press("Enter")
    expect(page.get_by_role("heading", name="Which column is what")).to_be_visible()
    check_access(page)
    page.get_by_role("button", name="Check every row").press("Enter")
    expect(page.get_by_text("Checking every row").first).to_be_visible()
    check_access(page)
    wizard.work()
    expect(page.get_by_role("heading", name="What would happen")).to_be_visible()
    check_access(page)
    page.get_by_role("button", name="Bring 11 rows in").press("Enter")
    expect(page.get_by_text("Bringing rows in").first).to_be_visible()
    wizard.work()
    expect(page.get_by_role("heading", name="Brought in")).to_be_visible()
    check_access(page)


def test_without_script_every_step_works(
    browser: Browser, client: Client, acme: Tenant, server_url: str, uploads: Path
):
    context = browser.new_context(base_url=server_url, java_script_enabled=False)
    sign_into(context, client, server_url)
    page, wizard = context.new_page(), Wizard(client, acme)
    page.goto("/acme/imports/")
    page.get_by_label("File", exact=True).set_input_files(str(uploads))
    page.get_by_label("Source").fill("crm")
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("button", name="Rows and columns are right").click()
    page.get_by_role("button", name="Check every row").click()
    wizard.work()
    page.get_by_role("link", name="Look again").click()
    page.get_by_role("button", name="Bring 11 rows in").click()
    wizard.work()
    page.get_by_role("link", name="Look again").click()
    expect(page.get_by_role("heading", name="Brought in")).to_be_visible()
    context.close()
