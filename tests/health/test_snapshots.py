"""Snapshots: the SQL scores as the rules do, closed days stay, the night and the rows follow."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import charter.actions
from accounts.actions.segments import NoReason, place, set_segment
from accounts.models import Account
from bowtie.models import Stay
from health.actions.book import change_account
from health.actions.models import install_defaults
from health.actions.night import score_night
from health.actions.rescore import hear, rescore
from health.actions.rows import NextStep, keep_rows, set_next_steps
from health.actions.segments import assign_segments
from health.actions.snapshots import score_days
from health.models import AccountRow, Override, Snapshot
from health.queries.measuring import Moment
from health.queries.models import published
from health.queries.scoring import scored
from health.rules.catalogue import by_slot, width
from health.rules.models import CUSTOMER_STAGES
from health.rules.scoring import band_of, capped, score
from tenants import trail
from tenants.jobs import Work
from tenants.models import Tenant, TrailEntry
from tests import make
from tests.make import NOW, TODAY

YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
def models(inside: Tenant) -> Tenant:
    charter.actions.install_defaults(author=None, now=NOW)
    install_defaults(author=None, now=NOW)
    return inside


def live_account(name: str = "Globex", stage: str = "first_impact", **fields: Any) -> Account:
    defaults = {"touch_model": "mid", "segment": "mid_market", "arr_minor": 3_000_000}
    since = date(2025, 1, 1)
    return make.account(name, stage=stage, customer_since=since, **defaults | fields)


def work(tenant: Tenant, now: datetime = NOW, cursor: Any = None) -> Work:
    return Work(tenant.pk, uuid4(), cursor, now)


numbers = st.none() | st.sampled_from([-1.0, -0.2, 0.0, 0.3, 0.7, 1.0, 2.0, 5.0, 45.0, 90.0, 400.0])
rows = st.lists(
    st.tuples(
        st.sampled_from(["high", "mid", "low", "tech", ""]),
        st.sampled_from([*CUSTOMER_STAGES, "churned"]),
        st.lists(numbers, min_size=width(), max_size=width()),
        st.sampled_from([0, 5, 30, 100]),
    ),
    min_size=1,
    max_size=12,
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rows=rows)
def test_the_sql_scores_as_the_rules_do(models: Tenant, rows: list[Any]):
    in_force = published().in_force(TODAY).models
    lines, parameters = [], dict[str, Any]()
    for number, (touch, stage, values, age) in enumerate(rows):
        lines.append(
            f"(%(id_{number})s::uuid, %(v_{number})s::float8[], %(a_{number})s::smallint[],"
            f" '{stage}', '', '{touch}', NULL::uuid, ARRAY[]::varchar[])"
        )
        ages = [age] * width()
        given = {f"id_{number}": str(uuid4()), f"v_{number}": values, f"a_{number}": ages}
        parameters |= given
    sql, more = scored(in_force, "given")
    names = "account_id, values, ages, stage, segment, touch_model, owner_id, tags"
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH given({names}) AS (VALUES {', '.join(lines)}), {sql} "
            "SELECT model_no, base, capped, score, band, coverage, driver, caps FROM scored "
            "JOIN (VALUES "
            + ", ".join(f"(%(id_{n})s::uuid, {n})" for n in range(len(rows)))
            + ") AS o(id, n) ON o.id = account_id ORDER BY o.n",
            parameters | more | Moment(TODAY, "UTC").parameters(),
        )
        found = cursor.fetchall()
    for (touch, stage, values, age), line in zip(rows, found, strict=True):
        model_no, base, after_caps, shown, band, coverage, driver, caps = line
        fitting = [n for n, model in enumerate(in_force) if (touch, stage) in model.places]
        assert [model_no] == (fitting or [None])
        if model_no is None:
            assert (base, shown, band, caps) == (None, None, "unknown", [])
            continue
        model = in_force[model_no]
        keyed = {measure.key: values[measure.slot - 1] for measure in by_slot()}
        expected = score(model, keyed, dict.fromkeys(keyed, age))
        assert coverage == pytest.approx(expected.coverage)
        assert base == (None if expected.base is None else pytest.approx(expected.base))
        tops = [cap.most for cap in model.caps if cap.key in caps]
        assert after_caps == (None if base is None else pytest.approx(capped(base, tops)))
        assert shown == (after_caps if coverage >= 0.6 else None)
        assert band == band_of(model, shown)
        costs = {part.metric.measure: part.points for part in expected.parts if part.points < 0}
        assert (driver is None) == (not costs)
        if driver is not None:
            key = next(measure.key for measure in by_slot() if measure.slot == driver)
            assert costs[key] == pytest.approx(min(costs.values()))


def test_past_days_are_scored_in_order_and_closed_ones_stay(models: Tenant):
    account = live_account()
    days = [TODAY - timedelta(days=back) for back in (0, 1, 8, 35)]
    assert score_days(days=days, now=NOW) == 4
    assert Snapshot.objects.count() == 4
    before = list(Snapshot.objects.filter(day__lt=TODAY).order_by("day").values())
    Account.objects.filter(pk=account.pk).update(sentiment=1, sentiment_at=NOW - timedelta(days=60))
    score_days(days=days, now=NOW + timedelta(hours=1))
    assert list(Snapshot.objects.filter(day__lt=TODAY).order_by("day").values()) == before
    assert Snapshot.objects.get(day=TODAY).recorded_at == NOW + timedelta(hours=1)


def test_an_override_is_shown_while_it_lasts(models: Tenant):
    account = live_account()
    author = make.user()
    Override.objects.create(account=account, score=30, reason="Merger talks", author=author,
                            created_at=NOW, expires_at=NOW + timedelta(days=10))  # fmt: skip
    score_days(days=[TODAY, TODAY + timedelta(days=20)], now=NOW)
    during, after = Snapshot.objects.order_by("day")
    assert (during.score, during.band) == (30, "red")
    assert (after.score, after.band) == (None, "unknown")
    assert during.capped == during.base
    ends_today = Moment(TODAY, "UTC").ends_at
    Override.objects.update(expires_at=ends_today)
    score_days(days=[TODAY], now=NOW)
    assert Snapshot.objects.get(day=TODAY).score == 30  # its last day counts


def test_bands_fall_at_once_and_rise_after_two_weeks_in_snapshots(models: Tenant):
    account = live_account()
    author = make.user()
    day = TODAY - timedelta(days=40)
    make.snapshot(account, day, band="red", score=40.0)
    make.snapshot(account, TODAY - timedelta(days=8), band="red", score=60.0)
    Account.objects.filter(pk=account.pk).update(sentiment=5, sentiment_at=NOW)
    score_days(days=[TODAY], now=NOW)
    assert Snapshot.objects.get(day=TODAY).band == "unknown"  # too little is known
    Override.objects.create(account=account, score=90, reason="Signed", author=author,
                            created_at=NOW, expires_at=NOW + timedelta(days=10))  # fmt: skip
    score_days(days=[TODAY], now=NOW)
    assert Snapshot.objects.get(day=TODAY).band == "green"  # a person's word counts at once


def test_the_night_closes_a_day_opens_the_next_and_is_resumable(
    models: Tenant, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("health.actions.night.AT_ONCE", 2)
    accounts = [live_account(f"Account {n}") for n in range(3)]
    tomorrow = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
    score_days(days=[TODAY], now=NOW)
    cursor, turns = None, 0
    while True:
        cursor = score_night(work(models, tomorrow, cursor), day="2026-11-20")
        turns += 1
        if cursor is None:
            break
    assert turns == 5  # two chunks to close, two to open, the rows
    assert Snapshot.objects.filter(day=TODAY, recorded_at=tomorrow).count() == 3
    assert Snapshot.objects.filter(day=TODAY + timedelta(days=1)).count() == 3
    assert AccountRow.objects.count() == len(accounts)


def test_accounts_without_a_segment_get_the_charters(models: Tenant):
    account = live_account(segment="", touch_model="", arr_minor=12_000_000)
    strategic = live_account(segment="", touch_model="", arr_minor=10, is_strategic=True)
    kept = live_account(segment="enterprise", touch_model="high", arr_minor=10)
    rescore(account_ids=[account.pk, strategic.pk, kept.pk], now=NOW)
    for each in (account, strategic, kept):
        each.refresh_from_db()
        assert (each.segment, each.touch_model) == ("enterprise", "high")
    snapshot = Snapshot.objects.get(account=account)
    assert snapshot.model.key == "core"
    assert snapshot.touch_model == "high"


def test_a_segment_set_by_hand_stays_until_it_is_given_back(models: Tenant):
    manager = make.member(models, "manager", "Lena Fox")
    account = live_account(segment="small", touch_model="low", arr_minor=12_000_000)

    def choose(segment: str, reason: str = "") -> None:
        account.refresh_from_db()
        change_account(
            account=account,
            seen_version=account.version,
            values={"name": "Globex", "segment": segment, "segment_reason": reason},
            actor=manager,
            now=NOW,
        )
        account.refresh_from_db()

    with pytest.raises(NoReason):
        choose("mid_market", " ")
    choose("mid_market", "Sold as a pilot")
    assert (account.segment, account.touch_model) == ("mid_market", "mid")
    assert (account.segment_set_by, account.segment_reason) == (manager.user, "Sold as a pilot")
    rescore(account_ids=[account.pk], now=NOW)
    quarter = date(2026, 12, 31)
    make.snapshot(account, quarter, arr=12_000_000)
    assign_segments(day=quarter, now=NOW)
    account.refresh_from_db()
    assert (account.segment, account.segment_by_rule) == ("mid_market", "enterprise")
    keep_rows(account_ids=[account.pk], now=NOW)
    row = AccountRow.objects.get(account=account)
    assert (row.segment, row.segment_by_rule) == ("mid_market", "enterprise")
    choose("")
    assert (account.segment, account.segment_set_at, account.segment_by_rule) == ("", None, "")
    rescore(account_ids=[account.pk], now=NOW)
    account.refresh_from_db()
    assert (account.segment, account.touch_model) == ("enterprise", "high")
    verbs = TrailEntry.objects.filter(account_id=account.pk).values_list("verb", flat=True)
    assert {"accounts.segment_set", "accounts.segment_released"} <= set(verbs)


def test_what_the_rules_say_is_not_taken_from_what_a_person_said(models: Tenant):
    manager, account = make.member(models, "manager"), live_account(stage="prospect", segment="")
    for segment in ("small", "enterprise"):
        set_segment(account=account, segment=segment, reason="Pilot", actor=manager, now=NOW)
    assert account.segment_by_rule == ""


def test_a_reason_holds_the_segment_an_account_has(models: Tenant):
    manager = make.member(models, "manager")
    account = live_account(segment="small", touch_model="low", arr_minor=12_000_000)
    keep = {"account": account, "segment": "small", "actor": manager, "now": NOW}
    assert not set_segment(**keep, reason="")
    assert set_segment(**keep, reason="Ends soon")
    assert not set_segment(**keep, reason="Ends soon")
    assert (account.segment_set_by, account.segment_by_rule) == (manager.user, "small")


def test_a_segment_set_while_the_rules_were_judged_is_left_alone(models: Tenant):
    manager, account = make.member(models, "manager"), live_account(segment="small")
    judged = {account.pk: ("mid_market", "mid")}
    set_segment(account=account, segment="enterprise", reason="VIP", actor=manager, now=NOW)
    assert place(segments=judged, now=NOW) == 0
    account.refresh_from_db()
    assert (account.segment, account.touch_model) == ("enterprise", "high")


def test_the_rules_move_a_segment_that_nobody_set(models: Tenant):
    account = live_account(segment="small", touch_model="low", arr_minor=12_000_000)
    quarter = date(2026, 12, 31)
    make.snapshot(account, quarter, arr=12_000_000)
    assign_segments(day=quarter, now=NOW)
    account.refresh_from_db()
    assert account.segment == "enterprise"


def test_news_of_an_account_rescores_it_and_keeps_its_row(models: Tenant):
    account, other = live_account(), live_account("Other")
    Account.objects.filter(pk=account.pk).update(sentiment=2, sentiment_at=NOW)
    trail.record("accounts.account_changed", at=NOW, account_id=account.pk)
    hear(since=NOW - timedelta(days=400), now=NOW)
    assert list(Snapshot.objects.values_list("account_id", flat=True)) == [account.pk]
    row = AccountRow.objects.get(account=account)
    assert (row.name, row.segment, row.scored_on) == ("Globex", "mid_market", TODAY)
    assert not AccountRow.objects.filter(account=other).exists()


def test_rows_show_what_lists_need(models: Tenant):
    owner = make.member(models, name="Maya Okafor", team="EMEA")
    account = live_account(owner=owner.user)
    make.whole_note(account, owner, make.contact(account))
    Stay.objects.create(account=account, stage="first_impact", entered_at=NOW, recorded_at=NOW)
    for weeks in range(3):
        day = TODAY - timedelta(days=7 * weeks)
        make.snapshot(account, day, score=60.5 - weeks, band="yellow", coverage=0.8, change_28=-4,
                      usage_trend=-0.38, driver=5)  # fmt: skip
    assert keep_rows(account_ids=None, now=NOW) == 1
    set_next_steps(steps={account.pk: NextStep("Call Priya", NOW, 2)})
    keep_rows(account_ids=[account.pk], now=NOW)
    row = AccountRow.objects.get()
    assert (row.owner_name, row.team, row.score, row.band) == (
        "Maya Okafor",
        "EMEA",
        60.5,
        "yellow",
    )
    assert row.spark == ",,,,,,,,,59,60,61"
    assert row.reason == "Usage trend −38%"
    assert len(row.spiced) == 5 and "m" not in row.spiced
    assert (row.event_on, row.event_class) == (date(2026, 12, 15), "critical")
    assert (row.next_step, row.open_plays, row.next_step_at) == ("Call Priya", 2, NOW)


def test_a_tenant_without_models_has_snapshots_without_scores(inside: Tenant):
    live_account()
    assert score_days(days=[TODAY], now=NOW) == 1
    snapshot = Snapshot.objects.get()
    assert (snapshot.model, snapshot.score, snapshot.band) == (None, None, "unknown")
