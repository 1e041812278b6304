"""One customer from a signed deal to a retention figure, by everybody it takes, in Chromium."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from tenants.jobs import run
from tenants.models import Job, Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.journeys.conftest import WHOLE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BEFORE_FIRST_IMPACT = 8  # tasks of a plan of thirty days
PRIYA = "Priya Raman"
HEARD = {"heard_from": PRIYA, "evidence": "Her mail of the first call"}
People = dict[Role, list[Any]]  # the cookies each is signed in by
NAMED = {Role.CSM: "Maya Okafor", Role.SALES: "Sam Berg", Role.EXECUTIVE: "Lena Fox"}
INVITED = tuple(NAMED)
EMAILS = {role: f"{role}@acme.example" for role in (Role.ADMIN, *INVITED)}
NAMES = {"S": "Situation", "P": "Pain", "I": "Impact"}
SPICED = {
    "S": {"text": "Three entities close by hand", "tools": "Excel", "team": "Nine in finance"},
    "P": {"pains": "The close takes nine days @Priya #monthly =120k"},
    "I": {"text": "Close in five days", "measure": "Days to close", "unit": "days"}
    | {"baseline": "9", "target": "5", "by": str(timezone.localdate() + timedelta(days=90))}
    | {"person": PRIYA, "words": "Home for dinner at month end"},
}


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Tenant:
    """A company as whoever runs the server opens it, with its first administrator."""
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{make.PASSWORD}\n"))
    call_command(
        *("create_tenant", "acme", "Acme Ltd", "--email", EMAILS[Role.ADMIN], "--name", "Ada Berg"),
        stdout=io.StringIO(),
    )
    return Tenant.objects.get(slug="acme")


@pytest.fixture
def people(page: Page, server_url: str, opened: Tenant) -> People:
    """The administrator signs in and invites the others, who join by the link in their mail."""
    page.goto("/auth/login/")
    page.locator("[name=login]").fill(EMAILS[Role.ADMIN])
    page.locator("[name=password]").fill(make.PASSWORD)
    page.locator("form [type=submit]").first.click()
    page.wait_for_url("**/acme/**")
    for role in INVITED:
        page.goto("/acme/settings/people/invite/")
        page.locator("main [name=email]").fill(EMAILS[role])
        page.locator("main [name=role]").select_option(label=role.label)
        page.locator("main [type=submit]").click()
        expect(page.locator("main")).to_contain_text(EMAILS[role])
    links = {role: link_for(EMAILS[role]) for role in INVITED}
    found = {Role.ADMIN: page.context.cookies()}
    for role, link in links.items():
        page.context.clear_cookies()
        page.goto(link)
        page.locator("[name=name]").fill(NAMED[role])
        page.locator("[name=password]").fill(make.PASSWORD)
        page.get_by_role("button", name="Join").click()
        page.wait_for_url("**/acme/**")
        found[role] = page.context.cookies()
    return found


def link_for(address: str) -> str:
    """The path of the link in the newest mail to an address."""
    letters = [each for each in mail.outbox if each.to == [address]]
    return re.findall(r"https?://[^/]+(/\S*join/\S+)", str(letters[-1].body))[0]


@pytest.fixture
def enter(page: Page, people: People) -> Callable[[Role, str], Page]:
    """The browser as somebody of a role, at an address of the tenant."""

    def entered(role: Role, place: str) -> Page:
        page.context.clear_cookies()
        page.context.add_cookies(people[role])  # type: ignore[arg-type]
        page.goto(f"/acme/{place}")
        return page

    return entered


def test_from_a_signed_deal_to_a_retention_figure(
    enter: Callable[[Role, str], Page], opened: Tenant, browser: Browser
) -> None:
    secret = make_key(enter(Role.ADMIN, "settings/keys/new/"))
    account = signed(opened, secret)
    said_in_spiced(enter(Role.SALES, f"accounts/{account}/"))
    hand_over(enter(Role.SALES, "handoffs/?side=out"))
    accept(enter(Role.CSM, "handoffs/"))
    follow_the_plan(enter(Role.CSM, f"accounts/{account}/onboarding/"))
    go_live(enter(Role.CSM, f"accounts/{account}/"))
    address = measure_and_share(enter(Role.CSM, f"accounts/{account}/impact/"))
    confirm_as_the_customer(browser, address)
    end_onboarding(enter(Role.CSM, f"accounts/{account}/onboarding/"))
    read_retention(enter(Role.EXECUTIVE, "retention/"))


def make_key(page: Page) -> str:
    """A key for the CRM, which is shown once."""
    page.locator("main [name=name]").fill("CRM")
    page.get_by_role("button", name="Make the key").click()
    return page.locator("pre code").first.inner_text()


def said_in_spiced(page: Page) -> None:
    """Situation, pain and impact, as the deal taught them, each confirmed by whom it concerns."""
    here = page.url
    for step, said in SPICED.items():
        name = NAMES[step]
        page.goto(here)
        page.locator(f"#note-page a[href*='step={step}&']").first.click()
        fill(page, "#note-page form", said | HEARD)
        page.locator("#note-page button[type=submit]").click()
        steps = page.locator("#note-page .spiced")
        expect(steps).to_have_attribute("aria-label", re.compile(f"{name} complete"))
        page.goto(here)
        page.locator(f"#note-page a[href*='step={step}&']").first.click()
        page.get_by_text(f"Confirm {name} with the account").click()
        confirm = "#note-page form[action$='/confirm/']"
        fill(page, confirm, {"heard_from": PRIYA})
        page.locator(f"{confirm} button[type=submit]").click()
        expect(page.locator("#note-page")).to_contain_text("confirmed with the account")


def fill(page: Page, form: str, said: dict[str, str]) -> None:
    """Fill in what a form asks by name; of a choice, what is shown."""
    for name, words in said.items():
        field = page.locator(f"{form} [name={name}]")
        if field.evaluate("(it) => it.tagName") == "SELECT":
            field.select_option(label=words)
        else:
            field.fill(words)


def hand_over(page: Page) -> None:
    """Every section said, both people named, and handed over as a whole."""
    page.get_by_role("link", name="Northwind").click()
    fill(page, "main form", WHOLE | {"champion": PRIYA, "sponsor": PRIYA})
    page.get_by_role("button", name="Save and hand over").click()
    expect(page.locator(".topbar .tag")).to_have_text("Submitted")
    expect(page.locator("main")).to_contain_text("22 of 22 points")


def accept(page: Page) -> None:
    """The CSM takes it, makes contact, and holds the kickoff."""
    page.get_by_role("link", name="Northwind").click()
    expect(page.locator(".topbar .tag")).to_have_text("Submitted")
    page.get_by_role("link", name="Accept").click()
    page.locator("#modal button[type=submit]").click()
    expect(page.locator(".topbar .tag")).to_have_text("Accepted")
    steps = page.locator("[aria-labelledby=h-steps]")
    for n in (1, 2, 3):
        steps.get_by_role("button", name="Done").click()
        expect(steps.get_by_role("img", name="Done:")).to_have_count(n)
    expect(page.locator(".topbar .tag")).to_have_text("Completed")


def follow_the_plan(page: Page) -> None:
    """Both sides do what they promised, up to First Impact, which no tick brings."""
    plan = page.locator("#plan")
    for n in range(BEFORE_FIRST_IMPACT):
        tick = plan.get_by_role("button", name=re.compile("^Done")).first
        what = tick.inner_text()
        assert "First Impact" not in what, f"only {n} before it"
        tick.click()
        expect(page.get_by_role("button", name=what)).to_have_count(0)
    expect(plan).to_contain_text("Confirm First Impact")


def go_live(page: Page) -> None:
    """Every piece of evidence that going live asks for."""
    page.locator("main a[href$='/move/']").click()
    expect(page.locator("#modal [type=checkbox]")).to_have_count(6)
    for tick in page.locator("#modal [type=checkbox]").all():
        tick.check()
    page.locator("#modal button[type=submit]").click()
    expect(page.get_by_role("link", name="Live", exact=True)).to_be_visible()


def measure_and_share(page: Page) -> str:
    """The result as we measured it, and the address of the page that asks the customer."""
    goal = page.locator("article", has_text="Close in five days")
    goal.get_by_role("link", name="Measure").click()
    fill(page, "#modal form", {"value": "6", "evidence": "Closing log of the month"})
    page.locator("#modal button[type=submit]").click()
    expect(page.locator("#modal")).to_be_hidden()
    page.get_by_role("link", name="Shared page").click()
    page.get_by_role("link", name=re.compile("link", re.I)).first.click()
    page.locator("main form [name=contact]").select_option(index=1)
    page.get_by_role("button", name="Make the link").click()
    return page.locator("pre code").inner_text()


def confirm_as_the_customer(browser: Browser, address: str) -> None:
    """She opens her link on a phone, nobody signed in, and says that it is so."""
    with browser.new_context(viewport={"width": 390, "height": 844}) as phone:
        page = phone.new_page()
        page.goto(address)
        page.get_by_role("button", name="Confirm").click()
        expect(page.locator("main")).to_contain_text("confirmed by Priya Raman")


def end_onboarding(page: Page) -> None:
    """It ends at what the customer confirmed, not with the tasks."""
    expect(page.locator("#plan")).to_contain_text("counts as First Impact")
    page.get_by_role("link", name="End at First Impact").click()
    page.locator("#modal button[type=submit]").click()
    expect(page.locator("#plan")).to_contain_text("First Impact")
    expect(page.locator("#plan")).to_contain_text("confirmed by Priya Raman")
    page.reload()
    expect(page.get_by_role("link", name="First Impact", exact=True)).to_be_visible()


def read_retention(page: Page) -> None:
    """The contract stands in the executive's figures to the cent, and opens to its account."""
    movements = page.locator("section", has=page.get_by_role("heading", name="Movements"))
    closing = movements.locator("tr", has_text="Closing")
    expect(closing).to_contain_text("€18,000.00")
    movements.get_by_role("link", name="New").click()
    row = page.locator("main tbody tr", has_text="Northwind")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("18,000.00")
    page.wait_for_load_state("networkidle")


def signed(acme: Tenant, secret: str) -> UUID:
    """What the CRM sends once both have signed: the account, its people, the contract."""
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    today = timezone.localdate()
    sent: dict[str, dict[str, Any]] = {
        "accounts": {"external_id": "A1", "name": "Northwind", "employees": 90}
        | {"owner": EMAILS[Role.CSM], "seller": EMAILS[Role.SALES]},
        "contacts": {"external_id": "P1", "account": "A1", "name": "Priya Raman"}
        | {"email": "priya@northwind.example", "roles": ["champion", "exec_sponsor"]},
        "opportunities": {"external_id": "O1", "account": "A1", "name": "Northwind"}
        | {"kind": "new", "stage": "won", "closed_on": str(today)},
        "contracts": {
            "external_id": "C1",
            "account": "A1",
            "arr_minor": 1_800_000,
            "currency": "EUR",
        }
        | {"starts_on": str(today), "ends_on": str(today + timedelta(days=365))},
    }

    def post(path: str, body: dict[str, Any]) -> Any:
        answer = client.post(f"/api/v1/{path}/", body, "application/json")
        assert answer.status_code in (200, 201), answer.content
        return answer.json()

    ids = [
        post(f"{noun}/bulk", {"source": "crm", "data": [row]})["results"][0]["id"]
        for noun, row in sent.items()
    ]
    tell_news(acme)  # the deal is won and has its contract, so the account commits
    tell_news(acme)  # and its handoff begins
    return UUID(ids[0])


def tell_news(acme: Tenant) -> None:
    """What a worker does within seconds, without waiting for it."""
    with act_for(acme.pk):
        waiting = Job.objects.filter(kind="tenants.news", state=Job.State.WAITING)
        waiting.update(due_at=timezone.now())
        ids = list(waiting.values_list("pk", flat=True))
    for job_id in ids:
        run(acme.pk, job_id)
