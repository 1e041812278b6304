"""The impact register: standings, values, proof, age; the rate of impact that came again."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from bowtie.models import Stay
from bowtie.queries.recurring import recurring
from spiced.models import ImpactGoal, ImpactMeasurement
from spiced.queries.register import lines, narrowed, ordered, register, sums
from spiced.rules.register import Standing
from tenants.actor import Actor
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.make import NOW, TODAY

SignIn = Callable[[Actor], Client]


def goal(of: Account, **fields: Any) -> ImpactGoal:
    """Response time from 8 h to 2 h, an hour of 6,000 cases at 5 worth 30,000 a year."""
    defaults: dict[str, Any] = {
        "kind": "rational",
        "statement": "Answer faster",
        "measure": "Response time",
        "unit": "h",
        "baseline": 8.0,
        "target": 2.0,
        "baseline_on": TODAY - timedelta(days=100),
        "deadline_on": TODAY + timedelta(days=100),
        "unit_value_minor": 30_000_00,
        "status": "active",
        "recorded_at": NOW - timedelta(days=100),
    }
    return ImpactGoal.objects.create(account=of, **defaults | fields)


def measured(of: ImpactGoal, value: float, days_ago: int = 10, is_confirmed: bool = True) -> None:
    ImpactMeasurement.objects.create(
        goal=of,
        value=value,
        measured_on=TODAY - timedelta(days=days_ago),
        evidence="Report",
        confirmed_at=NOW if is_confirmed else None,
        recorded_at=NOW,
    )


@pytest.fixture
def book(inside: Tenant, csm: Actor) -> Account:
    """One impact of each standing, the worked example of 4 h among them."""
    account = make.account(owner=csm.user, stage="first_impact")
    goal(account, measure="Promised")
    measured(goal(account, measure="On the way"), 4)
    measured(goal(account, measure="Reached"), 2, is_confirmed=False)
    measured(goal(account, measure="Confirmed"), 1.5)
    goal(account, measure="Given up", status="retired")
    return account


def found(account: Account, sort: str = "-value") -> list[Any]:
    accounts = Account.objects.filter(pk=account.pk)
    rows = ordered(register(accounts, TODAY), sort, TODAY).select_related("account", "person")
    return lines(rows, TODAY)


def test_four_hours_saved_stand_with_their_value_proof_and_age(book: Account):
    line = next(each for each in found(book) if each.goal.measure == "On the way")
    assert (line.standing, line.realised_minor, line.promised_minor) == (
        Standing.ON_THE_WAY, 120_000_00, 180_000_00,
    )  # fmt: skip
    assert (round(line.progress.achieved * 100, 1), line.age_days) == (66.7, 10)


def test_each_standing_is_counted_once_and_what_was_given_up_is_not(book: Account):
    counted = sums(register(Account.objects.all(), TODAY))
    assert {str(key): each.n for key, each in counted.items()} == dict.fromkeys(
        ("promised", "on_the_way", "achieved", "confirmed"), 1
    )
    assert counted[Standing.CONFIRMED].realised_minor == 195_000_00
    assert counted[Standing.ACHIEVED].realised_minor == 0, "nobody confirmed it"


def test_what_is_measured_after_the_day_asked_for_does_not_count(book: Account):
    before = TODAY - timedelta(days=20)
    assert sums(register(Account.objects.all(), before))[Standing.PROMISED].n == 4


@pytest.mark.parametrize(
    ("sort", "first"), [("-value", "Confirmed"), ("deadline", "Late"), ("-age", "Promised")]
)
def test_the_register_sorts_by_value_date_and_age(book: Account, sort: str, first: str):
    measured(goal(book, measure="Late", deadline_on=TODAY, unit_value_minor=None), 7, 3)
    assert found(book, sort)[0].goal.measure in (first, "Reached")


def test_accounts_that_nobody_feels_it_at_are_listed(book: Account, csm: Actor):
    whole = make.account("Initech", owner=csm.user)
    goal(whole)
    goal(whole, kind="emotional", unit_value_minor=None)
    one_sided = narrowed(register(Account.objects.all(), TODAY), is_one_sided=True)
    assert {each.account_id for each in one_sided} == {book.pk}


def doubted(of: ImpactGoal, value: float, days_ago: int = 5, **fields: Any) -> None:
    ImpactMeasurement.objects.create(
        goal=of,
        value=value,
        recorded_at=NOW,
        **{"doubt": "Only one team", "doubted_at": NOW}
        | {"measured_on": TODAY - timedelta(days=days_ago)}
        | fields,
    )


@pytest.mark.parametrize(
    ("value", "is_confirmed", "standing"),
    [(15, True, "on_the_way"), (20, False, "achieved"), (20, True, "confirmed")],
)
def test_what_shall_rise_is_reached_from_below(
    book: Account, value: float, is_confirmed: bool, standing: str
):
    measured(goal(book, measure="Rises", baseline=10.0, target=20.0), value, 3, is_confirmed)
    line = next(each for each in found(book) if each.goal.measure == "Rises")
    assert line.standing == standing
    worth = {15: 150_000_00, 20: 300_000_00}[value] if is_confirmed else None
    assert line.realised_minor == worth


def test_age_sorts_by_the_last_proof_and_what_has_none_is_oldest(inside: Tenant):
    account = make.account()
    for name, days_ago in (("Old", 60), ("New", 2), ("Older", 90)):
        measured(goal(account, measure=name), 4, days_ago)
    measured(goal(account, measure="Unproved"), 4, 1, is_confirmed=False)
    assert [each.goal.measure for each in found(account, "age")] == [
        "New", "Old", "Older", "Unproved",
    ]  # fmt: skip
    assert [each.goal.measure for each in found(account, "-age")] == [
        "Unproved", "Older", "Old", "New",
    ]  # fmt: skip


def test_a_segment_narrows_and_a_retired_feeling_is_no_other_side(inside: Tenant):
    scale, other = make.account(segment="scale"), make.account("Initech", segment="enterprise")
    for each in (scale, other):
        goal(each)
        goal(each, kind="emotional", status="retired", unit_value_minor=None)
    everything = register(Account.objects.all(), TODAY)
    assert [each.account_id for each in narrowed(everything, segment="scale")] == [scale.pk]
    assert {each.account_id for each in narrowed(everything, is_one_sided=True)} == {
        scale.pk, other.pk,
    }  # fmt: skip


def test_what_the_account_says_not_yet_to_is_no_achievement(book: Account):
    priya = make.contact(book)
    doubted(goal(book, measure="Doubted"), 2, doubted_by=priya)
    line = next(each for each in found(book) if each.goal.measure == "Doubted")
    assert line.standing is Standing.ON_THE_WAY and line.doubt is not None
    assert (line.doubt.doubt, line.doubt.doubted_by) == ("Only one team", priya)
    everything = register(Account.objects.all(), TODAY)
    assert sums(everything)[Standing.ACHIEVED].n == 1, "the one nobody doubts"
    (only,) = narrowed(everything, is_doubted=True)
    assert only.measure == "Doubted" and only.doubted == NOW
    assert list(narrowed(everything, is_doubted=True, standing="achieved")) == []


def test_a_doubt_ends_with_a_newer_measurement_or_with_their_word(book: Account):
    again = goal(book, measure="Measured again")
    doubted(again, 2, days_ago=9)
    measured(again, 2, days_ago=3, is_confirmed=False)
    doubted(goal(book, measure="Confirmed since"), 2, confirmed_at=NOW)
    older = goal(book, measure="Doubted after proof")
    measured(older, 1.5, days_ago=20)
    doubted(older, 4, days_ago=2)
    by_name = {each.goal.measure: each for each in found(book)}
    assert by_name["Measured again"].standing is Standing.ACHIEVED
    assert by_name["Measured again"].doubt is None
    assert by_name["Confirmed since"].standing is Standing.CONFIRMED
    assert by_name["Confirmed since"].doubt is None
    assert by_name["Doubted after proof"].standing is Standing.CONFIRMED, "what was proved stays"
    assert by_name["Doubted after proof"].doubt is not None
    before = register(Account.objects.filter(pk=book.pk), TODAY - timedelta(days=5))
    assert {each.measure for each in narrowed(before, is_doubted=True)} == {"Measured again"}


# -- impact again --


def past_impact(of: Account, since: date) -> None:
    Stay.objects.create(
        account=of,
        stage="first_impact",
        entered_at=datetime(since.year, since.month, since.day, tzinfo=UTC),
        recorded_at=NOW,
    )


def test_two_of_three_past_first_impact_got_it_again(inside: Tenant):
    accounts = [make.account(name) for name in ("One", "Two", "Three", "Four")]
    days = (date(2026, 6, 1), date(2026, 9, 30), date(2026, 7, 1), date(2026, 10, 5))
    for account, since in zip(accounts, days, strict=True):
        past_impact(account, since)
    for account in (*accounts[:2], accounts[3]):
        measured(goal(account), 4)
    measured(goal(accounts[2]), 4, days_ago=120)
    again = recurring({each.pk for each in accounts}, TODAY, "Europe/Berlin")
    assert (again.n, len(again.delivered), again.rate) == (3, 2, 2 / 3)
    assert again.streaks[accounts[0].pk] == 1 and again.lapsed == frozenset()


# -- on screen --


@pytest.fixture
def fresh(acme: Tenant, csm: Actor) -> Account:
    with act_for(acme.pk):
        account = make.account(owner=csm.user)
        today = timezone.localdate()
        dates = {"baseline_on": today - timedelta(90), "deadline_on": today + timedelta(90)}
        each = goal(account, recorded_at=timezone.now(), **dates)
        ImpactMeasurement.objects.create(
            goal=each, value=4, measured_on=today, evidence="=HYPERLINK(1)",
            confirmed_at=timezone.now(), recorded_at=timezone.now(),
        )  # fmt: skip
        goal(make.account("Initech"), measure="Somebody else's")
        return account


def test_a_csm_sees_his_own_first_and_everybody_on_demand(
    fresh: Account, csm: Actor, sign_in: SignIn
):
    maya = sign_in(csm)
    page = maya.get("/acme/impact/").text
    assert "€120,000" in page and "of €180,000" in page and "Somebody else" not in page
    assert "Somebody else" in maya.get("/acme/impact/?owner=").text
    assert "No impact matches" in maya.get("/acme/impact/?standing=confirmed").text
    assert maya.get("/acme/impact/?standing=splendid").status_code == 422
    assert maya.get("/acme/impact/?after=x").status_code == 422


def test_the_file_holds_the_rows_and_no_formula(fresh: Account, csm: Actor, sign_in: SignIn):
    answer = sign_in(csm).get("/acme/impact/export/")
    assert answer["Content-Type"].startswith("text/csv")
    header, row = answer.text.splitlines()
    assert header.startswith('\ufeff"Account",') and "120000.0" in row and "'=HYPERLINK" in row


def test_a_doubt_is_told_on_the_page_in_the_file_and_over_the_api(
    fresh: Account, csm: Actor, sign_in: SignIn, acme: Tenant
):
    with act_for(acme.pk):
        doubted(goal(fresh, measure="Doubted"), 2, measured_on=timezone.localdate())
        secret = make.api_key(make.member(acme, Role.ADMIN))
    maya = sign_in(csm)
    page = maya.get("/acme/impact/?standing=doubted").text
    assert "1 impact</b>: the account says that the newest" in page
    assert "“Not yet” by somebody who is gone" in page and "Only one team" in page
    assert maya.get("/acme/impact/export/?standing=doubted").text.count("Only one team") == 1
    rows = Client(headers={"Authorization": f"Bearer {secret}"}).get("/api/v1/impacts/").json()
    by_measure = {row["measure"]: row for row in rows["data"]}
    assert by_measure["Doubted"]["doubted_at"] and by_measure["Doubted"]["standing"] == "on_the_way"
    assert by_measure["Response time"]["doubted_at"] is None


def test_sales_may_read_the_register_but_take_no_file(
    fresh: Account, cast: dict[Role, Actor], sign_in: SignIn
):
    sales = sign_in(cast[Role.SALES])
    assert sales.get("/acme/impact/").status_code == 200
    assert sales.get("/acme/impact/export/").status_code == 403


def test_the_rate_opens_to_its_accounts(fresh: Account, csm: Actor, sign_in: SignIn, acme: Tenant):
    with act_for(acme.pk):
        past_impact(fresh, date(2020, 1, 1))
    page = sign_in(csm).get("/acme/impact/recurring/").text
    assert "<b>100.0%</b> of 1 account past First Impact" in page and "1 quarter" in page


def test_the_register_takes_as_many_queries_for_many_as_for_one(
    fresh: Account, csm: Actor, sign_in: SignIn, acme: Tenant, django_assert_max_num_queries: Any
):
    with act_for(acme.pk):
        for _ in range(30):
            measured(goal(fresh), 4)
    maya = sign_in(csm)
    with django_assert_max_num_queries(25):
        maya.get("/acme/impact/")
