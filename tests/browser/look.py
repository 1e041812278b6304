"""Looking at a page in Chromium: both themes, a phone's width, the policy, the console."""

from collections.abc import Iterator

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
LAPTOP = {"width": 1280, "height": 800}
WHOLE = {"resultTypes": ["violations"], "preload": False}
COLOURS = {**WHOLE, "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
# axe gives up on text near a large shape made of a pseudo-element, as on all pages of the way in.
SEE_THROUGH = """axe.configure({checks: [{id: 'color-contrast', options: {ignoreUnicode: true,
    ignoreLength: false, ignorePseudo: true, boldValue: 700, boldTextPt: 14, largeTextPt: 18,
    contrastRatio: {normal: {expected: 4.5}, large: {expected: 3}}, pseudoSizeThreshold: .25,
    shadowOutlineEmMax: .2}}]})"""
AT_REST = """() => document.readyState === 'complete' && (!window.htmx ||
    !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling, .htmx-added'))"""
TOO_WIDE = """(part) => (part ? document.querySelector(part) : document.documentElement).scrollWidth
    - window.innerWidth"""
SCRIPT = Axe().axe_script
OPEN = "([address, target]) => htmx.ajax('GET', address, {target, swap: 'innerHTML'})"
ECHO = "Failed to load resource"  # the console on an answer of 4xx, which error pages are


def rest(page: Page) -> None:
    """Wait until everything a page loads has arrived."""
    page.wait_for_function(AT_REST)


def look(page: Page, complaints: list[str], part: str | None = None) -> Iterator[str]:
    """What is wrong with the page as it stands, or with one part of it (a selector).

    Theme and width change without a reload; the rules that do not depend on colour run once.
    """
    rest(page)
    yield from _axe(page, "light", WHOLE, part)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    yield from _axe(page, "dark", COLOURS, part)
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    for words, size in (("a laptop", LAPTOP), ("a phone", PHONE)):
        page.set_viewport_size(size)
        if (over := page.evaluate(TOO_WIDE, part)) > 0:
            yield f"{over} px too wide for {words}"
    page.set_viewport_size(DESK)
    yield from (said for said in complaints if ECHO not in said)
    complaints.clear()


def look_into(page: Page, complaints: list[str], address: str, target: str) -> Iterator[str]:
    """The same for what an address shows in a dialog of the page, as a link to it opens it."""
    page.evaluate(OPEN, [address, target])
    page.locator(f"{target}:is([open], main)").wait_for()
    yield from look(page, complaints, target)
    page.locator(target).evaluate("(part) => part.close && part.close()")


def _axe(page: Page, theme: str, options: dict[str, object], part: str | None) -> Iterator[str]:
    page.evaluate(f"{SCRIPT};{SEE_THROUGH}")
    found = page.evaluate(
        "([part, options]) => axe.run(part || document, options)", [part, options]
    )
    for each in found["violations"]:
        nodes = "; ".join(
            f"{' '.join(map(str, node['target']))} {node['failureSummary'].splitlines()[-1]}"
            for node in each["nodes"][:3]
        )
        yield f"{theme}: {each['id']} ({len(each['nodes'])}): {nodes}"
