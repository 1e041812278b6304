"""Retention of real files: the page beside the same figures, counted from the CSV with pandas."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest

from tests.accounts.wizard import Wizard
from tests.stories.sets import FOLDER, Set

pytestmark = pytest.mark.data
RESTORED_WITHIN = 90
KINDS = ("new", "expansion", "contraction", "churn", "restore", "reactivation")


def heights(terms: pd.DataFrame, days: pd.DatetimeIndex) -> pd.DataFrame:
    """ARR of each account (a column) on each day (a row), in cents.

    terms: account, start, end (NaT where open), cents.
    """
    begun = terms.pivot_table(index="start", columns="account", values="cents", aggfunc="sum")
    ended = terms.dropna(subset=["end"]).pivot_table(
        index="end", columns="account", values="cents", aggfunc="sum"
    )
    moved = begun.reindex(days).fillna(0).sub(ended.reindex(days).fillna(0), fill_value=0)
    return moved.cumsum().astype("int64")


def moves(arr: pd.DataFrame) -> pd.DataFrame:
    """Each change from one day to the next: account, day, kind, cents."""
    found = []
    for account, column in arr.items():
        changed = column[column.diff().fillna(column) != 0]
        before, left_on, lost, ever = 0, None, 0, False
        for day, now in changed.items():
            parts: dict[str, int] = {}
            if not ever:
                parts["new"] = now
            elif before and now:
                parts["expansion" if now > before else "contraction"] = now - before
            elif before:
                parts["churn"] = -before
                left_on, lost = day, before
            elif (day - left_on).days <= RESTORED_WITHIN:
                parts["restore"] = lost
                if now != lost:
                    parts["expansion" if now > lost else "contraction"] = now - lost
            else:
                parts["reactivation"] = now
            ever, before = True, now
            found += [(account, day, kind, cents) for kind, cents in parts.items()]
    return pd.DataFrame(found, columns=["account", "day", "kind", "cents"])


def by_hand(arr: pd.DataFrame, entries: pd.DataFrame, since: date, until: date) -> dict[str, Any]:
    """The figures of a window: ARR at both ends, what moved, and the rates of the cohort."""
    start, end = arr.loc[pd.Timestamp(since)], arr.loc[pd.Timestamp(until)]
    inside = entries[(entries.day > pd.Timestamp(since)) & (entries.day <= pd.Timestamp(until))]
    sums = inside.groupby("kind").cents.sum()
    kept = end.copy()
    kept[kept.index.isin(inside[inside.kind == "reactivation"].account)] = 0
    cohort = start[start > 0].index
    base = int(start[cohort].sum())
    least = pd.concat([start[cohort], kept[cohort]], axis=1).min(axis=1)
    return {
        "opening": int(start.sum()),
        "closing": int(end.sum()),
        "movements": {kind: int(sums.get(kind, 0)) for kind in KINDS},
        "n": len(cohort),
        "stayed": int((kept[cohort] > 0).sum()),
        "base": base,
        "grr": int(least.sum()) / base if base else None,
        "nrr": int(kept[cohort].sum()) / base if base else None,
        "logo": int((kept[cohort] > 0).sum()) / len(cohort) if base else None,
    }


def by_product(wizard: Wizard, since: date, until: date) -> dict[str, Any]:
    """The same figures as the retention page holds them."""
    first = since + timedelta(days=1)  # the page's window holds both its days
    answer = wizard.client.get(
        f"/{wizard.tenant.slug}/retention/?since={first}&until={until}", follow=False
    )
    assert answer.status_code == 200
    result = answer.context["result"]
    assert result.reconciles
    names = ("opening", "closing", "n", "stayed", "base", "grr", "nrr", "logo")
    said = {name: getattr(result, name) for name in names}
    return said | {"movements": {kind: result.movements.get(kind, 0) for kind in KINDS}}


def compare(wizard: Wizard, terms: pd.DataFrame, windows: list[tuple[date, date]]) -> None:
    first = pd.Timestamp(min(terms.start.min(), *(pd.Timestamp(day) for day, _ in windows)))
    last = pd.Timestamp(max(until for _, until in windows))
    arr = heights(terms, pd.date_range(first, last))
    entries = moves(arr)
    for since, until in windows:
        expected = by_hand(arr, entries, since, until)
        print(since, until, expected)
        assert by_product(wizard, since, until) == expected


def ravenstack() -> pd.DataFrame:
    """Subscriptions as terms; what ends on the day it starts is refused, as the wizard does."""
    rows = pd.read_csv(
        FOLDER / "ravenstack-saas" / "ravenstack_subscriptions.csv",
        parse_dates=["start_date", "end_date"],
    )
    rows = rows[~rows.is_trial & (rows.start_date != rows.end_date)]
    return pd.DataFrame(
        {
            "account": rows.account_id,
            "start": rows.start_date,
            "end": rows.end_date,
            "cents": rows.arr_amount * 100,
            "renews": rows.auto_renew_flag,
        }
    )


@pytest.mark.parametrize("does_end", [True, False], ids=["ends as written", "renews by itself"])
def test_ravenstack(wizard: Wizard, at: Callable[[date], None], does_end: bool):
    at(date(2024, 12, 31))
    data = Set(wizard, "ravenstack-saas", "ravenstack")
    wizard.run(data.map("ravenstack_accounts.csv", "accounts", stage="recurring_impact"))
    taken: dict[str, Any] = {"arr_minor": "arr_amount", "plan": "plan_tier"}
    if does_end:
        taken["cancelled_on"] = "end_date"
    wizard.run(data.map("ravenstack_subscriptions.csv", "contracts", **taken))
    terms = ravenstack()
    if not does_end:
        terms["end"] = terms.end.mask(terms.renews)
    new_year, summer, last = date(2024, 1, 1), date(2024, 7, 1), date(2024, 12, 31)
    compare(
        wizard,
        terms,
        [
            (new_year, last),
            (date(2024, 3, 31), last),
            (date(2023, 7, 1), summer),
            (summer, date(2024, 9, 30)),
            (date(2024, 11, 30), last),
            (date(2023, 11, 1), date(2024, 3, 31)),  # one leaves and is won again within it
            (date(2023, 1, 1), date(2023, 6, 30)),
        ],
    )


def test_churnsim(wizard: Wizard, at: Callable[[date], None]):
    at(date(2024, 1, 20))
    data = Set(wizard, "churnsim-crm6", "churnsim")
    wizard.run(data.map("accounts.csv", "accounts", name="account_id", stage="recurring_impact"))
    wizard.run(
        data.map(
            "subscriptions.csv", "contracts", arr_minor="mrr", t_arr_minor="12",
            ends_on="end_date",
        )
    )  # fmt: skip
    rows = pd.read_csv(data.folder / "subscriptions.csv", parse_dates=["start_date", "end_date"])
    terms = pd.DataFrame(
        {
            "account": rows.account_id,
            "start": rows.start_date,
            "end": rows.end_date,
            "cents": (rows.mrr * 1200).round().astype("int64"),
        }
    )
    compare(
        wizard,
        terms,
        [
            (date(2023, 1, 1), date(2024, 1, 1)),
            (date(2022, 7, 1), date(2023, 7, 1)),
            (date(2023, 10, 1), date(2023, 12, 31)),
            (date(2022, 3, 31), date(2022, 9, 30)),
            (date(2023, 1, 20), date(2024, 1, 20)),
        ],
    )
