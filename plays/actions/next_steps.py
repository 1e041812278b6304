"""Telling the lists what happens next on each account."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from health.models import AccountRow
from plays.queries.next_steps import Next, next_steps


def push_next_steps(*, account_ids: Collection[UUID] | None, now: datetime) -> int:
    """Bring next step and open plays of the lists up to date. Returns how many rows changed."""
    found = next_steps(account_ids)
    rows = AccountRow.objects.all()
    if account_ids is not None:
        rows = rows.filter(account__in=account_ids)
    changed = 0
    for row in rows.values_list("account_id", "next_step", "next_step_at", "open_plays"):
        told = found.get(row[0], Next())
        if row[1:] == (told.title, told.due_at, told.open_plays):
            continue
        AccountRow.objects.filter(account=row[0]).update(
            next_step=told.title, next_step_at=told.due_at, open_plays=told.open_plays
        )
        changed += 1
    return changed
