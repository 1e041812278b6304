"""How the account uses the product: actions and people by week, features in the last four."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Max, Sum

from accounts.models import Account
from accounts.queries.reach import in_reach
from pulse.models import Usage, UsageDay
from pulse.queries.habit import habit_weeks
from pulse.queries.norms import norm_of
from spiced.views.editor import today_of
from tenants.access import TenantRequest
from tenants.formats import day, number, plural
from tenants.roles import Can

WEEKS = 26
FEATURE_DAYS = 28
MOST_FEATURES = 50


def tab(request: TenantRequest, account: Account) -> dict[str, Any]:
    """Weekly lines, and the features behind them."""
    today = today_of(request)
    monday = today - timedelta(days=today.weekday())
    first = monday - timedelta(weeks=WEEKS)
    rows = list(
        UsageDay.objects.filter(account=account, day__gte=first, day__lte=today).order_by("day")
    )
    since = today - timedelta(days=FEATURE_DAYS - 1)
    features = (
        Usage.objects.filter(account=account, day__gte=since, day__lte=today)
        .exclude(feature="")
        .values("feature")
        .annotate(n=Sum("n"), days=Count("day", distinct=True), last=Max("day"))
        .order_by("-n", "feature")
    )
    weeks = [first + timedelta(weeks=i) for i in range(WEEKS)]  # whole weeks only
    return {
        "norm": norm_of(account.pk, today),
        "habit_weeks": habit_weeks(account.pk, today),
        "may_agree": in_reach(request.actor, Can.WRITE_PULSE).filter(pk=account.pk).exists(),
        "actions_chart": _weekly(weeks, rows, "actions") if rows else None,
        "people_chart": _weekly(weeks, rows, "people")
        if any(row.active_users is not None for row in rows)
        else None,
        "features": list(features[:MOST_FEATURES]),
        "since": since,
        "n_days": len(rows),
        "as_of": rows[-1].day if rows else None,
        "recorded_at": max((row.recorded_at for row in rows), default=None),
    }


def _weekly(weeks: list[date], rows: list[UsageDay], what: str) -> dict[str, Any]:
    """Actions are added up over a week; of active people the busiest day stands for it."""
    kept: dict[date, float] = {}
    for row in rows:
        week = row.day - timedelta(days=row.day.weekday())
        if what == "actions":
            kept[week] = kept.get(week, 0) + row.actions
        elif row.active_users is not None:
            kept[week] = max(kept.get(week, 0), row.active_users)
    values = [kept.get(week) for week in weeks]
    known = [(week, value) for week, value in zip(weeks, values, strict=True) if value is not None]
    noun = "uses of core features" if what == "actions" else "active people on the busiest day"
    finding = f"No whole week has data yet; {noun} will stand here."
    if known:
        (began, before), (ended, after) = known[0], known[-1]
        finding = f"{number(after)} {noun} in the week of {day(ended)}"
        if began != ended:
            finding += f", {number(before)} in the week of {day(began)}"
        finding += f"; {plural(len(known), 'week')} with data."
    return {
        "title": "Actions a week" if what == "actions" else "Active people",
        "finding": finding,
        "labels": [day(week, weeks[-1]) for week in weeks],
        "values": values,
        "column": "Week of",
        "low": 0,
        "every": 5,
    }
