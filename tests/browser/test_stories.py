"""The main jobs of a manager and of RevOps on a small demo in Chromium."""

from collections.abc import Callable, Iterator
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from csom.demo.make import make_demo
from health.actions.night import score_night
from health.models import AccountRow
from plays.models import Run, Task
from tenants.actor import Actor
from tenants.jobs import later, run
from tenants.models import Job, Membership, Tenant
from tenants.roles import Role
from tenants.scope import act_for

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def company(transactional_db: None) -> Tenant:
    """The first company of the demo, at a tenth of its size."""
    return make_demo(now=timezone.now(), scale=0.1)[0]


@pytest.fixture
def enter(
    company: Tenant, page: Page, server_url: str, sign_in: Callable[[Actor], Client]
) -> Iterator[Callable[[Role], Page]]:
    """The browser as somebody of a role, on the page that role starts from."""

    def entered(role: Role) -> Page:
        member = Membership.objects.filter(tenant=company, role=role).select_related("user")[0]
        cookie = sign_in(Actor(company, role, member.user, member)).cookies
        session = cookie[settings.SESSION_COOKIE_NAME]
        page.context.clear_cookies()
        page.context.add_cookies([{"name": session.key, "value": session.value, "url": server_url}])
        page.goto(f"/{company.slug}/")
        return page

    yield entered
    page.wait_for_load_state("networkidle")


SHOWN = "(cells) => cells.map((cell) => cell.offsetParent !== null)"


def test_a_list_hides_a_column_with_its_head_where_room_is_short(
    enter: Callable[[Role], Page],
) -> None:
    page = enter(Role.MANAGER)
    seen = set()
    for width in (1440, 1280, 1100):
        page.set_viewport_size({"width": width, "height": 900})
        heads = page.locator("table[data-list] thead th").evaluate_all(SHOWN)
        first = page.locator("table[data-list] tbody tr").first
        assert first.locator("td").evaluate_all(SHOWN) == heads
        too_wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert too_wide <= 0, f"{too_wide} px at {width}"
        seen.add(sum(heads))
    assert len(seen) > 1


def test_a_manager_sees_who_is_at_risk_and_why(
    enter: Callable[[Role], Page], company: Tenant
) -> None:
    page = enter(Role.MANAGER)
    expect(page.get_by_role("heading", level=1)).to_contain_text("At risk")
    first = page.locator("table[data-list] tbody tr").first
    name = first.locator(".table__acct a").inner_text()
    reason = first.locator("td.clip").nth(0).inner_text()
    assert reason
    first.locator(".table__acct a").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    with act_for(company.pk):
        row = AccountRow.objects.get(name=name)
    panel = page.locator("#health-panel, [id^=health]").first
    expect(panel).to_contain_text(str(round(row.score or 0)))
    expect(panel).to_contain_text("adds up to")


def test_revops_changes_a_weight_and_sees_the_effect_after_the_run(
    enter: Callable[[Role], Page], company: Tenant
) -> None:
    page = enter(Role.REVOPS)
    with act_for(company.pk):
        before = dict(AccountRow.objects.exclude(score=None).values_list("account_id", "score"))
    page.goto(f"/{company.slug}/health/models/core/")
    page.get_by_role("link", name="Change in a draft").click()
    page.locator("[name='dim-usage']").fill("90")
    page.get_by_role("button", name="Save the draft").click()
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("heading", name="Move most")).to_be_visible()
    page.get_by_label("Scores from").fill(today(company))
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("version 2, since")).to_be_visible()
    run_night(company, today(company))
    with act_for(company.pk):
        after = dict(AccountRow.objects.exclude(score=None).values_list("account_id", "score"))
    assert after.keys() == before.keys() and after != before


def test_revops_changes_a_play_and_the_next_run_follows_it(
    enter: Callable[[Role], Page], company: Tenant
) -> None:
    page = enter(Role.REVOPS)
    page.goto(f"/{company.slug}/plays/")
    page.get_by_role("link", name="Win back falling use").click()
    page.get_by_role("link", name="Change").first.click()
    page.locator("[name='value-0']").fill("9")  # any use that is known falls short of it
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("version 2").first).to_be_visible()
    run_night(company, today(company))
    with act_for(company.pk):
        fresh = Run.objects.filter(play_key="usage_drop", play__version=2)
        assert fresh.exists() and Task.objects.filter(run__in=fresh).exists()


def today(company: Tenant) -> str:
    return timezone.now().astimezone(ZoneInfo(company.time_zone)).date().isoformat()


def run_night(company: Tenant, day: str) -> None:
    """The night of a day and the plays that follow it, as a worker would."""
    with act_for(company.pk):
        Job.objects.filter(kind__in=("health.night", "plays.evaluate"), key=day).delete()
        later(score_night, key=day, now=timezone.now(), day=day)
    for kind in ("health.night", "plays.evaluate"):
        with act_for(company.pk):
            job = Job.objects.get(kind=kind, key=day)
        assert run(company.pk, job.pk)
