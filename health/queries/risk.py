"""The numbers of the at-risk page: one pass over the rows in scope."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum

from health.models import AccountRow

TOUCHED_DAYS = 14


@dataclass(frozen=True)
class Sums:
    """How many accounts, and their ARR in minor units."""

    n: int
    arr_minor: int


@dataclass(frozen=True)
class Figures:
    """The scope as a whole, each standing list in it, and what holds of the accounts at risk.

    scored_on: the day of the newest score in scope; None where nothing is scored.
    """

    whole: Sums
    kinds: dict[str, Sums]
    renewing_at_risk: Sums
    touched: int
    scored_on: date | None


def figures(rows: QuerySet[AccountRow], of_kind: Mapping[str, Q], today: date) -> Figures:
    """Everything at once. One query."""
    at_risk = of_kind["at_risk"]
    recently = Q(last_touch_on__gte=today - timedelta(days=TOUCHED_DAYS))
    named = dict(of_kind) | {"renewing_at_risk": of_kind["renewing"] & at_risk}
    wanted: dict[str, Any] = {"n": Count("*"), "arr": Sum("arr_minor"), "day": Max("scored_on")}
    for name, where in named.items():
        wanted[f"{name}_n"] = Count("account_id", filter=where)
        wanted[f"{name}_arr"] = Sum("arr_minor", filter=where)
    found = rows.aggregate(**wanted, touched=Count("account_id", filter=at_risk & recently))
    sums = {name: Sums(found[f"{name}_n"], found[f"{name}_arr"] or 0) for name in named}
    renewing = sums.pop("renewing_at_risk")
    return Figures(
        Sums(found["n"], found["arr"] or 0), sums, renewing, found["touched"], found["day"]
    )
