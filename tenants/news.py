"""News: apps that listen are told soon after something was recorded in the trail.

Lines are gathered for a few seconds and told by one job, which reads what was recorded since the
first of those seconds. It begins when those who recorded them have committed.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from tenants.ids import uuid7
from tenants.jobs import KINDS, Work, job, keep_waiting, later, take_in
from tenants.locks import hold

EVERY = timedelta(seconds=5)  # lines are gathered for so long
SETTLES = timedelta(seconds=2)  # and then have so long to be committed

KIND = "tenants.news"

Listener = Callable[..., None]
LISTENERS: list[Listener] = []


def on_news(listener: Listener) -> Listener:
    """Have a function `(since, now)` called soon after something was recorded in the trail.

    since: the moment from which on to read by `recorded_at`. A line may be read more than once,
    so read news twice as if it were once.
    """
    LISTENERS.append(listener)
    return listener


@job(KIND, label="Pass on what was recorded")
def tell_listeners(work: Work, *, since: str) -> None:
    """Let every app that listens read what was recorded since a moment.

    One telling of a tenant at a time: listeners lock rows of several apps, each in its own order.
    Tellings that are due meanwhile are done with it: after an hour without workers there is one.
    """
    hold("news")
    along = [arguments["since"] for arguments in take_in(work, KINDS[KIND])]
    since = min([since, *along], key=datetime.fromisoformat)
    for listener in LISTENERS:
        listener(since=datetime.fromisoformat(since), now=work.now)


def queue_news(now: datetime) -> None:
    """Queue the telling of news, once for all that is recorded within the same few seconds.

    The telling waits until whoever recorded something has committed. All of it is rows of the
    caller's transaction, so nothing is lost with a process that dies.
    """
    bucket = _bucket(now)
    since = datetime.fromtimestamp(bucket * EVERY.total_seconds(), UTC)
    named: dict[str, Any] = {"now": now, "since": since.isoformat()}
    key, due_at = str(bucket), since + EVERY + SETTLES
    if later(tell_listeners, key=key, due_at=due_at, **named):
        return
    if not keep_waiting(tell_listeners, key=key):
        later(tell_listeners, key=f"{key}, again {uuid7()}", due_at=now + SETTLES, **named)


def _bucket(moment: datetime) -> int:
    return int(moment.timestamp() // EVERY.total_seconds())
