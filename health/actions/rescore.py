"""Score again what the news is about: today's open snapshot and the rows of the lists."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import transaction

from health.actions.night import AT_ONCE
from health.actions.rows import keep_rows
from health.actions.segments import assign_segments
from health.actions.snapshots import keep_snapshots
from health.queries.measuring import Chunk, Moment
from health.queries.models import published
from health.queries.news import about_many, about_one
from health.queries.today import today_of_tenant, zone_of_tenant
from tenants.jobs import Work, job, later
from tenants.news import on_news

IN_PASSING = 500  # accounts rescored where the news is told; more go to a job of their own
EVERYBODY_EVERY = timedelta(seconds=20)  # a stream of news about many rescores everybody so often


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
    lines = about_one().filter(recorded_at__gte=since)
    accounts = lines.values_list("account_id", flat=True).distinct()[: IN_PASSING + 1]
    named = {account_id for account_id in accounts if account_id}
    if len(named) > IN_PASSING or about_many().filter(recorded_at__gte=since).exists():
        bucket = int(now.timestamp() // EVERYBODY_EVERY.total_seconds()) + 1
        due_at = datetime.fromtimestamp(bucket * EVERYBODY_EVERY.total_seconds(), UTC)
        later(rescore_all, key=str(bucket), now=now, due_at=due_at)
    if len(named) <= IN_PASSING:
        rescore(account_ids=named, now=now)


@job("health.rescore", label="Rescore every account")
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
