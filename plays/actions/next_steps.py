"""Telling the lists what happens next on each account."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q

from health.actions.rows import NextStep, set_next_steps
from health.models import AccountRow
from plays.queries.next_steps import next_steps


def push_next_steps(*, account_ids: Collection[UUID]) -> int:
    """Bring next step and open plays of the lists up to date. Returns how many rows it wrote."""
    found = next_steps(account_ids)
    told = AccountRow.objects.filter(~Q(next_step="") | Q(open_plays__gt=0))
    told = told.filter(account__in=account_ids)
    over = {pk for pk in told.values_list("account_id", flat=True) if pk not in found}
    steps = {
        pk: NextStep(step.title, step.due_at, step.open_plays) for pk, step in found.items()
    } | {pk: NextStep() for pk in over}
    return set_next_steps(steps=steps)
