"""A list worked through: pin it, put tasks and plays on many, walk it from an account."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

import charter.actions
import plays.actions.definitions
from plays.models import Run, Task
from tenants.actor import Actor
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CALM = "() => !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling, .htmx-added')"
URL = "/acme/accounts/?band=red&owner=all&sort=name"


def press(page: Page, key: str) -> None:
    page.wait_for_function(CALM)
    page.keyboard.press(key)


@pytest.fixture
def listed(
    acme: Tenant,
    csm: Actor,
    sign_in: Callable[[Actor], Client],
    page: Page,
    context: BrowserContext,
    server_url: str,
) -> Page:
    """A manager's list of four red accounts, the last of them another team's."""
    manager = make.member(acme, Role.MANAGER, "Mia Lund")
    far = make.member(acme, Role.CSM, "Far Away", team="APAC")
    with act_for(acme.pk):
        now = timezone.now()
        charter.actions.install_defaults(author=None, now=now)
        plays.actions.definitions.install_defaults(author=None, now=now)
        for name in ("Alder", "Birch", "Cedar", "Dogwood"):
            owner = far if name == "Dogwood" else csm
            make.row(make.account(name, owner=owner.user), band="red", score=30.0)
    context.add_cookies(
        [
            {"name": name, "value": morsel.value, "url": server_url}
            for name, morsel in sign_in(manager).cookies.items()
        ]  # type: ignore[arg-type]
    )
    page.goto(URL)
    return page


def test_a_view_is_pinned_and_found_again_from_anywhere(listed: Page):
    listed.get_by_role("link", name="Save view").click()
    listed.get_by_label("Name", exact=True).fill("Burning")
    listed.get_by_role("dialog").get_by_role("button", name="Save view").click()
    tabs = listed.get_by_role("navigation", name="Saved views").get_by_role("link")
    expect(tabs.last).to_have_text("Burning")
    listed.get_by_role("button", name="Pin", exact=True).click()
    expect(tabs.first).to_have_text("Burning")
    listed.goto("/acme/today/")
    listed.locator("#rail").get_by_role("link", name="Burning").click()
    expect(listed.locator("tbody tr")).to_have_count(4)
    expect(listed.locator("#rail [aria-current]")).to_have_text("Burning")
    listed.get_by_role("button", name="Unpin").click()
    expect(listed.locator("#rail").get_by_role("link", name="Burning")).to_have_count(0)


def test_an_account_leads_on_along_the_list_by_keys(listed: Page):
    listed.get_by_role("link", name="Birch").click()
    head = listed.locator("h1")
    expect(head).to_have_text("Birch")
    expect(listed.get_by_text("2 of 4")).to_be_visible()
    press(listed, "]")
    expect(head).to_have_text("Cedar")
    listed.get_by_role("link", name="People").click()
    press(listed, "]")
    expect(head).to_have_text("Dogwood")
    assert "/people/" in listed.url
    expect(listed.get_by_role("button", name="Next account: the list ends here")).to_be_disabled()
    press(listed, "]")
    press(listed, "[")
    expect(head).to_have_text("Cedar")
    listed.set_viewport_size({"width": 390, "height": 844})
    wide = listed.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, f"{wide} px too wide"
    listed.get_by_role("navigation", name="Breadcrumb").get_by_role("link").click()
    assert listed.url.endswith(URL)


def test_a_task_for_all_that_match_tells_whom_it_left_out_and_is_undone(listed: Page, acme: Tenant):
    listed.get_by_label("Choose all rows").check()
    listed.get_by_role("button", name="Add task").click()
    dialog = listed.get_by_role("dialog")
    expect(dialog).to_contain_text("Add a task to 4 accounts")
    dialog.get_by_role("button", name="Add task").click()
    dialog.get_by_label("What is to be done").fill("Invite to the summit")
    dialog.get_by_role("button", name="Add task").click()
    expect(dialog).to_contain_text("Not yours to work on: 1 account")
    expect(dialog).to_contain_text("Dogwood")
    dialog.get_by_role("button", name="Close").last.click()
    expect(listed.locator("tbody tr").first).to_contain_text("Invite to the summit")
    listed.locator(".toast").get_by_role("button", name="Undo").click()
    expect(listed.locator(".toast").last).to_contain_text("3 tasks taken back")
    expect(listed.locator("tbody tr").first).not_to_contain_text("Invite to the summit")
    with act_for(acme.pk):
        assert set(Task.objects.values_list("state", flat=True)) == {"dropped"}


def test_a_play_for_two_starts_once_however_often_one_clicks(listed: Page, acme: Tenant):
    for name in ("Alder", "Birch"):
        listed.get_by_label(f"Choose {name}").check()
    listed.get_by_role("button", name="Start play").click()
    dialog = listed.get_by_role("dialog")
    dialog.locator("select").select_option(index=1)
    dialog.get_by_role("button", name="Start play").dblclick()
    expect(listed.locator(".toast")).to_contain_text("started on 2 accounts")
    with act_for(acme.pk):
        assert Run.objects.count() == 2
    listed.locator(".toast").get_by_role("button", name="Undo").click()
    expect(listed.locator(".toast").last).to_contain_text("2 plays taken back")
    with act_for(acme.pk):
        assert not Run.objects.exists()


def test_the_bar_fits_a_phone(listed: Page):
    listed.set_viewport_size({"width": 390, "height": 844})
    listed.get_by_label("Choose Alder").check()
    for name in ("Start play", "Assign", "Add task", "Tag"):
        box = listed.get_by_role("button", name=name).bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= 390, name
