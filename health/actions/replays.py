"""Score the time before the first snapshots from what is known today, for the backtest alone.

A tenant that brings its history in has facts of years and no score of any past day. Replays are
kept beside the snapshots and marked by their table: nothing else reads them.
"""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from health.actions.night import AT_ONCE
from health.actions.snapshots import keep_snapshots
from health.models import Replay
from health.queries.measuring import Chunk, Moment
from health.queries.models import published
from health.queries.today import today_of_tenant, zone_of_tenant
from health.rules.freshness import REPLAY
from health.rules.proof.decisions import WINDOW
from tenants import trail
from tenants.jobs import Work, job, later
from tenants.models import User
from tenants.timeline import describe

describe(
    "health.replay_asked", "{who} had past weeks scored from what is known now", icon="heart-pulse"
)
EVERY = timedelta(days=7)
BACK = 2 * WINDOW + timedelta(days=187)  # two years of decisions, and half a year before the first


@job(REPLAY, label="Score past weeks from what is known today")
def replay(work: Work, *, until: str) -> dict[str, str | None] | None:
    """Score a week's day after the other, the newest first, some accounts at a time."""
    last = date.fromisoformat(until)
    cursor = work.cursor or {"day": until, "after": None}
    day, after = date.fromisoformat(cursor["day"]), cursor["after"]
    kept = keep_snapshots(
        moment=Moment(day, zone_of_tenant(), known_at=work.now),
        in_force=published().in_force(day),
        recorded_at=work.now,
        chunk=Chunk(after=after and UUID(after), limit=AT_ONCE),
        kept_in=Replay,
    )
    work.statistics["accounts"] = work.statistics.get("accounts", 0) + kept.accounts
    if kept.accounts == AT_ONCE:
        return {"day": cursor["day"], "after": str(kept.last)}
    if day - EVERY <= last - BACK:
        return None
    return {"day": (day - EVERY).isoformat(), "after": None}


@transaction.atomic
def ask_replay(*, author: User | None, now: datetime) -> date:
    """Have the weeks before today scored. Asked again on one day, it is done once."""
    until = today_of_tenant(now) - timedelta(days=1)
    later(replay, key=until.isoformat(), now=now, until=until.isoformat())
    trail.record("health.replay_asked", at=now, actor=author, until=until.isoformat())
    return until
