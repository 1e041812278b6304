"""A company of ten rows of everything becomes one of a thousand: what must not grow with it."""

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings

from accounts.models import Account
from csom.devstack.pytest_plugin import as_owner
from health.models import SavedView
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests.browser import world
from tests.budgets import growth
from tests.budgets.plans import HOT, Hot, scans
from tests.budgets.visits import Asked, Place, endpoints, pages

# What is excepted, and why. An exception that no longer holds fails.
MAY_GROW = {
    'SELECT COUNT(*) AS "__count" FROM "plays_task"': "counts tasks beyond the hundred shown",
}
FEWER = {
    "bowtie.Overlay": "an account holds one of each kind at a time",
    "health.Pin": "a person keeps a few, each view once",
    "health.BandDay": "three a day, made where the page at risk finds one missing",
    "health.ChurnModel": "made where somebody asks for it; the newest is read",
    "health.Replay": "made where somebody asks for it, read by account and day",
    "tenants.Preference": "read one at a time, by person and key",
    "tenants.IdempotencyRecord": "read one at a time, by key",
}
ENOUGH = growth.MANY // 2  # where some of the copies would break a rule

MOST_BYTES = 20_000  # of a list, as it travels
# What a browser fetches of its own accord; a link is followed by a person.
FETCHED = re.compile(
    r"<(?!a\b)[a-z]+\b[^>]*?\s(?:src|href|srcset|action|poster|data|hx-get|hx-post)=[\"']([^\"']*)"
    r"|url\(\s*[\"']?([^\"')]+)|@import\s+[\"']([^\"']+)"
)


@dataclass(frozen=True)
class Grown:
    """The company, and what each place said of it before and after."""

    tenant: Tenant
    account_id: UUID
    places: list[tuple[Place, Asked, Asked]]


@pytest.fixture(scope="module")
def grown(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Grown]:
    """Looking changes nothing, so the rows are made once."""
    uploads = tmp_path_factory.mktemp("uploads")
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=uploads):
        tenant, account_id = growth.small_company()
        places = [*pages(tenant, account_id), *endpoints(tenant, account_id)]
        few = [place.ask() for place in places]
        growth.grow(tenant)
        many = [place.ask() for place in places]
        yield Grown(tenant, account_id, list(zip(places, few, many, strict=True)))
        with as_owner():
            call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=True)


def test_queries_do_not_grow_with_rows(grown: Grown) -> None:
    more, used = {}, set()
    for place, few, many in grown.places:
        new = many.queries - few.queries
        surplus = many.queries.total() - few.queries.total()
        for sql, times in new.items():
            for excepted in MAY_GROW:
                if sql.startswith(excepted):
                    used.add(excepted)
                    surplus -= times
        if surplus > 0:
            more[place.name] = new
    assert not more
    assert used == set(MAY_GROW)


def test_every_noun_has_grown(grown: Grown) -> None:
    short = {table for table, rows in growth.sizes().items() if rows < ENOUGH}
    assert short == set(FEWER)


@pytest.mark.parametrize("hot", HOT, ids=str)
def test_what_is_asked_most_finds_its_rows_by_an_index(grown: Grown, hot: Hot) -> None:
    with act_for(grown.tenant.pk):
        most = Account.objects.get(pk=grown.account_id)
        one = Account.objects.get(external_id=f"{most.external_id}-1")  # a copy, with few rows
        used = [scan for scan in scans(lambda: hot.ask(one)) if scan.table == hot.table]
    assert used
    assert not [scan for scan in used if not scan.index], "it is read as a whole"
    fitting = [scan for scan in used if hot.index in (scan.index, "")]
    assert any(all(name in scan.by for name in hot.by) for scan in fitting), used


@pytest.mark.parametrize("address", ["accounts/?owner=all", "at-risk/?owner=all"])
def test_a_list_of_fifty_travels_light(grown: Grown, address: str) -> None:
    client = world.client_of(grown.tenant, Role.MANAGER)
    with act_for(grown.tenant.pk):
        SavedView.objects.filter(name__regex="-[0-9]+$").delete()  # their tabs are no rows
        answer = client.get(f"/{grown.tenant.slug}/{address}")
        transaction.set_rollback(True)
    assert answer.text.count("<tr") > 50
    assert len(gzip.compress(answer.content, 6)) <= MOST_BYTES


def test_no_page_asks_another_origin(grown: Grown) -> None:
    told = {place.name: many.text for place, _, many in grown.places}
    told |= {path.name: path.read_text() for path in settings.BASE_DIR.glob("static/css/**/*.css")}
    assert {name: far for name, text in told.items() if (far := elsewhere(text))} == {}


@pytest.mark.parametrize(
    ("text", "is_far"),
    [
        ('<img alt="" src="https://far.example/a.png">', True),
        ('<script defer src="//far.example/a.js"></script>', True),
        ("@font-face { src: url(https://far.example/a.woff2) }", True),
        ('@import "https://far.example/a.css";', True),
        ('<a class="b" href="https://far.example/">Read on</a>', False),
        ('<link rel="icon" href="/static/a.svg">', False),
    ],
)
def test_looking_for_other_origins_notices(text: str, is_far: bool) -> None:
    assert bool(elsewhere(text)) is is_far


def elsewhere(text: str) -> list[str]:
    """Addresses of other origins that a browser would fetch."""
    asked = ["".join(groups) for groups in FETCHED.findall(text)]
    return [address for address in asked if re.match(r"(https?:)?//", address)]
