"""The night of a tenant: close the day before, place accounts in segments, open the new day."""

from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from health.actions.rows import keep_rows
from health.actions.segments import assign_segments
from health.actions.snapshots import keep_snapshots
from health.queries.measuring import Chunk, Moment
from health.queries.models import published
from health.queries.today import zone_of_tenant
from health.rules.freshness import NIGHT
from tenants.jobs import Step, Work, job, later

AT_ONCE = 50_000  # accounts in a chunk of the night
FOLLOWERS: list[Step] = []
CLOSE, OPEN, ROWS = "close", "open", "rows"


def follow(step: Step) -> Step:
    """Have a job queued, with `day`, each time the night of a tenant is complete."""
    FOLLOWERS.append(step)
    return step


@job(NIGHT, label="Take the night's snapshots and scores", nightly_at=time(1, 0))
def score_night(work: Work, *, day: str) -> dict[str, Any] | None:
    """Close the snapshot of the day before `day` and open that of `day`, some accounts a time."""
    today = date.fromisoformat(day)
    cursor = work.cursor or {"part": CLOSE, "after": None}
    part, after = cursor["part"], cursor["after"] and UUID(cursor["after"])
    if part == ROWS:
        keep_rows(account_ids=None, now=work.now)
        for step in FOLLOWERS:
            later(step, key=day, now=work.now, day=day)
        return None
    scored_day = today - timedelta(days=1) if part == CLOSE else today
    kept = keep_snapshots(
        moment=Moment(scored_day, zone_of_tenant()),
        in_force=published().in_force(scored_day),
        recorded_at=work.now,
        chunk=Chunk(after=after, limit=AT_ONCE),
    )
    work.statistics[part] = work.statistics.get(part, 0) + kept.accounts
    if kept.accounts == AT_ONCE:
        return {"part": part, "after": str(kept.last)}
    if part == CLOSE:
        work.statistics["placed"] = assign_segments(day=scored_day, now=work.now)
        return {"part": OPEN, "after": None}
    return {"part": ROWS, "after": None}
