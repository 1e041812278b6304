"""Every page and dialog of the URL resolver in Chromium, each as somebody who may see it.

Examples are found by the links that pages carry, then by rows; a new route is covered, or named
as one without an example, and nobody has to add it here.
"""

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from accounts.models import Account
from csom.devstack.pytest_plugin import as_owner
from spiced.models import Note
from tenants.addresses import inside
from tenants.models import Tenant
from tenants.roles import Role, reach
from tenants.scope import act_for
from tests import make
from tests.browser import world
from tests.browser.look import look, look_into
from tests.browser.walk import MIDDLE, Walk
from tests.tenants.routes import Route

pytestmark = [pytest.mark.browser, pytest.mark.urls("tests.browser.lab")]

VISITORS = (Role.CSM, Role.MANAGER, Role.REVOPS, Role.ADMIN)  # each sees what those before cannot
PLANTED_STYLE = """.faint-by-day { color: light-dark(#bbb, #fff) } .wide { min-width: 900px }
    .faint-by-night { color: light-dark(#222, #333) }"""
ERRORS = sorted(path.stem for path in (settings.BASE_DIR / "templates").glob("[45]*.html"))

# Addresses that answer GET and show no page to look at, and why. One that does, or is gone, fails.
NO_PAGE = {
    "/": "leads to the page a role starts from",
    "/accounts/<uuid:account_id>/health/awaited/": "asked by the health panel, which it leads to",
}
NO_PAGE_OUTSIDE = {
    "/": "leads to the company of who is signed in",
    "/styleguide/palette": "options of the palette, which test_shell looks at where they open",
    "/metrics": "figures for a monitor that holds the token",
    "/auth/password/set/": "for people without a password, of whom there are none",
    "/api/v1/accounts/<uuid:account_id>/spiced/versions/<int:version>/": "its number is of no row",
    "/auth/login/code/confirm/": "for signing in by a mailed code, which is not offered",
}


@pytest.fixture(scope="module")
def company(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Tenant]:
    """Looking changes nothing, so the rows are made once."""
    uploads = tmp_path_factory.mktemp("uploads")
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=uploads):
        yield world.make_company()
        with as_owner():
            call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=True)


@pytest.fixture(scope="module")
def server() -> Iterator[LiveServer]:
    started = LiveServer("localhost")
    yield started
    started.stop()


@pytest.fixture
def server_url(company: Tenant, server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> str:
    """The server; it keeps quiet about the addresses that the walk is refused."""
    monkeypatch.setattr(logging.root.manager, "disable", logging.CRITICAL)
    return str(server.url)


def test_every_page_and_dialog_of_a_company(
    page: Page, complaints: list[str], company: Tenant, server_url: str
) -> None:
    walk = Walk(page.context.request, "csom.urls_inside", f"/{company.slug}")
    faults: list[str] = []
    for role in VISITORS:
        enter(page, company, role, server_url)
        with act_for(company.pk):
            opened = walk.visit(f"/{company.slug}/", may=partial(may, role))
        faults += looked(page, complaints, walk, opened, inside(company.slug, "tenants:settings"))
    faults += unlooked(walk, NO_PAGE)
    assert not faults, "\n".join(faults)


def test_every_page_outside_of_companies(
    page: Page, complaints: list[str], company: Tenant, server_url: str
) -> None:
    told = world.make_outsiders(company)
    walk = Walk(page.context.request, "csom.urls")
    faults: list[str] = []
    for email, secret in (
        (None, None),
        (world.PLAIN, None),
        (world.GUARDED, None),
        (world.GUARDED, told["secret"]),
    ):
        sign_in(page, email, secret)
        faults += looked(page, complaints, walk, walk.visit(*told["links"]), "/styleguide/")
    faults += unlooked(walk, NO_PAGE_OUTSIDE)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("name", ERRORS)
def test_every_error_page(page: Page, complaints: list[str], server_url: str, name: str) -> None:
    page.goto(f"/styleguide/lab/error/{name}")
    assert list(look(page, complaints)) == []


def test_the_page_of_two_who_wrote_at_once(
    page: Page, complaints: list[str], company: Tenant, server_url: str
) -> None:
    """The answer 409 as a page of its own, as it comes without script."""
    enter(page, company, Role.CSM, server_url)
    with act_for(company.pk):
        own = Account.objects.filter(owner=world.member(company, Role.CSM).user)
        noted = Note.objects.filter(account__in=own).latest("pk").account_id
    page.goto(inside(company.slug, "spiced:note", noted))
    page.locator("[name=version]").evaluate("(field) => { field.value = 0 }")
    page.locator("[name=text]").fill("Written meanwhile")
    with page.expect_navigation() as arrival:
        page.locator("form[data-autosave]").evaluate("(form) => form.submit()")
    assert arrival.value.status == 409
    assert list(look(page, complaints)) == []


@pytest.mark.parametrize(
    ("planted", "fault"),
    [
        ('<p class="faint-by-day">Faint</p>', "light: color-contrast"),
        ('<p class="faint-by-night">Faint</p>', "dark: color-contrast"),
        ('<p class="wide">Wide</p>', "too wide for a phone"),
        ('<p style="color:red">Loud</p>', "CSP style-src-attr"),
        ("<script>nothing()</script>", "CSP script-src-elem"),
        ('<input type="text">', "light: label"),
    ],
)
def test_looking_notices(
    page: Page, complaints: list[str], server_url: str, planted: str, fault: str
) -> None:
    def plant(route: Any) -> None:
        answer = route.fetch()
        text = answer.text().replace("</main>", f"{planted}</main>")
        route.fulfill(response=answer, body=text if planted in text else text + PLANTED_STYLE)

    page.route(re.compile("/auth/login/|/tokens[^/]*[.]css"), plant)
    page.goto("/auth/login/")
    assert fault in " ".join(look(page, complaints))


def may(role: Role, route: Route) -> bool:
    need = route.need("GET")
    return need is not None and bool(reach(role, need))


def enter(page: Page, company: Tenant, role: Role, url: str) -> None:
    """Become somebody of a role of the company."""
    cookie = world.client_of(company, role).cookies[settings.SESSION_COOKIE_NAME]
    page.context.clear_cookies()
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": url}])


def sign_in(page: Page, email: str | None, secret: str | None) -> None:
    """Become somebody outside, or nobody; without their secret, the guarded stop half-way."""
    page.context.clear_cookies()
    if email is None:
        return
    page.goto("/auth/login/")
    page.fill("[name=login]", email)
    send(page, "[name=password]", make.PASSWORD)
    if email == world.GUARDED and not secret:
        return
    if secret:
        value = totp.hotp_value(secret, next(iter(totp.yield_hotp_counters_from_time())))
        send(page, "[name=code]", totp.format_hotp_value(value))
    page.goto("/auth/reauthenticate/?next=/switch/")
    send(page, "[name=password]", make.PASSWORD)


def send(page: Page, field: str, value: str) -> None:
    page.fill(field, value)
    before = page.url
    page.click("main form:has(input:visible) [type=submit]")
    page.wait_for_url(lambda url: url != before)


def looked(
    page: Page, complaints: list[str], walk: Walk, opened: Iterable[Route], around: str
) -> Iterator[str]:
    """Faults of pages, and of what opens as a dialog in the page `around`."""
    for route in opened:
        link = walk.found[route].page
        if link is None or link.overlay == MIDDLE:
            continue
        page.goto(link.address)
        for fault in look(page, complaints):
            yield f"{route}: {fault}"
    dialogs = [(route, walk.found[route].dialog) for route in opened]
    if around:
        page.goto(around)
    for route, dialog in dialogs:
        if dialog is not None and str(route) not in NO_PAGE_OUTSIDE:
            for fault in look_into(page, complaints, dialog.address, dialog.overlay):
                yield f"{route} in {dialog.overlay}: {fault}"


def unlooked(walk: Walk, reasons: Mapping[str, str]) -> Iterator[str]:
    """Routes without an example and without a reason, and reasons that no longer hold."""
    missing = {str(route): set(walk.found[route].said.values()) for route in walk.missing}
    missing |= {str(route): {200} for route in walk.parts if str(route) in reasons}
    for route in missing.keys() - reasons.keys():
        yield f"{route}: no example opened, answers were {missing[route]}; say why, or link to one"
    for route in reasons.keys() - missing.keys():
        yield f"{route}: named as one without a page, but it has one or is gone"
