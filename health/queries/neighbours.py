"""Walking a list from an account: what stands before it and behind it, and where it stands."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet

from health.models import AccountRow
from health.queries.own_fields import with_own
from health.queries.rows import beyond, ordered
from health.rules.lists import NULLABLE, Asked


@dataclass(frozen=True)
class Neighbour:
    """An account beside another one in a list."""

    account_id: UUID
    name: str


@dataclass(frozen=True)
class Place:
    """Where an account stands in a list. at: from 1, None where it is not, or no longer, in it."""

    before: Neighbour | None
    behind: Neighbour | None
    at: int | None
    n: int


def place_of(rows: QuerySet[AccountRow], asked: Asked, account_id: UUID) -> Place | None:
    """What stands around an account in a list, also where it is not in it. Four queries.

    None where there is no such account.
    """
    row = with_own(AccountRow.objects.filter(account_id=account_id), asked).first()
    if row is None:
        return None
    rows = with_own(rows, asked)
    value = getattr(row, asked.sort_column.sort)
    ahead = _ahead(asked, value, account_id)
    told = rows.aggregate(
        n=Count("account_id"),
        ahead=Count("account_id", filter=ahead),
        here=Count("account_id", filter=Q(account_id=account_id)),
    )
    return Place(
        before=_first(_backwards(rows.filter(ahead), asked)),
        behind=_first(ordered(rows.filter(beyond(asked, value, account_id)), asked)),
        at=told["ahead"] + 1 if told["here"] else None,
        n=told["n"],
    )


def _ahead(asked: Asked, value: Any, account_id: UUID) -> Q:
    """What stands before a place: unknown values come last, so every known one is before those."""
    column, sign = asked.sort_column.sort, "gt" if asked.is_descending else "lt"
    sooner: dict[str, Any] = {f"account_id__{sign}": account_id}
    if value is None:
        return Q(**{f"{column}__isnull": True}, **sooner) | Q(**{f"{column}__isnull": False})
    return Q(**{column: value}, **sooner) | Q(**{f"{column}__{sign}": value})


def _backwards(rows: QuerySet[AccountRow], asked: Asked) -> QuerySet[AccountRow]:
    column, down = asked.sort_column.sort, asked.is_descending
    by_id = "account_id" if down else "-account_id"
    if column not in NULLABLE:
        return rows.order_by(column if down else f"-{column}", by_id)
    known = F(column).asc(nulls_first=True) if down else F(column).desc(nulls_first=True)
    return rows.order_by(known, by_id)


def _first(rows: QuerySet[AccountRow]) -> Neighbour | None:
    found = rows.values_list("account_id", "name")[:1]
    return next((Neighbour(*each) for each in found), None)
