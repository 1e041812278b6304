"""The impact worksheet prints to exactly one A4 page, empty or full."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page

from accounts.models import Account
from spiced.models import CriticalEvent, Element, ImpactGoal, Note
from tenants.actor import Actor
from tenants.models import Tenant
from tenants.scope import act_for
from tests import make
from tests.make import NOW

POINTS = re.compile(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]")
A4 = (595, 842)  # points


@pytest.fixture
def printed(
    page: Page, server_url: str, acme: Tenant, csm: Actor, sign_in: Callable[[Actor], Client]
) -> Callable[[Account], list[tuple[int, int]]]:
    """The sizes of the pages an account's worksheet prints to."""
    cookie = sign_in(csm).cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": server_url}])

    def sizes(account: Account) -> list[tuple[int, int]]:
        page.goto(f"/acme/accounts/{account.pk}/spiced/worksheet/")
        made = page.pdf(prefer_css_page_size=True)
        return [(round(float(w)), round(float(h))) for w, h in POINTS.findall(made)]

    return sizes


def full(account: Account) -> None:
    """More of everything than a page holds, in words as long as they may be."""
    today, person = timezone.localdate(), make.contact(account, "Wilhelmina " * 9)
    for number in range(7):
        ImpactGoal.objects.create(
            account=account, kind="rational", statement="Much better " * 40, unit="k€ a quarter",
            measure="Discounts taken of those offered " * 3, baseline=18, target=78.25,
            deadline_on=today + timedelta(days=30 + number), recorded_at=NOW,
        )  # fmt: skip
        ImpactGoal.objects.create(
            account=account, kind="emotional", statement="I sleep " * 60, person=person,
            recorded_at=NOW,
        )  # fmt: skip
    CriticalEvent.objects.create(
        account=account, statement="The audit " * 29, on=today + timedelta(days=90),
        consequence="The finding goes to the board " * 16, sufferer=person, recorded_at=NOW,
    )  # fmt: skip
    note = Note.objects.create(account=account, version=1, saved_at=NOW)
    records = {
        "pains": [
            {"id": str(n), "text": "Late again " * 40, "who": str(person.pk), "annual_cost": n}
            for n in range(9)
        ],
        "people": [
            {"id": str(n), "contact": str(person.pk), "role": "signs " * 30} for n in range(9)
        ],
    }
    for letter, key in (("P", "pains"), ("D", "people")):
        Element.objects.create(note=note, letter=letter, details={key: records[key]})


def test_a_worksheet_to_write_on_is_one_page(
    printed: Callable[[Account], list[tuple[int, int]]], acme: Tenant, csm: Actor
) -> None:
    with act_for(acme.pk):
        account = make.account("Northwind", owner=csm.user)
    assert printed(account) == [A4]


def test_a_full_worksheet_is_one_page_too(
    printed: Callable[[Account], list[tuple[int, int]]], page: Page, acme: Tenant, csm: Actor
) -> None:
    with act_for(acme.pk):
        account = make.account("Northwind " * 10, owner=csm.user)
        full(account)
    assert printed(account) == [A4]
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 688, "height": 1016})
    cut = "(e) => e.scrollHeight - e.clientHeight"
    assert page.locator(".worksheet").evaluate(cut) <= 0, "nothing is cut off"
