"""The playbook at work: after each night, and soon after something happened."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from health.actions.night import follow
from health.models import Snapshot
from health.queries.today import today_of_tenant
from plays.actions.closing import settle
from plays.actions.next_steps import push_next_steps
from plays.actions.opening import Desk, open_runs
from plays.queries.definitions import in_force
from tenants.jobs import Cursor, Work, job
from tenants.models import TrailEntry
from tenants.news import on_news

FIRST: list[Any] = [0, ""]  # before every play: the cursor is the one done last, by its order


@follow
@job("plays.evaluate", label="Evaluate plays", in_order=True)
def evaluate(work: Work, *, day: str) -> Cursor | None:
    """Judge open runs, then start each play in force, over the snapshots of a day.

    One play a chunk, the most urgent first. Twice is the same as once.
    """
    on = date.fromisoformat(day)
    if work.cursor is None:
        work.statistics |= settle(day=on, now=work.now)
        return FIRST
    for play, body in in_force():
        place = [body.priority, play.key]
        if place <= list(work.cursor):
            continue
        opened = open_runs(play=play, day=on, now=work.now, desk=Desk())
        for word, count in (("opened", len(opened.runs)), ("held", len(opened.held))):
            work.statistics[word] = work.statistics.get(word, 0) + count
        return place
    push_next_steps(account_ids=None)
    return None


@on_news
def evaluate_changed(*, since: datetime, now: datetime) -> None:
    """Look at the accounts of which something was recorded, by today's open snapshot."""
    news = TrailEntry.objects.filter(recorded_at__gte=since).values_list("verb", "account_id")
    told = [(verb.startswith("plays."), pk) for verb, pk in news.distinct() if pk]
    changed = {pk for is_own, pk in told if not is_own}
    own = {pk for is_own, pk in told if is_own}
    if changed:
        evaluate_accounts(account_ids=changed, day=today_of_tenant(now), now=now)
    if changed | own:
        push_next_steps(account_ids=changed | own)


def evaluate_accounts(*, account_ids: set[UUID], day: date, now: datetime) -> None:
    """Judge and start plays on a few accounts; nothing where the day has no snapshot of them."""
    settle(day=day, now=now, among=account_ids)
    known = set(
        Snapshot.objects.filter(day=day, account__in=account_ids).values_list(
            "account_id", flat=True
        )
    )
    if not known:
        return
    for play, _ in in_force():
        open_runs(play=play, day=day, now=now, desk=Desk(), among=known)
