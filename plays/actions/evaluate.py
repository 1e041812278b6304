"""The playbook at work: after each night, and soon after something happened."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from health.actions.night import follow
from health.models import Snapshot
from health.queries.rows import accounts_in_lists
from health.queries.today import today_of_tenant
from plays.actions.closing import settle
from plays.actions.next_steps import push_next_steps
from plays.actions.opening import Desk, open_runs
from plays.queries.definitions import in_force
from plays.queries.runs import accounts_at_work
from plays.rules.bodies import LOWEST_PRIORITY
from tenants.jobs import Cursor, Work, job
from tenants.models import TrailEntry
from tenants.news import on_news

AT_ONCE = 2_000  # accounts in a chunk
FIRST: list[Any] = [0, ""]  # before every play by its order: open runs are judged
LAST: list[Any] = [LOWEST_PRIORITY + 1, ""]  # behind every play: the lists are told
START = str(UUID(int=0))  # before every account


@follow
@job("plays.evaluate", label="Evaluate plays", in_order=True)
def evaluate(work: Work, *, day: str) -> Cursor | None:
    """Judge open runs, then start each play in force, over the snapshots of a day.

    Play after play, the most urgent first, and of each some accounts a chunk, by id. The cursor is
    priority and key of a play and the account it came to, none where it is through with all.
    Twice is the same as once.
    """
    on = date.fromisoformat(day)
    *place, after = work.cursor or [*FIRST, START]
    if place == FIRST and after:
        working = accounts_at_work(after=UUID(after), limit=AT_ONCE)
        _count(work, settle(day=on, now=work.now, among=working))
        return [*FIRST, _last(working)]
    for play, body in in_force():
        here = [body.priority, play.key]
        if here < place or (here == place and not after):
            continue
        opened = open_runs(
            play=play,
            day=on,
            now=work.now,
            desk=Desk(),
            after=UUID(after) if here == place else None,
            limit=AT_ONCE,
        )
        _count(work, {"opened": len(opened.runs), "held": len(opened.held)})
        return [*here, opened.last and str(opened.last)]
    listed = accounts_in_lists(after=UUID(after if place == LAST else START), limit=AT_ONCE)
    push_next_steps(account_ids=listed)
    last = _last(listed)
    return last and [*LAST, last]


def _last(accounts: Sequence[UUID]) -> str | None:
    """Where a full chunk ends; None where nobody is left."""
    return str(accounts[-1]) if len(accounts) == AT_ONCE else None


def _count(work: Work, more: dict[str, int]) -> None:
    for word, count in more.items():
        work.statistics[word] = work.statistics.get(word, 0) + count


@on_news
def evaluate_changed(*, since: datetime, now: datetime) -> None:
    """Look at the accounts of which something was recorded, by today's open snapshot."""
    news = TrailEntry.objects.filter(recorded_at__gte=since).values_list("verb", "account_id")
    told = [(verb.startswith("plays."), pk) for verb, pk in news.distinct() if pk]
    changed = {pk for is_own, pk in told if not is_own}
    own = {pk for is_own, pk in told if is_own}
    if changed:
        evaluate_accounts(account_ids=changed, day=today_of_tenant(now), now=now)
    for some in _batches(changed | own):
        push_next_steps(account_ids=some)


def evaluate_accounts(*, account_ids: set[UUID], day: date, now: datetime) -> None:
    """Judge and start plays on a few accounts; nothing where the day has no snapshot of them."""
    for some in _batches(account_ids):
        settle(day=day, now=now, among=some)
    known = Snapshot.objects.filter(day=day, account__in=account_ids)
    ids = set(known.values_list("account_id", flat=True))
    if not ids:
        return
    for play, _ in in_force():
        for some in _batches(ids):
            open_runs(play=play, day=day, now=now, desk=Desk(), among=some)


def _batches(account_ids: set[UUID]) -> list[list[UUID]]:
    """Accounts by id, so many as a chunk has."""
    ids = sorted(account_ids)
    return [ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE)]
