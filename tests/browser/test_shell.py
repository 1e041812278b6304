"""The client in Chromium: palette, keyboard, dialogs, toasts, drafts, selection, theme, sizes."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser import lab

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db,
    pytest.mark.urls("tests.browser.lab"),
]
LAB, GUIDE = "/styleguide/lab/", "/styleguide/"
WAIT = 1400  # longer than the pause after which a draft is sent


@pytest.fixture(scope="module")
def lab_server() -> Iterator[LiveServer]:
    """A server whose pages write nothing, so that nothing has to be emptied between tests."""
    server = LiveServer("localhost")
    yield server
    server.stop()


@pytest.fixture
def server_url(lab_server: LiveServer) -> str:
    return str(lab_server.url)


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    lab.reset()
    yield


def focused(page: Page) -> Any:
    return page.evaluate("document.activeElement.id || document.activeElement.name")


def drafts(page: Page) -> Any:
    return page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('draft:'))")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("address", [GUIDE, "/styleguide/nowhere"])
def test_pages_are_accessible(page: Page, complaints: list[str], theme: Any, address: str) -> None:
    page.emulate_media(color_scheme=theme)
    page.goto(address)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    complaints[:] = [said for said in complaints if "404" not in said]


def test_open_dialogs_are_accessible(page: Page) -> None:
    page.goto(LAB)
    page.keyboard.press("Control+k")
    expect(page.locator("#palette [role=option]").first).to_be_visible()
    assert Axe().run(page, context="#palette").violations_count == 0
    page.keyboard.press("Escape")
    page.click("#new")
    expect(page.locator("#modal")).to_be_visible()
    assert Axe().run(page, context="#modal").violations_count == 0
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert Axe().run(page, context="#keys").violations_count == 0


@pytest.mark.parametrize("width", [1440, 1180, 900, 390, 320])
def test_nothing_is_wider_than_the_window(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for address in (GUIDE, LAB):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, address


def test_planted_inline_code_never_runs(page: Page, complaints: list[str]) -> None:
    page.goto(f"{LAB}evil")
    page.click("#evil")
    assert page.evaluate("window.pwned") is None
    assert any("script-src-attr" in said for said in complaints)
    complaints.clear()


def test_the_palette_is_fetched_once_and_filters_at_once(page: Page) -> None:
    page.goto(LAB)
    page.keyboard.press("Control+k")
    options = page.locator("#palette [role=option]:visible")
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.type("risk")
    expect(options).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    page.keyboard.press("Control+k")
    expect(options.nth(3)).to_be_visible()
    assert lab.state["asked"] == 1


def test_the_palette_looks_accounts_up_and_moves_by_arrows(page: Page) -> None:
    page.goto(GUIDE)
    page.keyboard.press("Control+k")
    expect(page.locator("#palette [role=option]").first).to_be_visible()
    page.keyboard.type("north")
    expect(page.locator("[data-palette-found] [role=option]")).to_have_count(1)
    field = page.locator("#palette input")
    expect(field).to_have_attribute("aria-activedescendant", re.compile("pal-found-1-1"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#row-2$"))


def test_the_palette_says_when_nothing_is_found_and_wraps_around(page: Page) -> None:
    page.goto(GUIDE)
    page.keyboard.press("Control+k")
    options = page.locator("#palette [role=option]:visible")
    expect(options.first).to_be_visible()
    page.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    page.keyboard.type("zzzz")
    expect(page.locator("[data-palette-none]")).to_be_visible()


def test_a_palette_action_presses_what_the_page_has(page: Page) -> None:
    page.goto(GUIDE)
    page.keyboard.press("Control+k")
    expect(page.locator("#palette [role=option]").first).to_be_visible()
    page.keyboard.type("done")
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_contain_text("Next: Castellan Foods")
    expect(page.locator("#palette")).to_be_hidden()


def test_keys_move_select_and_peek(page: Page) -> None:
    page.goto(LAB)
    for key in "jjk":
        page.keyboard.press(key)
    expect(page.locator("#item-1")).to_have_attribute("aria-current", "true")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("#item-2 input")).to_be_checked()
    page.keyboard.press("Space")
    expect(page.locator("#peek")).to_have_text("Peek at 2")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#open-2$"))
    page.keyboard.press("g")
    page.keyboard.press("r")
    expect(page).to_have_url(re.compile("#(gone-to-risk|At risk|At%20risk)$"))
    page.keyboard.press("/")
    assert focused(page) == "find"


def test_single_keys_are_off_while_typing_in_dialogs_and_on_request(page: Page) -> None:
    page.goto(LAB)
    page.click("#find")
    page.keyboard.type("e?")
    assert page.locator(".toast").count() == 0
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("e")
    assert page.locator(".toast").count() == 0
    page.uncheck("[data-keys-switch]")
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    assert page.locator(".toast").count() == 0
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_visible()


def test_a_dialog_takes_the_focus_keeps_refusals_and_gives_it_back(
    page: Page, complaints: list[str]
) -> None:
    page.goto(LAB)
    page.click("#new")
    expect(page.locator("#modal")).to_be_visible()
    assert focused(page) == "name"
    page.keyboard.type("ab")
    page.keyboard.press("Enter")
    expect(page.locator("#modal .error")).to_have_text("At least 3 letters.")
    assert focused(page) == "name"
    page.fill("#name", "Zephyr")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#modal")).to_be_hidden()
    expect(page.locator("#count")).to_have_text("4")
    assert focused(page) == "new"
    page.click(".toast >> text=Undo")
    expect(page.locator("#count")).to_have_text("3")
    page.click("#drawer-open")
    expect(page.locator("#drawer h2")).to_have_attribute("id", "drawer-title")
    page.keyboard.press("Escape")
    expect(page.locator("#drawer")).to_be_empty()
    complaints[:] = [said for said in complaints if "422" not in said]


def test_a_toast_waits_while_somebody_is_at_it_and_z_undoes(page: Page) -> None:
    page.clock.install()
    page.goto(LAB)
    page.keyboard.press("e")
    page.hover(".toast")
    page.clock.run_for(15_000)
    expect(page.locator(".toast")).to_have_count(1)
    page.mouse.move(5, 5)
    page.clock.run_for(11_000)
    expect(page.locator(".toast")).to_have_count(0)
    page.keyboard.press("e")
    page.keyboard.press("z")
    expect(page.locator("#count")).to_have_text("2")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (403, "You do not have access to that."),
        (404, "That is gone."),
        (429, "Too many requests."),
        (500, "Something went wrong on our side (reference "),
    ],
)
def test_a_failure_is_a_sentence_and_never_swapped_in(
    page: Page, complaints: list[str], code: int, words: str
) -> None:
    page.goto(LAB)
    page.click(f"#boom-{code}")
    expect(page.locator(".toast")).to_contain_text(words)
    expect(page.locator("#out")).to_be_empty()
    assert page.locator(".toast >> text=Try again").count() == (code in (429, 500))
    complaints.clear()


def test_a_long_job_stops_asking_when_it_is_finished(page: Page) -> None:
    page.goto(LAB)
    page.click("#job")
    expect(page.locator(".toast")).to_contain_text("Import finished", timeout=6000)
    expect(page.locator("#import")).not_to_have_attribute("hx-get", re.compile("."))


def test_a_note_is_saved_while_typing(page: Page) -> None:
    page.goto(LAB)
    for text in ("first", "second"):
        page.fill("#body", text)
        expect(page.locator(".save")).to_have_text("Saved", timeout=4000)
        assert lab.state["body"] == text
    assert page.input_value("#note-version") == "3"
    assert drafts(page) == []


@pytest.mark.case("H2")
def test_a_note_survives_a_failing_server_and_a_reload(page: Page, complaints: list[str]) -> None:
    page.goto(LAB)
    lab.state["is_down"] = True
    page.fill("#body", "kept")
    page.check("[name=urgent]")
    expect(page.locator(".save")).to_have_text("Kept on this device", timeout=4000)
    assert len(drafts(page)) == 1 and ":note-1" in drafts(page)[0]
    page.wait_for_timeout(WAIT)
    assert page.locator(".toast").count() == 1
    lab.state["is_down"] = False
    page.reload()
    expect(page.locator("#body")).to_have_value("kept")
    expect(page.locator("[name=urgent]")).to_be_checked()
    expect(page.locator(".save")).to_have_text("Saved", timeout=4000)
    assert lab.state["body"] == "kept" and drafts(page) == []
    complaints.clear()


def test_a_restored_draft_does_not_overwrite_a_colleague(page: Page, complaints: list[str]) -> None:
    page.goto(LAB)
    lab.state["is_down"] = True
    page.fill("#body", "mine")
    expect(page.locator(".save")).to_have_text("Kept on this device", timeout=4000)
    lab.state.update(is_down=False, body="theirs", version=5)
    page.reload()
    expect(page.locator(".save")).to_have_text("Changed by someone else", timeout=4000)
    assert lab.state["body"] == "theirs"
    complaints.clear()


def test_a_note_typed_offline_is_sent_when_the_line_is_back(
    page: Page, context: BrowserContext, complaints: list[str]
) -> None:
    page.goto(LAB)
    context.set_offline(True)
    page.fill("#body", "offline")
    expect(page.locator(".toast")).to_contain_text("You are offline. Nothing was lost.")
    context.set_offline(False)
    expect(page.locator(".save")).to_have_text("Saved", timeout=4000)
    assert lab.state["body"] == "offline"
    complaints.clear()


def test_leaving_forgets_every_draft(page: Page, complaints: list[str]) -> None:
    page.goto(LAB)
    lab.state["is_down"] = True
    page.fill("#body", "secret")
    expect(page.locator(".save")).to_have_text("Kept on this device", timeout=4000)
    page.click("#sign-out")
    page.wait_for_load_state()
    assert drafts(page) == []
    complaints.clear()


def test_selection_counts_and_reaches_beyond_the_page(page: Page) -> None:
    page.goto(LAB)
    expect(page.locator("#bulk")).to_be_hidden()
    page.check("#item-1 input")
    page.click("#item-3 input", modifiers=["Shift"])
    expect(page.locator("[data-bulk-count]")).to_have_text("3 selected")
    assert page.evaluate("document.querySelector('[data-pick-all]').indeterminate")
    page.check("[data-pick-all]")
    page.click("[data-bulk-all]")
    expect(page.locator("[data-bulk-count]")).to_have_text("214 selected")
    page.uncheck("#item-2 input")
    page.click("#bulk >> text=Assign")
    expect(page.locator("#out")).to_have_text("assign ['1', '3', '4'] all=")
    page.click("[data-bulk-clear]")
    expect(page.locator("#bulk")).to_be_hidden()


def test_the_theme_is_chosen_kept_and_rendered_by_the_server(page: Page) -> None:
    page.goto(GUIDE)
    page.click(".side [data-theme-toggle]")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.click(".me")
    page.click("[data-theme-set=auto]")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "auto")


def test_phones_have_a_dock_and_the_rail_behind_a_button(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(GUIDE)
    expect(page.locator(".dock")).to_be_visible()
    expect(page.locator(".side")).to_be_hidden()
    page.click(".dock >> text=Menu")
    expect(page.locator(".side >> text=Settings")).to_be_visible()


def test_a_chart_tells_its_values_to_the_pointer(page: Page) -> None:
    page.goto(GUIDE)
    page.locator(".c--line .hit").nth(2).hover()
    expect(page.locator(".tip")).to_have_text("14 Sep: 391")


def test_pages_can_be_read_without_script(browser: Browser, server_url: str) -> None:
    context = browser.new_context(base_url=server_url, java_script_enabled=False)
    page = context.new_page()
    page.goto(GUIDE)
    assert page.locator(".nav a[href]").count() > 5
    page.click("summary >> nth=0")
    expect(page.locator(".ctable table").first).to_be_visible()
    context.close()
