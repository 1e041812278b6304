"""Runs of plays: those at work on an account, those of a play, and what was held."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from accounts.models import Account
from health.models import Snapshot
from health.queries.matching import LeafResult, explain, matching
from plays.models import Held, Play, Run, Task
from plays.rules.bodies import Body

MOST_ROWS = 100

CAUSES = {
    "cooldown": "At rest",
    "suppressed": "Suppressed",
    "other_play": "Another play goes first",
    "capacity": "Too much open",
}


@dataclass(frozen=True)
class Why:
    """Whether an account met a play on a day, comparison by comparison, and what came of it."""

    day: date | None
    met: bool
    parts: list[LeafResult]
    suppressed: list[LeafResult]
    is_suppressed: bool
    run: Run | None
    held: list[Held]


def open_runs(account: Account) -> list[tuple[Run, list[Task]]]:
    """The plays at work on an account, each with its steps in order. Two queries."""
    found = Run.objects.filter(account=account, closed_at=None).select_related("play")
    runs = list(found.order_by("started_at", "id"))
    steps: dict[UUID, list[Task]] = {run.pk: [] for run in runs}
    tasks = Task.objects.filter(run__in=steps).select_related("owner")
    for task in tasks.order_by("step", "id"):
        if task.run_id:
            steps[task.run_id].append(task)
    return [(run, steps[run.pk]) for run in runs]


def accounts_at_work(*, after: UUID, limit: int) -> list[UUID]:
    """The next accounts behind an id on which a play is open, by id. One query."""
    found = Run.objects.filter(closed_at=None, account_id__gt=after).order_by("account_id")
    return list(found.values_list("account_id", flat=True).distinct()[:limit])


def closed_runs(account: Account) -> list[Run]:
    """What ran before, the latest first. One query."""
    found = Run.objects.filter(account=account, closed_at__isnull=False).select_related("play")
    return list(found.order_by("-closed_at")[:10])


def loose_tasks(account: Account) -> list[Task]:
    """Open tasks of an account that belong to no play. One query."""
    found = Task.objects.filter(account=account, run=None, state=Task.State.OPEN)
    return list(found.select_related("owner").order_by("due_at", "id"))


def runs_of(key: str, state: str = "") -> QuerySet[Run]:
    """The runs of a play, the latest first. state: "open", "closed" or all."""
    found = Run.objects.filter(play_key=key).select_related("account", "play")
    if state:
        found = found.filter(closed_at__isnull=state == "open")
    return found.order_by("-started_at", "-id")


def held_of(key: str) -> QuerySet[Held]:
    """What a play held back, the latest first."""
    return Held.objects.filter(play_key=key).select_related("account").order_by("-day", "-id")


def held_by_cause(key: str) -> dict[str, int]:
    """How often each cause held a play back. One query."""
    rows = Held.objects.filter(play_key=key).values_list("cause").annotate(n=Count("id"))
    return dict(rows.order_by("-n"))


def why(play: Play, body: Body, account_id: UUID, day: date) -> Why:
    """Why a play did or did not start on an account on a day. Seven queries at most.

    Looked up in the newest snapshot up to the day; day is None where there is none.
    """
    stored = (
        Snapshot.objects.filter(account_id=account_id, day__lte=day)
        .order_by("-day")
        .values_list("day", flat=True)
        .first()
    )
    run = (
        Run.objects.filter(play_key=play.key, account_id=account_id)
        .filter(Q(closed_at=None) | Q(episode_on__lte=day))
        .order_by("-started_at")
        .first()
    )
    held = list(Held.objects.filter(play_key=play.key, account_id=account_id).order_by("-day")[:3])
    if stored is None:
        return Why(None, False, [], [], False, run, held)
    among = [account_id]
    suppress = body.suppress_if
    return Why(
        stored,
        bool(matching(body.trigger, stored, among)),
        explain(body.trigger, account_id, stored),
        explain(suppress, account_id, stored) if suppress else [],
        bool(suppress and matching(suppress, stored, among)),
        run,
        held,
    )
