"""The retention page prints to exactly one A4 page, however much it says."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page

from accounts.models import ArrMovement, ChurnRecord, Contract
from charter.queries import default_body
from charter.rules.causes import Causes
from tenants.actor import Actor
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.make import NOW

POINTS = re.compile(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]")
A4 = (595, 842)  # points
KINDS = ("expansion", "contraction", "churn", "restore", "reactivation", "adjustment", "fx")
CAUSES = list(Causes.from_body(default_body("causes")).by_key)


@pytest.fixture
def printed(
    page: Page, server_url: str, acme: Tenant, sign_in: Callable[[Actor], Client]
) -> Callable[[], list[tuple[int, int]]]:
    """The sizes of the pages it prints to."""
    cookie = sign_in(make.member(acme, Role.REVOPS)).cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": server_url}])

    def sizes() -> list[tuple[int, int]]:
        page.goto("/acme/retention/")
        made = page.pdf(prefer_css_page_size=True)
        return [(round(float(w)), round(float(h))) for w, h in POINTS.findall(made)]

    return sizes


def full(today: date) -> None:
    """A cohort for each quarter, each kind of movement, each cause, and names that are long."""
    for number in range(14):
        account = make.account("Wilhelmina Consolidated " * 8 + str(number))
        won = today - timedelta(days=1300 - 91 * number)
        entry = {"account": account, "recorded_at": NOW}
        ArrMovement.objects.create(kind="new", amount_minor=10**9, effective_on=won, **entry)
        for kind in KINDS:
            on = today - timedelta(days=20 + number)
            ArrMovement.objects.create(kind=kind, amount_minor=-(10**7), effective_on=on, **entry)
        Contract.objects.create(
            account=account, external_id=str(number), arr_minor=10**9, starts_on=won,
            ends_on=today - timedelta(days=30),
        )  # fmt: skip
        ChurnRecord.objects.create(
            external_id=str(number), ended_on=today - timedelta(days=9), arr_minor=10**9,
            initiation="customer_decision", cause=CAUSES[number], **entry,
        )  # fmt: skip


def test_a_page_of_everything_is_one_page(
    printed: Callable[[], list[tuple[int, int]]], page: Page, acme: Tenant
) -> None:
    with act_for(acme.pk):
        full(timezone.localdate())
    assert printed() == [A4]
    assert page.locator("h2", has_text="Who decided, and why").count() == 1
    assert page.locator("table").last.locator("tbody tr").count() == 14


def test_a_page_of_nothing_is_one_page_too(
    printed: Callable[[], list[tuple[int, int]]],
) -> None:
    assert printed() == [A4]
