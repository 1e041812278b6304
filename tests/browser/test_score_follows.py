"""A saved contact moves the score before one's eyes: Chromium, a real worker, a real broker."""

import subprocess
from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Account
from csom.demo.make import make_demo
from health.models import Snapshot
from health.queries.measuring import slot
from tenants.actor import Actor
from tenants.models import Membership, Tenant
from tenants.scope import act_for

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MOST_SECONDS = 60


def longest_silent(tenant: Tenant) -> Account:
    """The scored account that nobody talked to for longest. No news waits to be read."""
    at = slot("days_since_two_way") - 1
    with act_for(tenant.pk):
        newest = Snapshot.objects.latest("day").day
        Snapshot.objects.filter(day=newest).update(recorded_at=timezone.now())
        found = Snapshot.objects.filter(day=newest, score__isnull=False, caps=[])
        found = found.exclude(owner_id=None).exclude(account__owner=None)
        silent = max(found, key=lambda snapshot: snapshot.values[at] or 0)
        return Account.objects.select_related("owner").get(pk=silent.account_id)


def test_a_saved_contact_moves_the_score_without_a_reload(
    transactional_db: None,
    celery_worker_process: Callable[..., subprocess.Popen[bytes]],
    page: Page,
    server_url: str,
    sign_in: Callable[[Actor], Client],
) -> None:
    company = make_demo(now=timezone.now(), scale=0.1)[0]
    account = longest_silent(company)
    member = Membership.objects.get(tenant=company, user=account.owner)
    cookie = sign_in(Actor(company, member.role, member.user, member)).cookies
    session = cookie[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": session.key, "value": session.value, "url": server_url}])
    celery_worker_process("--concurrency=1")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.goto(f"/{company.slug}/accounts/{account.pk}/")
    page.evaluate("window.isTheSame = true")
    panel = page.locator("#health-panel")
    waiting = page.locator("#health-awaited")
    expect(panel).to_be_visible()
    expect(waiting).to_have_count(0)
    before, drivers = panel.inner_text(), panel.locator(".drv").first.inner_text()

    page.get_by_role("link", name="Log contact").click()
    page.get_by_label("What it was for").fill("Hear how the audit went")
    page.get_by_label("They answered").check()
    page.get_by_role("button", name="Log", exact=True).click()
    expect(waiting).to_contain_text("Updating…")
    expect(waiting).to_contain_text("The score shown was made")
    assert panel.inner_text().replace(waiting.inner_text(), "").split() == before.split()
    expect(waiting).to_have_count(0, timeout=MOST_SECONDS * 1000)
    assert panel.locator(".drv").first.inner_text() != drivers, "the score knows of the contact"
    assert page.evaluate("window.isTheSame")

    seen = len(asked)
    page.wait_for_timeout(5_000)
    assert asked[seen:] == [], "an idle page asks"
