"""ARR as of a stay, and the time from First Impact to the first renewal and expansion."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from accounts.actions.revenue import keep_ledger
from accounts.actions.upsert import bring_in
from accounts.models import Account, Opportunity
from accounts.targets import CONTRACTS, OPPORTUNITIES
from bowtie.models import DealStep, Stay
from bowtie.queries.board import FIRST_EXPANSION, FIRST_REFERRAL, FIRST_RENEWAL, Asked, Board
from bowtie.queries.ways import Slice
from bowtie.rules.heights import heights
from charter.actions import install_defaults
from charter.models import Document
from charter.queries import in_force
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.make import NOW, TODAY

SINCE = date(2026, 1, 1)


def moment(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9, tzinfo=UTC)


def enter(account: Account, stage: str, day: date, **more: Any) -> None:
    at = moment(day)
    Stay.objects.filter(account=account, left_at=None).update(left_at=at)
    Stay.objects.create(account=account, stage=stage, entered_at=at, recorded_at=at, **more)


def contract(account: Account, number: int, begins: date, ends: date, arr: int) -> None:
    row = {"external_id": f"{account.external_id}-{number}", "account": account.external_id}
    row |= {"starts_on": begins, "ends_on": ends, "arr_minor": arr}
    now = min(moment(begins) - timedelta(days=5), NOW)
    assert not bring_in(CONTRACTS, [row], source="csom", now=now).refusals


def test_arr_on_a_day_is_what_the_ledger_held_or_the_first_it_came_to():
    found = heights([(date(2026, 2, 1), 100), (date(2026, 5, 1), -40), (date(2026, 8, 1), -60),
                     (date(2026, 2, 1), 5), (date(2026, 9, 1), 70)])  # fmt: skip
    days = {date(2026, 1, 1): 105, date(2026, 2, 1): 105, date(2026, 6, 1): 65}
    days |= {date(2026, 8, 1): 5, date(2026, 12, 1): 75}
    assert {day: found.on(day) for day in days} == days
    assert heights([(SINCE, 10), (TODAY, -10)]).on(TODAY) == 0
    assert heights([]).on(SINCE) == 0


@pytest.fixture
def three(acme: Tenant) -> None:
    """One that renewed and grew, one that neither did so far, one that left before it could."""
    with act_for(acme.pk):
        grown, young, gone = (make.account(name) for name in ("Grown", "Young", "Gone"))
        contract(grown, 1, date(2026, 1, 20), date(2026, 7, 20), 100_00)
        contract(grown, 2, date(2026, 5, 2), date(2027, 5, 2), 50_00)
        contract(grown, 3, date(2026, 7, 20), date(2027, 7, 20), 300_00)
        contract(young, 1, date(2026, 1, 10), date(2027, 1, 10), 40_00)
        contract(gone, 1, date(2026, 1, 10), date(2026, 6, 10), 7_00)
        for account in (grown, young, gone):
            enter(account, "committed", date(2026, 1, 10))
            enter(account, "first_impact", date(2026, 3, 1))
        enter(gone, "churned", date(2026, 6, 10))
        keep_ledger(account_ids=Account.objects.values_list("pk", flat=True), now=NOW)
        Account.objects.update(arr_minor=999_00)


@pytest.fixture
def lead(acme: Tenant, sign_in: Any) -> Client:
    return sign_in(make.member(acme, Role.MANAGER))


def test_volumes_of_accounts_come_with_their_arr_as_of_the_stay(acme: Tenant, three: None):
    with act_for(acme.pk):
        board = Board(Asked(SINCE, TODAY, NOW, ZoneInfo("UTC")))
        cr5 = board.rates["cr5"]
        assert (cr5.n, cr5.reached) == (3, 3)
        assert board.arr(cr5) == (147_00, 147_00), "not today's, and not before there was any"
        assert board.arr(board.rates["again"]) == (147_00, 0)
        assert board.arr(board.rates["cr4"]) is None
        assert board.arr(board.rates["cr6"]) is None


def test_days_from_first_impact_count_those_that_wait(acme: Tenant, three: None):
    with act_for(acme.pk):
        board = Board(Asked(SINCE, TODAY, NOW, ZoneInfo("UTC")))
        told = {
            key: {each.way.name: (each.days, each.open_days) for each in board.waits[key]}
            for key in (FIRST_RENEWAL, FIRST_EXPANSION)
        }
        cr6, cr7 = board.rates["cr6"], board.rates["cr7"]
    begun = moment(date(2026, 3, 1))
    open_days = (NOW - begun).total_seconds() / 86_400
    left = {"Young": (None, open_days), "Gone": (None, 101)}
    renewed, grew = (
        (datetime(2026, month, day, tzinfo=UTC) - begun).total_seconds() / 86_400
        for month, day in ((7, 20), (5, 2))
    )
    assert told == {
        FIRST_RENEWAL: left | {"Grown": (renewed, None)},
        FIRST_EXPANSION: left | {"Grown": (grew, None)},
    }
    assert (cr6.median_days, cr7.median_days) == (renewed, grew)
    assert (cr6.times, cr7.times) == (1, 1)
    assert cr6.km_days is None or cr6.km_days >= renewed


def test_the_page_shows_arr_and_days_and_opens_to_them(three: None, lead: Client, acme: Tenant):
    window = f"since={SINCE}&until={TODAY}"
    page = lead.get(f"/acme/bowtie/?{window}").text
    assert page.count(">n 1<") == 2, "how few stand behind the days"
    assert "€147" in page and "no time is counted" not in page
    assert "parts/first_renewal/" in page and "parts/first_referral/" not in page
    rows = lead.get(f"/acme/bowtie/parts/cr5/?{window}").text
    for amount in ("€100.00", "€40.00", "€7.00"):
        assert rows.count(amount) == 2
    for key, day in (("first_renewal", "20 Jul 2026"), ("first_expansion", "2 May 2026")):
        part = lead.get(f"/acme/bowtie/parts/{key}/?{window}")
        assert {row["name"] for row in part.context["rows"]} == {"Grown", "Young", "Gone"}
        assert day in part.text and "left" in part.text and "not yet" in part.text


def test_ten_percent_better_everywhere_is_told_once_all_is_known(
    acme: Tenant, monkeypatch: pytest.MonkeyPatch
):
    with act_for(acme.pk):
        board = Board(Asked(SINCE, TODAY, NOW, ZoneInfo("UTC")))
        assert board.gain is None
        papers = [0.25, 0.4, 0.6, 0.25, 0.9, 0.92, 1.2]
        board.rates = {
            f"cr{n}": board.rates["cr6"].__class__("", 1, 1, value, 1)
            for n, value in enumerate(papers, 1)
        }
        assert board.gain == pytest.approx(1.1**6 / 0.92)  # the sixth ends at all of it


@pytest.fixture
def referred(acme: Tenant) -> None:
    """One that recommended us twice, one that did before its impact came again, one that waits."""
    with act_for(acme.pk):
        twice, early, waits = (make.account(name) for name in ("Twice", "Early", "Waits"))
        for account in (twice, early, waits):
            enter(account, "committed", date(2026, 1, 10))
            enter(account, "first_impact", date(2026, 3, 1))
            enter(account, "recurring_impact", date(2026, 6, 1))
        for n, (by, day) in enumerate(
            (
                (twice, (2026, 9, 1)),
                (twice, (2026, 7, 1)),
                (early, (2026, 5, 1)),
                (None, (2026, 7, 9)),
            )
        ):
            row = {"external_id": f"D{n}", "name": f"Deal {n}", "stage": "prospect"}
            row |= {"opened_on": date(*day), "referred_by": by.external_id if by else ""}
            found = bring_in(OPPORTUNITIES, [row], source="csom", now=moment(date(*day)))
            assert not found.refusals
            deal = Opportunity.objects.get(external_id=f"D{n}")
            DealStep.objects.create(
                opportunity=deal, stage="prospect", entered_on=date(*day),
                recorded_at=moment(date(*day)),
            )  # fmt: skip
        install_defaults(author=None, now=moment(SINCE))
        body = in_force("bowtie").body | {"counts_advocacy": True}
        Document.objects.filter(kind="bowtie").update(body=body)


def test_the_loop_counts_days_to_the_first_prospect_an_account_referred(
    acme: Tenant, referred: None, lead: Client
):
    with act_for(acme.pk):
        board = Board(Asked(SINCE, TODAY, NOW, ZoneInfo("UTC")))
        told = {each.way.name: (each.days, each.open_days) for each in board.waits[FIRST_REFERRAL]}
        cr8 = board.rates["cr8"]
    begun = moment(date(2026, 6, 1))
    took = (datetime(2026, 7, 1, tzinfo=UTC) - begun).total_seconds() / 86_400
    still = (NOW - begun).total_seconds() / 86_400
    assert told == {"Twice": (took, None), "Early": (None, still), "Waits": (None, still)}
    assert (cr8.median_days, cr8.times) == (took, 1)
    assert (cr8.n, cr8.reached) == (3, 3), "the deal nobody referred is none"
    window = f"since={SINCE}&until={TODAY}"
    page = lead.get(f"/acme/bowtie/?{window}").text
    assert "parts/first_referral/" in page
    part = lead.get(f"/acme/bowtie/parts/first_referral/?{window}")
    assert {row["name"] for row in part.context["rows"]} == {"Twice", "Early", "Waits"}
    assert "Recurring Impact" in part.text and "1 Jul 2026" in part.text


def test_a_referral_of_a_sliced_account_counts_whoever_it_brought(acme: Tenant, referred: None):
    with act_for(acme.pk):
        Account.objects.update(segment="enterprise")
        chosen = Slice(segment="enterprise")
        board = Board(Asked(SINCE, TODAY, NOW, ZoneInfo("UTC"), chosen=chosen))
        assert sum(each.days is not None for each in board.waits[FIRST_REFERRAL]) == 1
