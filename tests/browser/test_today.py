"""The day worked through by keyboard alone, under the strict policy."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

import charter.actions
from plays.actions.tasks import add_task
from plays.models import Task
from tenants.actor import Actor
from tenants.models import Tenant
from tenants.scope import act_for
from tests import make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


CALM = "() => !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling, .htmx-added')"


def press(page: Page, key: str) -> None:
    """A key, once what htmx brought is ready for it."""
    page.wait_for_function(CALM)
    page.keyboard.press(key)


def test_a_day_by_keyboard(
    acme: Tenant,
    csm: Actor,
    sign_in: Callable[[Actor], Client],
    page: Page,
    context: BrowserContext,
    server_url: str,
):
    now = timezone.now()
    with act_for(acme.pk):
        charter.actions.install_defaults(author=None, now=now)
        for at, title in enumerate(("First", "Second", "Third")):
            account = make.account(f"Account {title}", owner=csm.user, arr_minor=3_000_00 - at)
            due_at = now + timedelta(minutes=1)
            add_task(
                account=account, owner=csm.user, title=title, actor=csm, now=now, due_at=due_at
            )
    cookies = [
        {"name": name, "value": morsel.value, "url": server_url}
        for name, morsel in sign_in(csm).cookies.items()
    ]
    context.add_cookies(cookies)  # type: ignore[arg-type]
    page.goto(f"{server_url}/acme/today/")
    chosen = page.locator("#peek .fw-b")
    expect(chosen).to_have_text("Account First")
    press(page, "j")
    expect(chosen).to_have_text("Account Second")
    press(page, "e")
    expect(page.locator(".toast")).to_contain_text("Done: Second")
    expect(chosen).to_have_text("Account Third")
    page.locator(".toast button", has_text="Undo").click()
    expect(page.locator(".q li")).to_have_count(3)
    press(page, "s")
    page.get_by_role("button", name="Tomorrow").click()
    expect(page.locator(".q li")).to_have_count(2)
    press(page, "n")
    page.get_by_label("What it was for").fill("Find what blocks them")
    page.get_by_role("button", name="Log", exact=True).click()
    expect(page.locator(".toast").last).to_contain_text("Logged for")
    expect(chosen).to_have_text("Account Second")
    with act_for(acme.pk):
        assert Task.objects.filter(snoozed_until__gt=now).count() == 1
