"""Gates, marks, the rate of recurring impact and the measures read the same facts by one rule."""

import random
from datetime import date, timedelta

import pytest

from accounts.models import Account, Contact, Contract
from bowtie.actions.first_impact import enter_first_impact
from bowtie.models import Stay
from bowtie.queries.facts import facts
from bowtie.queries.overlays import overlays
from bowtie.queries.recurring import recurring
from charter.models import Document
from charter.queries import default_body
from health.actions.snapshots import score_days
from health.models import Snapshot
from health.rules.catalogue import MEASURES
from pulse.models import Feature, Usage, UsageDay
from pulse.queries.habit import habit_weeks
from spiced.models import ImpactGoal, ImpactMeasurement
from tenants.models import Tenant
from tests import make
from tests.make import NOW, TODAY


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


@pytest.fixture
def account(inside: Tenant) -> Account:
    made = make.account(stage="first_impact", touch_model="mid", customer_since=ago(700))
    Account.objects.filter(pk=made.pk).update(created_at=NOW - timedelta(days=700))
    return made


def stood(account: Account, days: int, **more: object) -> Stay:
    at = NOW - timedelta(days=days)
    fields = {"stage": account.stage, "entered_at": at, "recorded_at": at} | more
    return Stay.objects.create(account=account, **fields)


def goal(account: Account, kind: str = "rational", **more: object) -> ImpactGoal:
    fields = {"baseline": 0, "target": 100, "baseline_on": ago(600), "status": "active"}
    if kind == "emotional":
        fields |= {"baseline": 1, "target": 4}
    else:
        fields |= {"deadline_on": ago(0)}
    fields |= {"recorded_at": NOW - timedelta(days=600), "statement": kind}
    return ImpactGoal.objects.create(account=account, kind=kind, **fields | more)


def said(of: ImpactGoal, value: float, days: int, who: Contact) -> None:
    at = NOW - timedelta(days=days)
    ImpactMeasurement.objects.create(
        goal=of, value=value, measured_on=ago(days), evidence="e",
        confirmed_by=who, confirmed_at=at, recorded_at=at,
    )  # fmt: skip


def measured(account: Account, key: str) -> float | None:
    Snapshot.objects.filter(account=account).delete()
    score_days(days=[TODAY], now=NOW)
    return Snapshot.objects.get(account=account, day=TODAY).values[MEASURES[key].slot - 1]


def is_marked(account: Account) -> bool:
    marks = overlays([account.pk], NOW).get(account.pk, [])
    return "impact_lapsed" in {mark.key for mark in marks}


def measured_on(account: Account, key: str, day: date) -> float | None:
    score_days(days=[day], now=NOW)
    return Snapshot.objects.get(account=account, day=day).values[MEASURES[key].slot - 1]


def charter(**numbers: float) -> None:
    """Publish the bowtie with other numbers just now."""
    before = Document.objects.filter(kind="bowtie")
    before.update(state="retired")
    Document.objects.create(
        kind="bowtie", version=before.count() + 1, state="published", published_at=NOW,
        body=default_body("bowtie") | numbers, saved_at=NOW,
    )  # fmt: skip


def lapsed_of(account: Account) -> bool:
    return account.pk in recurring([account.pk], TODAY, "Europe/Amsterdam").lapsed


def streaks(account: Account) -> tuple[int, int]:
    """Of the gate, and of the page of recurring impact."""
    found = recurring([account.pk], TODAY, "Europe/Amsterdam")
    return facts(account, NOW).delivered_periods, found.streaks[account.pk]


@pytest.mark.parametrize(("value", "count"), [(3, 0), (4, 2), (5, 2)])
def test_an_agreement_delivers_at_its_target_and_not_below(
    account: Account, value: float, count: int
):
    stood(account, 300)
    who = make.contact(account, roles=["champion"])
    feeling = goal(account, "emotional", person=who)
    for days in (10, 100):
        said(feeling, value, days, who)
    assert streaks(account) == (count, count)


def test_what_was_confirmed_stays_so_when_its_goal_is_retired(account: Account):
    stood(account, 300)
    who = make.contact(account, roles=["champion"])
    kept = goal(account)
    for days in (10, 100):
        said(kept, 100, days, who)
    assert streaks(account) == (2, 2)
    ImpactGoal.objects.update(status="retired")
    assert streaks(account) == (2, 2)
    assert measured(account, "days_since_impact") == 10


@pytest.mark.parametrize("seed", range(12))
def test_lapses_and_streaks_agree_whoever_asks(account: Account, seed: int):
    chance = random.Random(seed)
    who = make.contact(account, roles=["champion"])
    if chance.random() < 0.8:
        stood(account, chance.choice([30, 170, 180, 181, 250, 400]))
    goals = [goal(account), goal(account, "emotional", person=who), goal(account, status="retired")]
    for _ in range(chance.choice([0, 0, 1, 3, 6])):
        each = chance.choice(goals)
        most = 5 if each.kind == "emotional" else 100
        said(each, chance.randint(1, most), chance.choice([3, 60, 150, 180, 181, 260]), who)
    is_lapsed = measured(account, "impact_lapsed") == 1
    assert is_marked(account) is is_lapsed
    assert bool(facts(account, NOW).lapsed) is is_lapsed
    found = recurring([account.pk], TODAY, "Europe/Amsterdam")
    if found.streaks:
        assert (account.pk in found.lapsed) is is_lapsed
        assert len(set(streaks(account))) == 1


@pytest.mark.parametrize(("days", "ratio", "is_lapsed"), [(59, 0.1, True), (60, 0.1, False)])
def test_lapses_follow_the_charter_of_the_day(
    account: Account, days: int, ratio: float, is_lapsed: bool
):
    stood(account, 400)
    who = make.contact(account, roles=["champion"])
    said(goal(account), 90, 60, who)
    assert measured(account, "impact_lapsed") == 0 and not is_marked(account)
    charter(lapse_days=days, lapse_ratio=ratio)
    assert (measured(account, "impact_lapsed") == 1) is is_lapsed
    assert is_marked(account) is is_lapsed is bool(facts(account, NOW).lapsed)
    assert lapsed_of(account) is is_lapsed
    yesterday = measured_on(account, "impact_lapsed", TODAY - timedelta(days=1))
    assert yesterday == 0, "what the charter said then"


def test_how_far_behind_is_lapsed_is_of_the_charter(account: Account):
    stood(account, 400)
    who = make.contact(account, roles=["champion"])
    each = goal(account)
    said(each, 40, 60, who)
    said(each, 40, 3, who)
    assert measured(account, "impact_lapsed") == 1 and is_marked(account)
    charter(lapse_ratio=0.4)
    assert measured(account, "impact_lapsed") == 0 and not is_marked(account)
    charter(lapse_ratio=0.6)
    assert measured(account, "impact_lapsed") == 1 and lapsed_of(account)


def test_first_impact_is_a_sign_for_half_a_year(account: Account):
    stay = stood(account, 180)
    assert not is_marked(account) and measured(account, "impact_lapsed") == 0
    Stay.objects.filter(pk=stay.pk).update(entered_at=NOW - timedelta(days=181))
    assert is_marked(account) and measured(account, "impact_lapsed") == 1
    assert facts(account, NOW).lapsed.startswith("no impact confirmed since First Impact on")
    Stay.objects.filter(pk=stay.pk).update(is_imported=True)
    assert not is_marked(account) and measured(account, "impact_lapsed") is None


def used(account: Account, person: str, day: date, **more: object) -> None:
    fields = {"person": person, "n": 3, "recorded_at": NOW} | more
    Usage.objects.create(account=account, day=day, **fields)


def seats(account: Account, n: int, **more: object) -> None:
    fields = {"starts_on": ago(600), "ends_on": TODAY + timedelta(days=100), "arr_minor": 1000}
    fields |= {"external_id": f"c{Contract.objects.count()}", "seats": n}
    made = Contract.objects.create(account=account, **fields | more)
    Contract.objects.filter(pk=made.pk).update(created_at=NOW - timedelta(days=600))


def test_one_person_a_day_are_five_people_a_week(account: Account):
    stood(account, 500)
    seats(account, 20)
    seats(account, 500, is_trial=True)
    for days in range(100):
        used(account, f"p{ago(days).weekday()}", ago(days))
        UsageDay.objects.create(
            account=account, day=ago(days), actions=3, active_users=1, recorded_at=NOW
        )
    assert habit_weeks(account.pk, TODAY) == measured(account, "habit_weeks") == 12
    assert facts(account, NOW).habit_weeks == 12


@pytest.mark.parametrize("seed", range(10))
def test_weeks_of_habit_are_the_same_at_the_gate_and_in_the_score(account: Account, seed: int):
    chance = random.Random(seed)
    stood(account, 500)
    Feature.objects.create(key="core", name="Core", is_core=True)
    Feature.objects.create(key="side", name="Side", is_core=False)
    if chance.random() < 0.9:
        seats(account, chance.choice([4, 8, 20]))
    for days in range(100):
        who = [f"p{n}" for n in range(chance.randint(0, 4)) if chance.random() < 0.6]
        for person in who:
            feature = chance.choice(["", "core", "side", "unheard"])
            used(account, person, ago(days), feature=feature, n=chance.choice([0, 1, 5]))
        if who or days == 0:
            UsageDay.objects.create(
                account=account, day=ago(days), actions=9, active_users=len(who), recorded_at=NOW
            )
    assert habit_weeks(account.pk, TODAY) == measured(account, "habit_weeks")


def test_a_week_is_over_with_its_sunday(account: Account):
    stood(account, 500)
    seats(account, 4)
    used(account, "p", date(2026, 11, 16))
    UsageDay.objects.create(
        account=account, day=date(2026, 11, 16), actions=3, active_users=1, recorded_at=NOW
    )
    assert habit_weeks(account.pk, date(2026, 11, 21)) == 0
    assert habit_weeks(account.pk, date(2026, 11, 22)) == 1


def test_nothing_used_or_no_seats_is_unknown(account: Account):
    stood(account, 500)
    assert habit_weeks(account.pk, TODAY) is None
    seats(account, 4)
    assert habit_weeks(account.pk, TODAY) is None and measured(account, "habit_weeks") is None


def test_a_win_back_reaches_first_impact_in_its_own_life(account: Account):
    stood(account, 300, left_at=NOW - timedelta(days=200))
    Account.objects.filter(pk=account.pk).update(stage="live", lifecycle=2)
    stood(account, 100, stage="committed", lifecycle=2, left_at=NOW - timedelta(days=60))
    stood(account, 60, stage="live", lifecycle=2)
    account.refresh_from_db()
    who = make.contact(account, roles=["champion"])
    said(goal(account), 50, 5, who)
    event = enter_first_impact(account=account, actor=None, now=NOW)
    assert event.lifecycle == 2 and event.at == NOW - timedelta(days=5)
    account.refresh_from_db()
    assert account.stage == "first_impact"
