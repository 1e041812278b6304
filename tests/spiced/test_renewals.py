"""Conditions as events, renewals that enter as compelling, and how many accounts are covered."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from charter.actions import install_defaults
from health.measures import renewal
from plays.actions.definitions import install_defaults as install_plays
from plays.models import Play
from spiced.actions.events import save_event
from spiced.actions.renewals import enter_renewals
from spiced.models import CriticalEvent
from spiced.queries.dates import ahead, coverage
from spiced.queries.notes import picture
from spiced.rules.events import Class
from spiced.rules.states import Kind
from tenants.actor import Actor
from tenants.models import Tenant, TrailEntry
from tenants.scope import act_for
from tests import make
from tests.make import NOW, TODAY

RENEWS = date(2027, 2, 28)


@pytest.fixture
def account(inside: Tenant, csm: Actor) -> Account:
    return make.account(owner=csm.user, renews_on=RENEWS, stage="live")


def entered() -> CriticalEvent:
    return CriticalEvent.objects.get(is_renewal=True, status="open")


def test_a_renewal_enters_once_and_is_only_compelling(account: Account):
    assert enter_renewals(today=TODAY, now=NOW) == 1
    assert enter_renewals(today=TODAY, now=NOW) == 0
    assert (entered().on, entered().level) == (RENEWS, Class.COMPELLING)
    assert coverage(Account.objects.all(), TODAY).share == 0
    assert TrailEntry.objects.filter(verb="spiced.renewal_entered").count() == 1


def test_with_a_consequence_it_is_critical_and_counts(account: Account, csm: Actor):
    make.account("Initech")
    enter_renewals(today=TODAY, now=NOW)
    said = {"statement": "Renewal", "on": RENEWS, "consequence": "The old system goes off"}
    event = save_event(account=account, actor=csm, now=NOW, event=entered(), **said)
    assert event.level is Class.CRITICAL
    covered = coverage(Account.objects.all(), TODAY)
    assert (covered.covered, covered.n, covered.share) == (1, 2, 0.5)


def test_a_renewal_follows_its_contract_without_counting_as_moved(account: Account):
    enter_renewals(today=TODAY, now=NOW)
    CriticalEvent.objects.update(consequence="The old system goes off", confirmed_at=NOW)
    Account.objects.update(renews_on=RENEWS + timedelta(days=31))
    enter_renewals(today=TODAY, now=NOW)
    event = entered()
    assert (event.on, event.times_moved) == (RENEWS + timedelta(days=31), 0)
    assert (event.consequence, event.confirmed_at) == ("The old system goes off", None)


def test_a_renewed_contract_closes_the_date_and_enters_the_next(account: Account):
    enter_renewals(today=TODAY, now=NOW)
    Account.objects.update(renews_on=RENEWS + timedelta(days=365))
    assert enter_renewals(today=TODAY, now=NOW) == 1
    assert list(CriticalEvent.objects.order_by("on").values_list("status", flat=True)) == [
        "met", "open",
    ]  # fmt: skip


def test_a_contract_that_renews_no_more_leaves_no_date(account: Account):
    enter_renewals(today=TODAY, now=NOW)
    Account.objects.update(renews_on=None)
    assert enter_renewals(today=TODAY, now=NOW) == 0
    assert CriticalEvent.objects.get().status == "invalid"


def test_moved_twice_it_is_not_covered_any_more(account: Account, csm: Actor):
    said = {"statement": "Audit", "on": RENEWS, "consequence": "The finding goes to the board"}
    event = save_event(account=account, actor=csm, now=NOW, **said)
    assert coverage(Account.objects.all(), TODAY).covered == 1
    event.times_moved = 2
    event.save()
    assert coverage(Account.objects.all(), TODAY).covered == 0
    assert event.level is Class.COMPELLING


def test_a_condition_counts_by_when_it_is_expected(account: Account, csm: Actor):
    reached = {"operator": "≥", "value": 1e6, "expected_on": RENEWS}
    event = save_event(
        account=account, actor=csm, now=NOW, statement="A million users", condition="Users",
        consequence="The licence ends", **reached,
    )  # fmt: skip
    assert (event.condition_words, event.happens_on) == ("Users ≥ 1,000,000", RENEWS)
    assert list(ahead(Account.objects.all(), TODAY)) == [event]
    assert list(ahead(Account.objects.all(), RENEWS + timedelta(days=1))) == []
    assert 'coalesce(e."on", e.expected_on)' in renewal.EVENTS.sql


def test_the_note_speaks_of_a_condition_and_it_becomes_an_event(account: Account, csm: Actor):
    said: dict[str, Any] = {"text": "A million users", "condition": "Users", "operator": "≥"}
    said |= {"value": 1e6, "expected_on": "2026-12-10", "consequence": "The licence ends"}
    said |= {"consequence_kind": "financial", "amount": 250_000_00}
    make.note(account, csm, CE=said)
    event = CriticalEvent.objects.get()
    assert (event.value, event.amount_minor, event.level) == (1e6, 250_000_00, Class.CRITICAL)
    assert picture(account, TODAY).states["CE"].kind is Kind.COMPLETE
    late = picture(account, date(2026, 12, 11)).states["CE"]
    assert (late.kind, late.reason) == (Kind.STALE, "10 Dec has passed")


def test_a_play_asks_for_the_consequence_of_the_renewal(inside: Tenant):
    install_defaults(author=None, now=NOW)
    install_plays(author=None, now=NOW)
    play = Play.objects.get(key="renewal_consequence")
    assert play is not None


def test_the_events_of_all_accounts_stand_on_one_page(
    acme: Tenant, csm: Actor, sign_in: Callable[[Actor], Client]
):
    with act_for(acme.pk):
        account = make.account(owner=csm.user)
        on = timezone.localdate() + timedelta(days=30)
        for statement, consequence in (("Audit", "The board hears of it"), ("Fair", "")):
            save_event(
                account=account, actor=csm, now=NOW, statement=statement, on=on,
                consequence=consequence,
            )  # fmt: skip
    maya = sign_in(csm)
    page = maya.get("/acme/impact/events/").text
    assert "<b>100.0%</b> of 1 account" in page and "Audit" in page and "Fair" not in page
    assert "Fair" in maya.get("/acme/impact/events/?class=compelling").text
