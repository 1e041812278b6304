"""Score again what the news is about: today's open snapshot and the rows of the lists."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction

from health.actions.night import AT_ONCE
from health.actions.rows import keep_rows
from health.actions.segments import assign_segments
from health.actions.snapshots import keep_snapshots
from health.queries.measuring import Chunk, Moment
from health.queries.models import published
from health.queries.today import today_of_tenant, zone_of_tenant
from tenants.jobs import Work, job, later, on_news
from tenants.models import TrailEntry

IN_PASSING = 500  # accounts rescored where the news is told; more go to a job of their own
ABOUT_MANY = ("brought_in", "arr_moved", "model_published", "chapter_published", "assigned")


@transaction.atomic
def rescore(*, account_ids: Collection[UUID], now: datetime) -> int:
    """Measure and score accounts as of today, and keep their rows. Returns how many."""
    if not account_ids:
        return 0
    today, in_force = today_of_tenant(now), published()
    chunk, moment = Chunk(ids=tuple(account_ids)), Moment(today, zone_of_tenant())
    models = in_force.in_force(today)
    kept = keep_snapshots(moment=moment, in_force=models, recorded_at=now, chunk=chunk)
    if assign_segments(day=today, now=now, account_ids=account_ids):
        keep_snapshots(moment=moment, in_force=models, recorded_at=now, chunk=chunk)
    keep_rows(account_ids=account_ids, now=now)
    return kept.accounts


@on_news
def hear(*, since: datetime, now: datetime) -> None:
    """Rescore the accounts named in the trail; everybody where a line is about many."""
    news = TrailEntry.objects.filter(recorded_at__gte=since)
    about = news.exclude(account_id=None).exclude(verb="accounts.segment_changed")
    accounts = about.values_list("account_id", flat=True).distinct()[: IN_PASSING + 1]
    named = {account_id for account_id in accounts if account_id}
    general = news.filter(account_id=None).order_by("-recorded_at", "-id")
    about_many = next((entry for entry in general if entry.verb.endswith(ABOUT_MANY)), None)
    if about_many is not None or len(named) > IN_PASSING:
        newest = about_many or news.order_by("-recorded_at", "-id")[0]
        later(rescore_all, key=str(newest.pk), now=now)
    if len(named) <= IN_PASSING:
        rescore(account_ids=named, now=now)


@job("health.rescore")
def rescore_all(work: Work) -> str | None:
    """Rescore every account as of today, some at a time."""
    today = today_of_tenant(work.now)
    kept = keep_snapshots(
        moment=Moment(today, zone_of_tenant()),
        in_force=published().in_force(today),
        recorded_at=work.now,
        chunk=Chunk(after=work.cursor and UUID(work.cursor), limit=AT_ONCE),
    )
    if kept.accounts == AT_ONCE:
        return str(kept.last)
    if assign_segments(day=today, now=work.now):
        return str(UUID(int=0))
    keep_rows(account_ids=None, now=work.now)
    return None
