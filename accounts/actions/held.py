"""What files and the API leave alone: a segment that somebody set by hand."""

from collections.abc import Collection
from uuid import UUID

from accounts.actions.reading import Line
from accounts.actions.staging import FEW
from accounts.models import Account


def leave_held(lines: Collection[Line]) -> None:
    """Drop the segment from lines of accounts whose segment was set by hand. At most one query."""
    sent = {line.id for line in lines if line.id and line.is_known and "segment" in line.values}
    if not sent:
        return
    held = held_by_hand(sent)
    for line in lines if held else ():
        if line.id in held:
            line.values.pop("segment", None)


def held_by_hand(account_ids: Collection[UUID]) -> set[UUID]:
    """Those of the accounts whose segment was set by hand. One query."""
    held = Account.objects.exclude(segment_set_at=None)
    if len(account_ids) <= FEW:  # of many, those that people touched are the shorter list
        held = held.filter(pk__in=account_ids)
    return set(held.values_list("pk", flat=True)).intersection(account_ids)
