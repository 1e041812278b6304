"""What the ledger says of single accounts: ARR from day to day, and when it first expanded."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from django.db.models import Sum

from accounts.models import ArrMovement
from bowtie.queries.ways import ALL, Slice
from bowtie.rules.heights import Heights, heights


def heights_of(account_ids: Collection[UUID], as_of: datetime) -> dict[UUID, Heights]:
    """ARR of accounts from day to day, by what was recorded. One query."""
    moves: defaultdict[UUID, list[tuple[date, int]]] = defaultdict(list)
    found = ArrMovement.objects.filter(account_id__in=account_ids, recorded_at__lte=as_of)
    for account_id, day, amount in found.values_list("account_id", "effective_on", "amount_minor"):
        moves[account_id].append((day, amount))
    return {account_id: heights(own) for account_id, own in moves.items()}


def expansions(as_of: datetime, today: date, chosen: Slice = ALL) -> dict[UUID, list[date]]:
    """The days on which accounts expanded, corrections settled. One query."""
    found: defaultdict[UUID, list[date]] = defaultdict(list)
    rows = (
        ArrMovement.objects.filter(
            chosen.where("account__"),
            kind=ArrMovement.Kind.EXPANSION,
            effective_on__lte=today,
            recorded_at__lte=as_of,
        )
        .values_list("account_id", "effective_on")
        .annotate(moved=Sum("amount_minor"))
        .filter(moved__gt=0)
    )
    for account_id, day, _ in rows:
        found[account_id].append(day)
    return found
