"""Usage: values by feature and person, and the day of an account made from them."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actions.upsert import bring_in
from accounts.targets import TARGETS
from pulse.models import Feature, Usage, UsageDay
from tenants.models import Tenant, TrailEntry
from tenants.scope import act_for
from tests import make

pytestmark = pytest.mark.django_db
DAY = "2026-11-16"


def bring(*rows: dict[str, Any]) -> Any:
    return bring_in(TARGETS["usage"], rows, source="product", now=make.NOW)


def value(account: str = "A1", day: Any = DAY, n: Any = 1, **more: Any) -> dict[str, Any]:
    return {"account": account, "day": day, "n": n} | more


def states(outcome: Any) -> list[str]:
    return [str(row.state) for row in outcome.rows]


def day_of(account: Any, day: date = date(2026, 11, 16)) -> tuple[Any, ...]:
    row = UsageDay.objects.get(account=account, day=day)
    return (row.actions, row.active_users, row.features)


def test_the_day_counts_core_uses_people_and_features(inside: Tenant):
    account = make.account(external_id="A1")
    Feature.objects.create(key="login", name="Login", is_core=False)
    bring(
        value(feature="report", person="p1", n=3),
        value(feature="report", person="p2", n=1),
        value(feature="export", person="p2", n=2),
        value(feature="export", person="p4", n=0),
        value(feature="login", person="p3", n=9),
    )
    assert day_of(account) == (6, 2, 2)
    assert set(Feature.objects.filter(is_core=True).values_list("key", flat=True)) == {
        "report",
        "export",
    }


@pytest.mark.case("E5")
def test_the_same_again_writes_nothing_and_another_value_replaces(inside: Tenant):
    account = make.account(external_id="A1")
    rows = [value(feature="report", person="p1", n=3), value(feature="report", person="p2", n=1)]
    assert states(bring(*rows)) == ["new", "new"]
    before = list(Usage.objects.values()) + list(UsageDay.objects.values())
    again = bring(*rows)
    assert states(again) == ["unchanged", "unchanged"]
    assert not again.accounts
    assert list(Usage.objects.values()) + list(UsageDay.objects.values()) == before
    assert states(bring(rows[0] | {"n": 5}, rows[1])) == ["changed", "unchanged"]
    assert day_of(account) == (6, 2, 1)


def test_sums_of_sources_that_do_not_tell_people_apart(inside: Tenant):
    account = make.account(external_id="A1")
    assert states(bring(value(n=40, active_users=7))) == ["new"]
    assert day_of(account) == (40, 7, None)
    assert states(bring(value(n=41))) == ["changed"]
    assert day_of(account) == (41, 7, None)
    outcome = bring({"account": "A1", "day": DAY, "active_users": 8})
    assert states(outcome) == ["changed"]
    assert day_of(account) == (41, 8, None)
    assert states(bring({"account": "A1", "day": DAY, "active_users": 8})) == ["unchanged"]


def test_people_who_are_known_count_more_than_the_sources_sum(inside: Tenant):
    account = make.account(external_id="A1")
    bring(value(n=4, person="p1"), {"account": "A1", "day": DAY, "active_users": 9})
    assert day_of(account) == (4, 1, None)


@pytest.mark.case("E5")
def test_late_facts_are_taken_and_touch_only_their_day(inside: Tenant):
    account = make.account(external_id="A1")
    bring(value(n=1), value(day="2026-11-17", n=2))
    other = UsageDay.objects.get(day=date(2026, 11, 17))
    bring(value(n=5))
    assert day_of(account)[0] == 5
    assert UsageDay.objects.get(day=date(2026, 11, 17)).recorded_at == other.recorded_at


@pytest.mark.case("E5")
@pytest.mark.parametrize(
    ("more", "field", "code"),
    [
        ({"n": float("nan")}, "n", "not_a_number"),
        ({"n": -1}, "n", "negative"),
        ({"n": 10**13}, "n", "out_of_range"),
        ({"n": 1.5}, "n", "not_whole"),
        ({"n": True}, "n", "wrong_type"),
        ({"n": None}, "n", "missing"),
        ({"day": "2026-02-30"}, "day", "not_a_date"),
        ({"day": None}, "day", "missing"),
        ({"account": "A9"}, "account", "unknown_account"),
        ({"person": "maya@example.com"}, "person", "personal_data"),
        ({"span_days": 7, "day": "2026-11-17"}, "day", "not_a_monday"),
        ({"colour": 1}, "colour", "unknown_field"),
        ({"active_users": 3, "feature": "report"}, "active_users", "too_fine"),
        ({"feature": "x" * 81}, "feature", "too_long"),
    ],
)
def test_what_cannot_be_is_refused_and_the_rest_goes_on(
    inside: Tenant, more: dict[str, Any], field: str, code: str
):
    make.account(external_id="A1")
    outcome = bring(value() | more, value(day="2026-11-18"))
    assert [(refusal.index, refusal.field, refusal.code) for refusal in outcome.refusals] == [
        (0, field, code)
    ]
    assert states(outcome) == ["refused", "new"]


def test_one_place_takes_one_value(inside: Tenant):
    make.account(external_id="A1")
    outcome = bring(
        value(n=1), value(n=1), value("A1", "2026-11-17", 1), value("A1", "2026-11-17", 2)
    )
    assert states(outcome) == ["new", "unchanged", "refused", "refused"]


def test_thousands_go_by_copy_with_as_many_statements(inside: Tenant):
    for number in range(10):
        make.account(external_id=f"A{number}")

    def statements(count: int, since: date) -> int:
        rows = [
            value(f"A{n % 10}", since + timedelta(days=n // 100), 2, person=f"p{n % 100 // 10}")
            for n in range(count)
        ]
        with CaptureQueriesContext(connection) as captured:
            assert bring(*rows).new == count
        return len(captured)

    assert statements(3000, date(2025, 1, 6)) - statements(300, date(2026, 1, 5)) <= 6
    assert UsageDay.objects.filter(actions=20, active_users=10).count() == 330


def test_accounts_of_another_tenant_are_unknown(acme: Tenant, rival: Tenant):
    with act_for(rival.pk):
        make.account(external_id="A1")
    with act_for(acme.pk):
        assert bring(value()).refusals[0].code == "unknown_account"


def test_each_account_hears_of_it(inside: Tenant):
    account = make.account(external_id="A1")
    bring(value())
    verbs = TrailEntry.objects.filter(verb="pulse.usage_brought_in")
    assert verbs.filter(account_id=account.pk).count() == 1
    assert verbs.get(account_id=None).facts["days"] == [DAY, DAY]
