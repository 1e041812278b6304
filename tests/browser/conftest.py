"""Chromium against a live server; a page that breaks the policy or throws fails its test."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from csom.devstack import chromium

REPORT_VIOLATIONS = """document.addEventListener('securitypolicyviolation', (event) =>
    console.error('CSP', event.effectiveDirective, event.blockedURI, event.sample))"""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=chromium.find(), args=chromium.ARGS, headless=True
        )
        yield launched
        launched.close()


@pytest.fixture
def server_url(live_server: Any) -> str:
    """Where the pages are; live_server sees the rows the test made."""
    return str(live_server.url)


@pytest.fixture
def context(browser: Browser, server_url: str) -> Iterator[BrowserContext]:
    opened = browser.new_context(
        base_url=server_url, locale="en-GB", viewport={"width": 1440, "height": 900}
    )
    opened.set_default_timeout(10_000)
    opened.add_init_script(REPORT_VIOLATIONS)
    yield opened
    opened.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the page complained about; a test that provokes an error empties it."""
    return []


@pytest.fixture
def page(context: BrowserContext, complaints: list[str]) -> Iterator[Page]:
    """A page that must not complain: no error in the console, no broken policy, no exception."""
    opened = context.new_page()
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on(
        "console", lambda said: complaints.append(said.text) if said.type == "error" else None
    )
    yield opened
    assert not complaints
