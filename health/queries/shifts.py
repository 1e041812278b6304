"""Who enters and leaves where a condition becomes another one: accounts, and their ARR, today."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from health.models import AccountRow
from health.queries.listed import Meets
from health.queries.risk import Sums
from health.queries.rows import totals
from health.rules.tree import All, Condition, Not

NAMED = 50


@dataclass(frozen=True)
class Side:
    """Those who enter, or leave: how many, and the largest of them."""

    sums: Sums
    rows: list[AccountRow]


@dataclass(frozen=True)
class Shift:
    """What a changed condition changes today. of: how many accounts there are."""

    before: Sums
    after: Sums
    enter: Side
    leave: Side
    of: int


def shift(before: Condition, after: Condition, today: date) -> Shift:
    """Both conditions over all accounts that are not archived. Seven queries."""
    rows = AccountRow.objects.filter(is_archived=False)

    def meeting(*parts: Condition) -> QuerySet[AccountRow]:
        return rows.filter(Meets(All(parts), today))

    def side(*parts: Condition) -> Side:
        found = meeting(*parts)
        return Side(_sums(found), list(found.order_by("-arr_minor", "account_id")[:NAMED]))

    return Shift(
        _sums(meeting(before)),
        _sums(meeting(after)),
        side(after, Not(before)),
        side(before, Not(after)),
        rows.count(),
    )


def _sums(rows: QuerySet[AccountRow]) -> Sums:
    n, arr_minor, _ = totals(rows)
    return Sums(n, arr_minor)
