"""The demo: the same each time, in balance, apart, and every screen opens for every role."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from io import StringIO
from itertools import pairwise
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client
from django.urls import resolve

from accounts.models import Account, ArrMovement, Contract, CustomField
from accounts.queries.agreements import books
from accounts.rules.ledger import arr_on
from bowtie.queries.ledger import windows
from bowtie.rules.retention import retention
from charter.queries import calendar
from csom.demo.history import scored_days
from csom.demo.lives import Fate, Life, lives
from csom.demo.make import make_demo
from csom.demo.worlds import PASSWORD, TALLYBIRD, WORLDS
from health.models import AccountRow, Snapshot
from health.queries.freshness import freshness
from journeys.models import Handoff
from plays.models import Task
from pulse.models import Activity, UsageDay
from spiced.models import Note
from tenants.addresses import INSIDE
from tenants.jobs import NIGHTLY
from tenants.models import Job, Tenant
from tenants.nights import queue_nights
from tenants.queries.jobs import standing
from tenants.roles import PEOPLE
from tenants.scope import act_for

NOW = datetime(2026, 11, 19, 15, 0, tzinfo=UTC)
TODAY = date(2026, 11, 19)
SMALL = 0.1


def told(seed: int) -> list[Life]:
    return lives(TALLYBIRD, today=TODAY, seed=seed, count=160)


def test_the_same_seed_and_day_tell_the_same_lives() -> None:
    assert told(7) == told(7)
    assert told(7) != told(8)


def test_names_differ_and_most_accounts_do_well() -> None:
    found = told(7)
    assert len({life.name for life in found}) == 160
    fates = Counter(life.fate for life in found)
    assert fates[Fate.WELL] + fates[Fate.GROWING] > 80
    assert 5 <= fates[Fate.LEFT] <= 15


@pytest.mark.parametrize("world", WORLDS)
def test_contracts_follow_on_each_other_and_stages_on_time(world: Any) -> None:
    for life in lives(world, today=TODAY, seed=7, count=world.accounts):
        main = [term for term in life.terms if not term.is_module]
        assert all(a.ends_on == b.starts_on for a, b in pairwise(main))
        assert all(term.arr_minor > 0 for term in life.terms)
        days = [day for _, day in life.stages]
        assert days == sorted(days)
        assert days[-1] <= TODAY


def test_usage_falls_before_an_account_leaves() -> None:
    for life in told(7):
        if life.left_on:
            assert life.falls_on is not None
            assert life.falls_on < life.left_on


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, Tenant]]:
    """Both companies at a tenth of their size, rolled back when this module is through."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield {tenant.slug: tenant for tenant in make_demo(now=NOW, scale=SMALL)}
        transaction.set_rollback(True)


pytestmark = pytest.mark.django_db


def test_each_company_sees_only_its_own(demo: dict[str, Tenant]) -> None:
    seen: dict[str, set[str]] = {}
    for slug, tenant in demo.items():
        with act_for(tenant.pk):
            seen[slug] = set(Account.objects.values_list("external_id", flat=True))
            assert set(Account.objects.values_list("currency", flat=True)) == {tenant.currency}
            for model in (Account, Contract, Activity, UsageDay, Snapshot, Note, Task):
                assert model._base_manager.values("tenant").distinct().count() == 1
    assert seen["tallybird"] and seen["ferrowave"]
    assert not seen["tallybird"] & seen["ferrowave"]
    assert {(tenant.currency, tenant.time_zone) for tenant in demo.values()} == {
        ("EUR", "Europe/Berlin"),
        ("USD", "America/Chicago"),
    }


def test_the_ledger_reconciles_with_the_contracts_to_the_cent(demo: dict[str, Tenant]) -> None:
    for tenant in demo.values():
        with act_for(tenant.pk):
            accounts = list(Account.objects.all())
            found = books([account.pk for account in accounts], TODAY)
            for account in accounts:
                in_ledger = ArrMovement.objects.filter(account=account).values_list("amount_minor")
                total = sum(amount for (amount,) in in_ledger)
                assert total == account.arr_minor == arr_on(found[account.pk].terms, TODAY)
            year = retention(windows(TODAY.replace(year=2025), TODAY, NOW))
            assert year.reconciles
            assert year.closing == sum(account.arr_minor for account in accounts)


def test_counts_are_the_same_for_the_same_seed_and_moment(demo: dict[str, Tenant]) -> None:
    with act_for(demo["tallybird"].pk):
        assert Account.objects.count() == 20
        days = Snapshot.objects.values("day").distinct().count()
        assert days == len(scored_days(TODAY, 100))
        bands = Counter(AccountRow.objects.values_list("band", flat=True))
        assert bands["green"] > bands["yellow"] + bands["red"] > 1
        assert not Activity.objects.filter(at__gt=NOW).exists()
        assert not UsageDay.objects.filter(day__gte=TODAY).exists()
        assert Task.objects.filter(state="open").exists()
        assert not Task.objects.filter(state="open", owner=None).exists()
        assert Handoff.objects.filter(state="completed").exists()
        assert Handoff.objects.filter(state__in=("draft", "submitted", "returned")).exists()


def test_scores_and_plays_of_the_demo_wait_for_no_night(demo: dict[str, Tenant]) -> None:
    for tenant in demo.values():
        queue_nights(tenant, NOW)
        with act_for(tenant.pk):
            assert not Job.objects.filter(kind__in=NIGHTLY).exclude(state="done").exists()
            assert not standing(tenant, NOW).late
            assert not freshness(tenant, NOW)


def test_custom_fields_are_filled_in(demo: dict[str, Tenant]) -> None:
    with act_for(demo["tallybird"].pk):
        assert set(CustomField.objects.values_list("key", flat=True)) == {"hosting", "reference"}
        held = Account.objects.filter(custom__hosting="Their cloud", custom__reference=True)
        assert held.exists()


def test_each_company_keeps_the_holidays_of_its_country(demo: dict[str, Tenant]) -> None:
    with act_for(demo["tallybird"].pk):
        assert date(2026, 10, 3) in calendar().holidays
        assert {day.year for day in calendar().holidays} == {2026, 2027}
    with act_for(demo["ferrowave"].pk):
        assert not calendar().is_working_day(date(2026, 11, 26))
    client = Client()
    client.login(username=TALLYBIRD.email(TALLYBIRD.people[0]), password=PASSWORD)
    page = client.get("/tallybird/charter/").text
    assert "Closed in 2026 on New Year&#x27;s Day (2026-01-01), Good Friday (2026-04-03)" in page


def test_every_screen_opens_for_every_role_and_shows_no_link_that_refuses_it(
    demo: dict[str, Tenant],
) -> None:
    for world in WORLDS:
        for role in PEOPLE:
            person = next(each for each in world.people if each.role is role)
            client = Client()
            assert client.login(username=world.email(person), password=PASSWORD)
            first = client.get(f"/{world.slug}/", follow=True)
            assert first.status_code == 200
            ahead = {item["url"] for entry in first.context["nav"] for item in entry["items"]}
            with act_for(demo[world.slug].pk):
                for row in AccountRow.objects.order_by("-arr_minor")[:2]:
                    ahead.add(f"/{world.slug}/accounts/{row.account_id}/")
            linked = {}
            for url in ahead:
                page = client.get(url)
                assert page.status_code == 200, (role, url)
                for link in re.findall(rf'href="(/{world.slug}/[^"#?]*)', page.content.decode()):
                    linked.setdefault(resolve(link[len(world.slug) + 1 :], INSIDE).view_name, link)
            for link in linked.values():
                assert client.get(link).status_code == 200, (role, link)


def test_an_existing_tenant_is_left_alone_and_sign_ins_are_told(demo: dict[str, Tenant]) -> None:
    call_command("demo", "--if-empty")
    with pytest.raises(CommandError, match="already"):
        call_command("demo")
    said = StringIO()
    call_command("demo", "--sign-ins", stdout=said)
    for world in WORLDS:
        for person in world.people:
            assert world.email(person) in said.getvalue()
    assert PASSWORD in said.getvalue()
