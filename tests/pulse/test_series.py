"""Series of numbers, brought in by the thousand: twice the same is once, nothing is overwritten."""

from datetime import date, timedelta
from typing import Any

import pytest

from accounts.actions.import_memory import MEMORIES
from accounts.models import Account
from accounts.rules.outcome import Outcome
from pulse.actions.series import MOST_SERIES, bring_in_series
from pulse.models import Series, SeriesValue
from tenants.models import Tenant, TrailEntry
from tests import make
from tests.make import NOW

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def account(inside: Tenant) -> Account:
    return make.account("One")


def row(account: Account, value: Any = 1.5, **more: Any) -> dict[str, Any]:
    return {
        "account": account.external_id, "series": "licences", "day": "2026-03-02", "value": value,
    } | more  # fmt: skip


def send(*rows: Any, at=NOW) -> Outcome:
    return bring_in_series(rows, source="test", now=at)


def counting(account: Account) -> list[float | None]:
    """All that was said of the one day, the newest last."""
    said = SeriesValue.objects.filter(account=account, series="licences", day=date(2026, 3, 2))
    return list(said.order_by("recorded_at").values_list("value", flat=True))


def test_the_same_again_writes_nothing_and_another_value_is_kept_beside(account: Account):
    assert send(row(account)).summary["new"] == 1
    assert send(row(account), at=LATER).summary["unchanged"] == 1
    assert send(row(account, 2), at=LATER).summary["changed"] == 1
    assert counting(account) == [1.5, 2.0]
    assert Series.objects.get().name == "Licences"
    assert (
        TrailEntry.objects.filter(verb="pulse.series_brought_in", account_id=account.pk).count()
        == 2
    )


def test_a_value_corrected_in_the_same_instant_counts(account: Account):
    send(row(account))
    send(row(account, 2))
    assert counting(account) == [1.5, 2.0]
    send(row(account, 3), at=NOW - timedelta(days=1))
    assert counting(account) == [1.5, 2.0, 3.0]


def test_null_takes_a_value_back(account: Account):
    send(row(account))
    assert send(row(account, None), at=LATER).summary["changed"] == 1
    assert counting(account) == [1.5, None]
    assert send(row(account, None), at=LATER).summary["unchanged"] == 1
    assert send(row(account, None, day="2026-03-03")).summary["unchanged"] == 1


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"account": "nobody"}, "account", "unknown_account"),
        ({"account": None}, "account", "missing"),
        ({"series": ""}, "series", "missing"),
        ({"series": "x" * 81}, "series", "too_long"),
        ({"day": "2026-02-30"}, "day", "not_a_date"),
        ({"value": "many"}, "value", "wrong_type"),
        ({"value": "1e999"}, "value", None),
        ({"value": True}, "value", None),
        ({"colour": "red"}, "colour", "unknown_field"),
    ],
)
def test_each_refused_row_says_why_and_keeps_no_other_out(
    account: Account, change: dict[str, Any], field: str, code: str | None
):
    outcome = send(row(account, day="2026-03-01"), row(account, **{}) | change)
    (refusal,) = outcome.refusals
    assert (refusal.index, refusal.field) == (1, field)
    assert code is None or refusal.code == code
    assert refusal.reason
    assert SeriesValue.objects.count() == 1


def test_what_is_no_object_is_refused(account: Account):
    assert [each.code for each in send(None, [], "x").refusals] == ["wrong_type"] * 3


def test_two_values_for_one_place_are_both_refused_and_the_same_twice_is_once(account: Account):
    again = row(account, day="2026-03-04")
    outcome = send(row(account, 1), row(account, 2), again, dict(again))
    assert {each.index for each in outcome.refusals} == {0, 1}
    assert SeriesValue.objects.count() == 1


def test_a_flood_of_series_is_refused(account: Account):
    rows = [row(account, series=f"s{n}") for n in range(MOST_SERIES + 1)]
    assert {each.code for each in send(*rows).refusals} == {"too_many_series"}
    assert not Series.objects.exists()


def test_an_import_is_taken_back_where_nobody_wrote_since(account: Account):
    send(row(account), row(account, 7, day="2026-03-03"))
    batch = [row(account, 2), row(account, 8, day="2026-03-03"), row(account, 9, day="2026-03-05")]
    kept = MEMORIES["series"].remember(batch, source="test")
    send(*batch, at=LATER)
    send(row(account, 5, day="2026-03-03"), at=LATER)
    assert MEMORIES["series"].take_back(kept, now=LATER + timedelta(hours=1)) == (2, 1)
    assert counting(account)[-1] == 1.5
    newest = SeriesValue.objects.order_by("account", "series", "day", "-recorded_at")
    last = newest.distinct("account", "series", "day").values_list("day__day", "value")
    assert dict(last) == {2: 1.5, 3: 5.0, 5: None}
