"""Closing runs: those that have worked, those given up, those whose promise was missed."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import F, OuterRef, QuerySet, Subquery

from health.queries.matching import matching
from plays.models import Run, Task
from plays.rules.bodies import read
from pulse.models import Activity
from pulse.rules.activities import NOTE
from tenants import trail
from tenants.models import TrailEntry
from tenants.timeline import describe

OUTCOMES = {"success": "worked", "no_effect": "had no effect", "harm": "did harm"}

describe(
    "plays.run_closed",
    lambda facts: (
        f"{facts['who']} dismissed the play {facts['name']}"
        if facts["state"] == Run.State.DISMISSED
        else f"The play {facts['name']} {OUTCOMES.get(facts['outcome'], 'ended')}"
    ),
    icon="flag",
    detail="{reason}",
)
describe("plays.first_action_late", "Nobody acted in time on the play {name}", icon="timer")


def settle(*, day: date, now: datetime, among: Collection[UUID] | None = None) -> dict[str, int]:
    """Judge the open runs by the snapshots of a day. Twice is the same as once.

    A run succeeds on a day after the one it started from, and expires when its window is over.
    """
    stamp_first_actions(now=now, among=among)
    late = mark_late(now=now, among=among)
    by_play = defaultdict(list)
    for run in _open(among):
        by_play[run.play_id].append(run)
    succeeded = expired = 0
    for runs in by_play.values():
        body = read(runs[0].play.body)
        worked: set[UUID] = set()
        if body.success is not None:
            ids = [run.account_id for run in runs if run.evidence["day"] < day.isoformat()]
            worked = (
                {match.account_id for match in matching(body.success, day, ids)} if ids else set()
            )
        done = [run for run in runs if run.account_id in worked]
        over = [
            run
            for run in runs
            if run.account_id not in worked
            and now >= run.started_at + timedelta(days=body.success_days)
        ]
        close(done, state=Run.State.COMPLETED, outcome="success", now=now)
        close(over, state=Run.State.EXPIRED, outcome="no_effect", now=now)
        succeeded, expired = succeeded + len(done), expired + len(over)
    return {"succeeded": succeeded, "expired": expired, "late": late}


def close(
    runs: Sequence[Run],
    *,
    state: Run.State,
    outcome: str,
    now: datetime,
    reason: str = "",
    actor_id: UUID | None = None,
) -> None:
    """Close runs and drop the steps nobody needs any more."""
    if not runs:
        return
    open_runs = Run.objects.filter(pk__in=[run.pk for run in runs], closed_at=None)
    ids = set(open_runs.order_by("pk").select_for_update().values_list("pk", flat=True))
    runs = [run for run in runs if run.pk in ids]  # somebody may have closed one meanwhile
    Run.objects.filter(pk__in=ids).update(
        state=state, outcome=outcome, closed_at=now, reason=reason
    )
    Task.objects.filter(run__in=ids, state=Task.State.OPEN).update(
        state=Task.State.DROPPED, closed_at=now, version=F("version") + 1
    )
    trail.record_many(
        [
            TrailEntry(
                verb="plays.run_closed",
                at=now,
                actor_id=actor_id,
                account_id=run.account_id,
                object_id=run.pk,
                facts={
                    "key": run.play_key,
                    "name": run.play.name,
                    "state": state.value,
                    "outcome": outcome,
                    "reason": reason,
                },
            )
            for run in runs
        ]
    )


def stamp_first_actions(*, now: datetime, among: Collection[UUID] | None = None) -> int:
    """Note when somebody first turned to the account after a run began. One query."""
    first = (
        Activity.objects.filter(account=OuterRef("account"), at__gte=OuterRef("started_at"))
        .filter(at__lte=now)
        .exclude(kind=NOTE)
        .order_by("at")
        .values("at")[:1]
    )
    waiting = Run.objects.filter(closed_at=None, first_action_at=None)
    if among is not None:
        waiting = waiting.filter(account__in=among)
    stamped = [
        (run.pk, run.acted_at)
        for run in waiting.annotate(acted_at=Subquery(first)).exclude(acted_at=None)
    ]
    for pk, at in stamped:
        still_open = Run.objects.filter(pk=pk, closed_at=None)
        still_open.update(first_action_at=at, state=Run.State.IN_PROGRESS)
    return len(stamped)


def mark_late(*, now: datetime, among: Collection[UUID] | None = None) -> int:
    """Record each missed first action once, at the moment it was missed."""
    late = [
        run
        for run in _open(among).filter(breached_at=None, first_action_due_at__lt=now)
        if run.first_action_at is None or run.first_action_at > run.first_action_due_at
    ]
    Run.objects.filter(pk__in=[run.pk for run in late]).update(breached_at=F("first_action_due_at"))
    if late:
        trail.record_many(
            [
                TrailEntry(
                    verb="plays.first_action_late",
                    at=run.first_action_due_at,
                    account_id=run.account_id,
                    object_id=run.pk,
                    facts={"key": run.play_key, "name": run.play.name},
                )
                for run in late
            ]
        )
    return len(late)


def _open(among: Collection[UUID] | None) -> QuerySet[Run]:
    runs = Run.objects.filter(closed_at=None).prefetch_related("play").order_by("id")
    return runs if among is None else runs.filter(account__in=among)
