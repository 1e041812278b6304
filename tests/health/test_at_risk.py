"""The at-risk page: its numbers open to their rows, and its words are the charter's."""

import copy
from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from charter.actions import InvalidChapter, install_defaults, publish
from charter.models import Document
from charter.queries import default_body
from health.actions.bands import keep_bands, keep_bands_of_closed_days
from health.actions.rows import keep_rows
from health.models import AccountRow, BandDay, Snapshot
from health.queries.bands import ENTERED_RED, LEFT_RED, by_week, largest, summed
from health.queries.listed import Meets, definition
from health.queries.matching import matching
from health.rules.conditions import parse
from tenants.actor import Actor
from tenants.jobs import Work
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make

SignIn = Callable[[Actor], Client]
URL = "/acme/at-risk/"
HX = {"HX-Request": "true"}
TODAY = timezone.localdate(timezone=ZoneInfo("Europe/Berlin"))  # where tenants are unless told


def soon(days: int):
    return TODAY + timedelta(days=days)


@pytest.fixture
def revops(acme: Tenant, sign_in: SignIn) -> Client:
    return sign_in(make.member(acme, Role.REVOPS, "Rosa Vega"))


@pytest.fixture
def book(acme: Tenant) -> None:
    """Four accounts: red, yellow renewing soon, yellow renewing late, green and silent."""
    with act_for(acme.pk):
        install_defaults(author=None, now=timezone.now())
        for name, band, renews, arr in [
            ("Redwood", "red", None, 100_00),
            ("Amber Soon", "yellow", soon(100), 200_00),
            ("Amber Late", "yellow", soon(121), 400_00),
            ("Quiet Green", "green", None, 800_00),
        ]:
            account = make.account(name, arr_minor=arr, renews_on=renews)
            make.row(account, band=band, scored_on=TODAY)


def names(page: str) -> set[str]:
    return {name for name in ("Redwood", "Amber Soon", "Amber Late", "Quiet Green")
            if f">{name}</a>" in page}  # fmt: skip


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"Redwood", "Amber Soon"}),
        ("?kind=silent", {"Quiet Green"}),
        ("?kind=unheld", {"Redwood", "Amber Soon"}),
        ("?kind=renewing", {"Amber Soon"}),
        ("?kind=no_play", {"Redwood", "Amber Soon"}),
        ("?kind=sponsor_lost", set()),
        ("?kind=falling", set()),
    ],
)
def test_each_standing_list_holds_its_rows(
    book: None, revops: Client, query: str, expected: set[str]
):
    page = revops.get(URL + query).text
    assert names(page) == expected


def test_the_numbers_are_of_the_rows_and_open_to_them(book: None, revops: Client):
    page = revops.get(URL).text
    assert "€300" in page
    assert "2 accounts, 20.0% of ARR" in page
    assert "Health band is red" in page
    assert "version 1" in page
    assert 'href="?kind=falling' in page


def test_another_definition_in_the_charter_is_another_list(
    book: None, revops: Client, acme: Tenant
):
    with act_for(acme.pk):
        document = Document.objects.get(kind="definitions", state="published")
        for each in document.body["definitions"]:
            if each["key"] == "at_risk":
                each["condition"] = {"measure": "arr", "op": ">=", "value": 400_00}
        document.save()
    assert names(revops.get(URL).text) == {"Amber Late", "Quiet Green"}


@pytest.mark.parametrize(
    "condition",
    [
        {"field": "band", "op": "in", "value": ["red"]},
        {"not": {"field": "band", "op": "=", "value": "red"}},
        {"measure": "days_to_renewal", "op": "<=", "value": 120},
        {"not": {"measure": "days_to_renewal", "op": ">", "value": 50}},
        {"all": [{"measure": "score", "op": "<", "value": 50}]},
        {"any": [{"measure": "score", "op": "!=", "value": 40},
                 {"field": "segment", "op": "not in", "value": ["mid"]}]},
        {"measure": "usage_trend", "op": "<", "value": 0},
        {"field": "caps", "op": "known"},
        {"field": "lost_roles", "op": "not in", "value": ["champion"]},
        {"not": {"field": "owner", "op": "!=", "value": "nobody"}},
        {"for_days": 1, "of": {"measure": "usage_trend", "op": "<", "value": 0}},
        {"any": [{"definition": "customer"}, {"field": "region", "op": "=", "value": "DACH"}]},
        {"not": {"measure": "custom.seats", "op": ">=", "value": 5}},
        {"field": "products", "op": "known"},
    ],
)  # fmt: skip
def test_rows_and_snapshots_agree_on_a_definition(inside: Tenant, condition: dict):
    install_defaults(author=None, now=timezone.now())
    document = Document.objects.get(kind="definitions", state="published")
    for each in document.body["definitions"]:
        if each["key"] == "at_risk":
            each["condition"] = condition
    document.save()
    for number in range(12):
        days = None if number % 4 == 0 else number * 20
        score = None if number % 3 == 0 else number * 8.0
        band = ("red", "yellow", "green")[number % 3]
        own = {"seats": number} if number % 2 else {}
        region = "DACH" if number % 3 else ""
        account = make.account(
            segment=("mid", "high", "")[number % 3], region=region, custom=own, arr_minor=number % 4
        )
        caps = ["notice"] if number % 4 == 1 else []
        lost = ["champion"] if number % 5 == 1 else []
        traits = {
            "region": region,
            "own": own,
            "lost_roles": lost,
            "products": ["core"][number % 2 :],
        }
        account.renews_on = None if days is None else soon(days)
        make.row(account, score=score, band=band, caps=caps, lost_roles=lost)
        make.snapshot(account, TODAY, score=score, band=band, days_to_renewal=days, caps=caps,
                      usage_trend=-0.5 if number % 2 else None, arr=number % 4,
                      traits={key: value for key, value in traits.items() if value})  # fmt: skip
    found = AccountRow.objects.filter(definition("at_risk", TODAY).where)
    by_snapshot = {match.account_id for match in matching(parse(condition), TODAY)}
    assert {row.account_id for row in found} == by_snapshot


def test_weeks_are_the_same_kept_or_summed(inside: Tenant):
    for number in range(6):
        account = make.account(f"A{number}")
        make.row(account, band="red", arr_minor=10)
        for weeks in (1, 2, 25, 26):
            day = TODAY - timedelta(days=7 * weeks)
            make.snapshot(account, day, band=("red", "green")[number % 2], arr_minor=number)
    before = by_week(TODAY)
    assert list(before) == [TODAY - timedelta(days=7 * back) for back in (25, 2, 1, 0)]
    assert before[TODAY] == {"red": (6, 60)}
    assert keep_bands(days=list(before)[:3]) == 6
    assert keep_bands(days=list(before)[:3]) == 0
    with CaptureQueriesContext(connection) as caught:
        by_week(TODAY)
    assert len(caught) == 3
    assert by_week(TODAY) == before


def test_the_night_sums_every_closed_day_and_nothing_twice(inside: Tenant):
    account = make.account()
    for back in (0, 1, 40, 181):
        make.snapshot(account, TODAY - timedelta(days=back), band="red", arr_minor=5)
    work = Work(inside.pk, make.some_id(), None, timezone.now(), {})
    for _ in range(30):
        work.cursor = keep_bands_of_closed_days(work, day=TODAY.isoformat())
        if work.cursor is None:
            break
    assert work.cursor is None
    kept = set(BandDay.objects.values_list("day", flat=True))
    assert kept == {TODAY - timedelta(days=back) for back in (1, 40, 181)}
    assert summed([TODAY]) == {TODAY: {"red": (1, 5)}}


def test_who_entered_and_left_red(inside: Tenant, revops: Client):
    for name, then, now, arr in [
        ("In", "yellow", "red", 5),
        ("Also in", "green", "red", 7),
        ("Out", "red", "green", 11),
        ("Still", "red", "red", 13),
    ]:
        make.row(make.account(name), band=now, band_before=then, arr_minor=arr * 100_00)
    rows = AccountRow.objects.all()
    assert [row.name for row in largest(rows, ENTERED_RED)] == ["Also in", "In"]
    assert [row.name for row in largest(rows, LEFT_RED)] == ["Out"]
    page = revops.get(URL).text
    assert "Entered red: 2 accounts" in page
    assert "Left red: 1 account" in page


def test_a_row_knows_its_band_of_a_week_ago(inside: Tenant):
    account = make.account()
    make.snapshot(account, TODAY - timedelta(days=7), band="red")
    make.snapshot(account, TODAY, band="green")
    keep_rows(account_ids=[account.pk], now=timezone.now())
    row = AccountRow.objects.get()
    assert (row.band_before, row.band) == ("red", "green")


def test_the_page_is_flat_in_queries(book: None, revops: Client, acme: Tenant):
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert revops.get(URL).status_code == 200
        return len(caught)

    revops.get(URL)
    few = queries()
    with act_for(acme.pk):
        for number in range(30):
            make.row(make.account(f"More {number}"), band="red", arr_minor=number)
    assert queries() == few


def test_others_see_nothing_of_it(book: None, rival: Tenant, sign_in: SignIn):
    page = sign_in(make.member(rival, Role.MANAGER)).get("/rival/at-risk/").text
    assert names(page) == set()
    assert "Nobody is at risk" in page
    assert "0 accounts, n/a of ARR" in page


def test_the_page_answers_as_every_page(book: None, revops: Client, acme: Tenant):
    assert revops.post(URL).status_code == 405
    assert revops.get(URL + "?kind=strange").status_code == 422
    with act_for(acme.pk):
        assert Snapshot.objects.count() == 0
    assert Client().get(URL).status_code == 302


def test_a_csm_sees_their_own_risks_first(book: None, csm: Actor, sign_in: SignIn):
    client = sign_in(csm)
    assert names(client.get(URL).text) == set()
    assert names(client.get(URL + "?owner=all").text) == {"Redwood", "Amber Soon"}


def test_a_condition_that_cannot_be_evaluated_is_not_published(inside: Tenant):
    install_defaults(author=None, now=timezone.now())
    for kind, named in (("definitions", "“Customer”"), ("segments", "nobody_knows")):
        body = copy.deepcopy(default_body(kind))
        for each in body[kind]:
            each["condition"] = {"measure": "nobody_knows", "op": ">", "value": 1}
        with pytest.raises(InvalidChapter, match=named):
            publish(
                kind=kind, body=body, note="", seen_version=1, author=make.user(),
                now=timezone.now(),
            )  # fmt: skip


def test_until_the_night_opens_the_day_yesterday_is_matched(inside: Tenant):
    """A definition of two days' measures, asked a minute after midnight."""
    account = make.account(touch_model="mid")
    make.snapshot(account, TODAY, open_late_tickets=4)
    install_defaults(author=None, now=timezone.now())
    chapter = Document.objects.get(kind="definitions", state="published")
    late = {"measure": "open_late_tickets", "op": ">", "value": 3}
    for each in chapter.body["definitions"]:
        if each["key"] == "at_risk":
            each["condition"] = late
    chapter.save()
    make.row(account)
    for day in (TODAY, TODAY + timedelta(days=1)):
        assert AccountRow.objects.filter(definition("at_risk", day).where).count() == 1


def test_rows_read_a_definition_as_today_has_it(inside: Tenant):
    """The newest version on rows, that of the day on snapshots."""
    install_defaults(author=None, now=timezone.now() - timedelta(days=30))
    rich, poor = make.account("Rich", arr_minor=500), make.account("Poor", arr_minor=5)
    for account in (rich, poor):
        make.row(account)
        for day in (TODAY - timedelta(days=2), TODAY):
            make.snapshot(account, day, arr=account.arr_minor)
    body = copy.deepcopy(default_body("definitions"))
    for each in body["definitions"]:
        if each["key"] == "customer":
            each["condition"] = {"measure": "arr", "op": ">", "value": 100}
    publish(
        kind="definitions", body=body, note="", seen_version=1, author=make.user(),
        now=timezone.now(),
    )  # fmt: skip
    customer = parse({"definition": "customer"})
    assert [row.name for row in AccountRow.objects.filter(Meets(customer, TODAY))] == ["Rich"]
    assert [each.account_id for each in matching(customer, TODAY)] == [rich.pk]
    assert len(matching(customer, TODAY - timedelta(days=2))) == 2
