"""A note written on the account page during a call, with the keyboard alone."""

import re
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect

from accounts.models import Account, Contact
from spiced.models import Note
from spiced.queries.notes import current_note, elements_of
from tenants.actor import Actor
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make

TYPE_ON = """() => document.addEventListener('htmx:beforeRequest', () => setTimeout(() => {
  const field = document.querySelector('#id_page_text');
  field.value = 'Five entities in two countries';
  field.dispatchEvent(new Event('input', { bubbles: true }));
}), { once: true })"""


@pytest.fixture
def account(server_url: str, acme: Tenant, csm: Actor) -> Account:
    with act_for(acme.pk):
        found = make.account("Northwind", owner=csm.user, stage="live", arr_minor=164_000_00)
        make.contact(found, title="CFO")
        return found


@pytest.fixture
def at_work(
    page: Page, account: Account, csm: Actor, sign_in: Callable[[Actor], Client], server_url: str
) -> Iterator[Page]:
    """The account page, open before its CSM; what it still asks for ends before the tables go."""
    cookie = sign_in(csm).cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": server_url}])
    page.goto(f"/acme/accounts/{account.pk}/")
    yield page
    page.wait_for_load_state("networkidle")


def text_of(acme: Tenant, account: Account, letter: str) -> str:
    with act_for(acme.pk):
        return elements_of(current_note(account))[letter].text


def test_a_note_is_taken_without_the_mouse(at_work: Page, acme: Tenant, account: Account) -> None:
    page, drawer = at_work, at_work.locator("#drawer")
    meter = drawer.locator(".spiced")
    page.keyboard.press("n")
    expect(drawer.locator("textarea").first).to_be_focused()
    page.keyboard.type("Three entities, one team")
    expect(drawer.locator(".save")).to_have_text("Saved", timeout=5000)
    expect(meter).to_have_attribute("aria-label", re.compile("Situation partly known"))
    assert text_of(acme, account, "S") == "Three entities, one team"
    page.keyboard.press("Tab")
    page.keyboard.type("Excel, mail")
    page.keyboard.press("Tab")
    page.keyboard.type("Nine in finance")
    page.keyboard.press("Control+Enter")
    expect(drawer.locator("[aria-current=step]")).to_contain_text("Pain")
    expect(drawer.locator("textarea").first).to_be_focused()
    expect(meter).to_have_attribute("aria-label", re.compile("Situation complete, Pain missing"))
    page.keyboard.type("Approvals come late")
    expect(drawer.locator(".save")).to_have_text("Saved", timeout=5000)
    page.keyboard.press("Escape")
    below = page.locator("#note-page .spiced")
    expect(below).to_have_attribute("aria-label", re.compile("Pain partly known"))
    assert text_of(acme, account, "P") == "Approvals come late"


def test_pains_and_deciders_are_typed_with_keys_alone(
    at_work: Page, acme: Tenant, account: Account, complaints: list[str]
) -> None:
    page, drawer = at_work, at_work.locator("#drawer")
    page.goto(f"/acme/accounts/{account.pk}/?step=P")
    page.locator("#note-page textarea").first.press("End")
    page.keyboard.type("Approvals come late @priya #mon =310k")
    understood = page.locator("#records-page")
    expect(understood).to_contain_text("Priya Raman · monthly · €310,000 a year", timeout=5000)
    page.keyboard.press("Enter")
    page.keyboard.type("Orders get lost @nob")
    expect(page.locator("#faults-page")).to_contain_text("“@nob” is no contact", timeout=5000)
    for _ in "@nob":
        page.keyboard.press("Backspace")
    page.keyboard.type("!res")
    expect(understood.locator("li").nth(1)).to_contain_text("resolved", timeout=5000)
    expect(page.locator("#faults-page")).to_be_empty()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#note-page [aria-current=step]")).to_contain_text("Impact")
    page.goto(f"/acme/accounts/{account.pk}/?step=D")
    page.locator("#note-page textarea").first.press("Tab")
    page.keyboard.type("@priya, signs ~trail !supp")
    page.keyboard.press("Tab")
    page.keyboard.type("CFO agrees #2026-12-15")
    page.keyboard.press("Control+Enter")
    expect(understood).to_contain_text("signs · judges it on: trail")
    expect(understood).to_contain_text("15 Dec")
    assert Axe().run(page, context="#note-page").violations_count == 0
    assert drawer.is_hidden()
    with act_for(acme.pk):
        parts = elements_of(current_note(account))
        assert [pain["status"] for pain in parts["P"].values["pains"]] == ["open", "resolved"]
        (decider,) = parts["D"].values["people"]
        assert (decider["role"], decider["stance"]) == ("signs", "supportive")
    complaints[:] = [said for said in complaints if "422" not in said]


@pytest.fixture
def disputed(
    at_work: Page, acme: Tenant, account: Account, complaints: list[str]
) -> Iterator[Page]:
    """Tom changed what was being typed, and the choice stands on the page."""
    page = at_work
    page.locator("#note-page textarea").first.fill("Three entities")
    expect(page.locator("#note-page .save")).to_have_text("Saved", timeout=5000)
    with act_for(acme.pk):
        tom = make.member(acme, Role.MANAGER, "Tom Larsen")
        make.note(account, tom, S={"text": "Four entities", "team": "Eight"})
    page.locator("#note-page textarea").first.fill("Five entities")
    expect(page.locator(".conflict")).to_contain_text("Tom Larsen", timeout=5000)
    yield page
    complaints[:] = [said for said in complaints if "409" not in said]


@pytest.mark.case("H1")
def test_a_colleagues_change_is_shown_beside_what_was_typed(
    disputed: Page, acme: Tenant, account: Account
) -> None:
    conflict = disputed.locator(".conflict")
    expect(conflict).to_contain_text("Four entities")
    expect(conflict).to_contain_text("Five entities")
    assert Axe().run(disputed, context=".conflict").violations_count == 0
    disputed.get_by_role("button", name="Save what I chose").click()
    expect(disputed.locator("#note-page textarea").first).to_have_value("Five entities")
    assert text_of(acme, account, "S") == "Five entities"
    disputed.wait_for_load_state("networkidle")
    assert not [key for key in disputed.evaluate("Object.keys(localStorage)") if "spiced" in key]


def test_a_choice_half_made_survives_the_tab(
    disputed: Page, acme: Tenant, account: Account
) -> None:
    disputed.get_by_label("Situation, both").fill("Four, soon five")
    expect(disputed.get_by_label("Both, as I write it here").first).to_be_checked()
    tab = disputed.context.new_page()
    disputed.goto("about:blank")
    tab.goto(f"/acme/accounts/{account.pk}/")
    expect(tab.get_by_label("Situation, both")).to_have_value("Four, soon five", timeout=5000)
    expect(tab.get_by_label("Both, as I write it here").first).to_be_checked()
    tab.get_by_role("button", name="Save what I chose").click()
    expect(tab.locator("#id_page_text")).to_have_value("Four, soon five")
    tab.close()
    assert text_of(acme, account, "S") == "Four, soon five"
    with act_for(acme.pk):
        assert elements_of(Note.objects.get(touchpoint="set aside"))["S"].text == "Five entities"


def test_whoever_types_on_is_not_interrupted(
    at_work: Page, acme: Tenant, account: Account, complaints: list[str]
) -> None:
    page, field = at_work, at_work.locator("#note-page textarea").first
    field.fill("Three entities")
    expect(page.locator("#note-page .save")).to_have_text("Saved", timeout=5000)
    with act_for(acme.pk):
        make.note(account, make.member(acme, Role.MANAGER, "Tom Larsen"), S={"text": "Four"})
    page.evaluate(TYPE_ON)
    field.fill("Five entities")
    expect(page.locator(".conflict")).to_contain_text(
        "Five entities in two countries", timeout=8000
    )
    complaints[:] = [said for said in complaints if "409" not in said]


def test_what_was_typed_survives_a_reload(at_work: Page, acme: Tenant, account: Account) -> None:
    page = at_work
    page.locator("#note-page textarea").first.fill("Three entities")
    page.reload()
    expect(page.locator("#note-page textarea").first).to_have_value("Three entities")
    expect(page.locator("#note-page .save")).to_have_text("Saved", timeout=5000)
    assert text_of(acme, account, "S") == "Three entities"


def test_a_date_that_moved_twice_shows_it_and_a_slip_is_undone(
    at_work: Page, acme: Tenant, account: Account, csm: Actor
) -> None:
    page, event = at_work, at_work.locator("#event")
    with act_for(acme.pk):
        make.whole_note(account, csm, Contact.objects.get(account=account))
    page.reload()
    for on, words in (("2027-01-15", "moved once"), ("2027-02-15", "moved twice")):
        event.get_by_role("link", name="Move date").click()
        page.locator("#modal [name=on]").fill(on)
        page.locator("#modal [name=reason]").fill("Auditor ill")
        page.get_by_role("button", name="Move date").click()
        expect(event).to_contain_text(words)
    expect(event).to_contain_text("compelling")
    page.get_by_role("button", name="Undo").last.click()
    expect(event).to_contain_text("moved once")


def test_a_goal_is_retired_and_taken_up_again(
    at_work: Page, acme: Tenant, account: Account, csm: Actor
) -> None:
    page = at_work
    with act_for(acme.pk):
        make.whole_note(account, csm, Contact.objects.get(account=account))
    page.goto(f"/acme/accounts/{account.pk}/impact/")
    goal = page.locator("#goals article").filter(has_text="Capture discounts")
    goal.get_by_role("link", name="Retire").click()
    page.locator("#modal [name=reason]").fill("Sold the unit")
    page.get_by_role("button", name="Retire goal").click()
    expect(goal).to_contain_text("retired")
    goal.get_by_role("button", name="Take up again").click()
    expect(goal.get_by_role("link", name="Retire")).to_be_visible()
    assert Axe().run(page, context="#goals").violations_count == 0


def test_a_logged_contact_appears_without_a_reload(at_work: Page) -> None:
    page = at_work
    page.get_by_role("link", name="Log contact").click()
    page.locator("#modal [name=purpose]").fill("Quarterly check")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#latest")).to_contain_text("Call: Quarterly check")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_account_page_is_accessible(at_work: Page, theme: str) -> None:
    at_work.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    at_work.reload()  # so that no colour is on its way from one theme to the other
    found = Axe().run(at_work)
    assert found.violations_count == 0, found.generate_report()
