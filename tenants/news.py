"""News: apps that listen are told soon after something was recorded in the trail.

Lines are gathered for a few seconds and told by one job, which reads what was recorded since the
first of those seconds. A transaction that commits after its job ran has its lines told again.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from tenants.jobs import Work, job, later
from tenants.locks import hold
from tenants.scope import act_for, current_tenant_id

EVERY = timedelta(seconds=5)  # lines are gathered for so long
SETTLES = timedelta(seconds=2)  # and then have so long to be committed

Listener = Callable[..., None]
LISTENERS: list[Listener] = []


def on_news(listener: Listener) -> Listener:
    """Have a function `(since, now)` called soon after something was recorded in the trail.

    since: the moment from which on to read by `recorded_at`. A line may be read more than once,
    so read news twice as if it were once.
    """
    LISTENERS.append(listener)
    return listener


@job("tenants.news", label="Pass on what was recorded")
def tell_listeners(work: Work, *, since: str) -> None:
    """Let every app that listens read what was recorded since a moment.

    One telling of a tenant at a time: listeners lock rows of several apps, each in its own order.
    """
    hold("news")
    for listener in LISTENERS:
        listener(since=datetime.fromisoformat(since), now=work.now)


def queue_news(now: datetime) -> None:
    """Queue the telling of news, once for all that is recorded within the same few seconds."""
    bucket = _bucket(now)
    since = datetime.fromtimestamp(bucket * EVERY.total_seconds(), UTC)
    due_at = since + EVERY + SETTLES
    is_first = later(
        tell_listeners, key=str(bucket), now=now, due_at=due_at, since=since.isoformat()
    )
    if not is_first:  # the job is another transaction's, and may run before this one commits
        tenant_id = current_tenant_id()
        transaction.on_commit(lambda: _tell_again(tenant_id, since, due_at), robust=True)


def _tell_again(tenant_id: UUID, since: datetime, due_at: datetime) -> None:
    """Queue another telling where a transaction committed too late for its own."""
    now = timezone.now()
    if now < due_at:
        return
    key = f"{_bucket(since)}, again {_bucket(now)}"
    with act_for(tenant_id):
        later(tell_listeners, key=key, now=now, since=since.isoformat())


def _bucket(moment: datetime) -> int:
    return int(moment.timestamp() // EVERY.total_seconds())
