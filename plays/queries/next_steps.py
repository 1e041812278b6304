"""What happens next on an account: its next open task, and how many plays are at work."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, F

from plays.models import Run, Task


@dataclass(frozen=True)
class Next:
    """The next task by its due time, and the number of open runs."""

    title: str = ""
    due_at: datetime | None = None
    open_plays: int = 0


def next_steps(account_ids: Collection[UUID]) -> dict[UUID, Next]:
    """By account: those with an open task or run. Two queries."""
    tasks = Task.objects.filter(state=Task.State.OPEN, account__in=account_ids)
    runs = Run.objects.filter(closed_at=None, account__in=account_ids)
    first = tasks.order_by("account_id", F("due_at").asc(nulls_last=True), "step", "id").distinct(
        "account_id"
    )
    titles = {task.account_id: task for task in first if task.account_id}
    counts = dict(runs.values_list("account_id").annotate(n=Count("id")))
    found = {}
    for account_id in set(titles) | set(counts):
        task = titles.get(account_id)
        found[account_id] = Next(
            task.title if task else "", task.due_at if task else None, counts.get(account_id, 0)
        )
    return found
