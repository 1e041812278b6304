"""Overrides of the last two years with what the model said that day and what came after."""

from collections import defaultdict
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Subquery

from health.models import Override, Snapshot
from health.queries.decisions import decided
from health.queries.today import zone_of_tenant
from health.rules.proof.decisions import WINDOW, Decision
from health.rules.proof.overrides import LEAST_MOVE, JudgedOverride, Record, first_after

MOST = 1_000  # the newest


def overrides_judged(until: date, as_of: datetime) -> Record:
    """Those set up to a day whose account has decided since. Seven queries."""
    zone = ZoneInfo(zone_of_tenant())
    of_day = Snapshot.objects.filter(
        account_id=OuterRef("account_id"), day__lte=OuterRef("created_at__date")
    )
    since = until - 2 * WINDOW
    rows = list(
        Override.objects.filter(created_at__date__gt=since, created_at__date__lte=until)
        .annotate(computed=Subquery(of_day.order_by("-day").values("capped")[:1]))
        .select_related("author")
        .order_by("-created_at")[:MOST]
    )
    by_account: defaultdict[object, list[Decision]] = defaultdict(list)
    for each in decided(since, until, as_of, {row.account_id for row in rows}):
        by_account[each.account_id].append(each)
    judged = []
    for row in rows:
        set_on = row.created_at.astimezone(zone).date()
        decision = first_after(set_on, by_account[row.account_id])
        if decision is None or row.computed is None or abs(row.score - row.computed) < LEAST_MOVE:
            continue
        judged.append(
            JudgedOverride(
                row.account_id,
                str(row.author),
                row.reason,
                set_on,
                row.score,
                row.computed,
                decision,
            )
        )
    return Record(tuple(judged))
