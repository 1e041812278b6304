"""The ARR ledger of a window: each account's opening, movements and closing."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet, Sum

from accounts.models import ArrMovement, ChurnRecord
from bowtie.queries.ways import ALL, SLICED, Slice
from bowtie.rules.retention import KINDS, OUTSIDE, Retention, Window


@dataclass(frozen=True)
class AccountWindow(Window):
    """The window of one account, by name."""

    account_id: UUID
    name: str

    @property
    def change(self) -> int:
        return self.end - self.start


ENTRIES = f"""
    FROM accounts_arrmovement m JOIN accounts_account a ON a.id = m.account_id
    WHERE m.effective_on <= %(until)s AND m.recorded_at <= %(as_of)s
        AND {SLICED}
"""
WINDOWS = f"""
    SELECT m.account_id, a.name,
        coalesce(sum(m.amount_minor) FILTER (WHERE m.effective_on <= %(since)s), 0) AS start,
        sum(m.amount_minor) AS closing,
        array_agg(m.kind) FILTER (WHERE m.effective_on > %(since)s) AS kinds,
        array_agg(m.amount_minor) FILTER (WHERE m.effective_on > %(since)s) AS amounts
    {ENTRIES} GROUP BY m.account_id, a.name
"""
_BY_KIND = ", ".join(
    f"sum(m.amount_minor) FILTER (WHERE m.effective_on > %(since)s AND m.kind = '{kind}') AS {kind}"
    for kind in KINDS
)
_WON = " + ".join(f"coalesce({kind}, 0)" for kind in OUTSIDE)
ROLLUP = f"""
    WITH summed AS (
        SELECT coalesce(sum(m.amount_minor) FILTER (WHERE m.effective_on <= %(since)s), 0) AS start,
            sum(m.amount_minor) AS closing, {_BY_KIND}
        {ENTRIES} GROUP BY m.account_id
    ), rated AS (
        SELECT *, closing > 0 AND coalesce(reactivation, 0) <= 0 AS stays,
            CASE WHEN closing > 0 THEN coalesce(fx, 0) ELSE 0 END AS held
        FROM summed
    ), each AS (
        SELECT *, CASE WHEN stays THEN greatest(closing - held, 0) ELSE 0 END AS kept,
            -coalesce(contraction, 0) - least(0,
                coalesce(churn, 0) + coalesce(restore, 0) + coalesce(fx, 0) - held) AS lost
        FROM rated
    )
    SELECT count(*), count(*) FILTER (WHERE start > 0),
        count(*) FILTER (WHERE start > 0 AND stays),
        sum(start) FILTER (WHERE start > 0), sum(kept) FILTER (WHERE start > 0),
        sum(least(start, kept)) FILTER (WHERE start > 0), sum(lost) FILTER (WHERE start > 0),
        sum(closing - held - ({_WON})) FILTER (WHERE start > 0),
        sum(start), sum(closing), sum(lost), {", ".join(f"sum({kind})" for kind in KINDS)}
    FROM each
"""  # noqa: S608 - made of names of this product alone


def windows(since: date, until: date, as_of: datetime, chosen: Slice = ALL) -> list[AccountWindow]:
    """Every account with an entry up to `until`: ARR after `since` and after `until`. One query.

    Of entries that were recorded by `as_of`; the slice is that of today.

    The ledger alone is summed; the account's own ARR figure is not used.
    """
    return _accounts(f"{WINDOWS} ORDER BY a.name, m.account_id", since, until, as_of, chosen)


def movers(
    since: date, until: date, as_of: datetime, chosen: Slice = ALL, *, most: int
) -> list[AccountWindow]:
    """The accounts whose ARR changed most, the biggest change first. One query."""
    sql = f"""
        SELECT * FROM ({WINDOWS}) each WHERE start <> closing
        ORDER BY abs(closing - start) DESC, name, account_id LIMIT {most:d}
    """  # noqa: S608 - a number
    return _accounts(sql, since, until, as_of, chosen)


def rollup(since: date, until: date, as_of: datetime, chosen: Slice = ALL) -> Retention:
    """`retention(windows(…))`, added up in the database. One query."""
    [row] = _rows(ROLLUP, since, until, as_of, chosen)
    sums = [int(value or 0) for value in row[: -len(KINDS)]]
    by_kind = zip(KINDS, row[-len(KINDS) :], strict=True)
    moved = {kind: int(amount) for kind, amount in by_kind if amount is not None}
    return Retention(moved, *sums)


def _accounts(
    sql: str, since: date, until: date, as_of: datetime, chosen: Slice
) -> list[AccountWindow]:
    return [
        AccountWindow(int(start), int(end), _sums(kinds, amounts), account_id, name)
        for account_id, name, start, end, kinds, amounts in _rows(sql, since, until, as_of, chosen)
    ]


def _rows(
    sql: str, since: date, until: date, as_of: datetime, chosen: Slice
) -> list[tuple[Any, ...]]:
    given = {"since": since, "until": until, "as_of": as_of, **chosen.given}
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return cursor.fetchall()


def _sums(kinds: list[str] | None, amounts: list[int] | None) -> dict[str, int]:
    sums: dict[str, int] = {}
    for kind, amount in zip(kinds or [], amounts or [], strict=True):
        sums[kind] = sums.get(kind, 0) + amount
    return sums


def movements(
    since: date, until: date, as_of: datetime, chosen: Slice = ALL, kind: str = ""
) -> QuerySet[ArrMovement]:
    """The entries behind a figure, newest first."""
    found = ArrMovement.objects.filter(
        chosen.where("account__"),
        effective_on__gt=since,
        effective_on__lte=until,
        recorded_at__lte=as_of,
    )
    if kind:
        found = found.filter(kind=kind)
    return found.select_related("account").order_by("-effective_on", "-pk")


def departures(since: date, until: date, as_of: datetime, chosen: Slice = ALL) -> list[ChurnRecord]:
    """Who left in the window, by what was recorded, newest first. One query."""
    found = ChurnRecord.objects.filter(
        chosen.where("account__"),
        ended_on__gt=since,
        ended_on__lte=until,
        recorded_at__lte=as_of,
    )
    return list(found.select_related("account").order_by("-ended_on", "-pk"))


def standing_at(account_ids: Collection[UUID], until: date, as_of: datetime) -> dict[UUID, int]:
    """ARR of these accounts after a day, by the ledger. One query."""
    found = ArrMovement.objects.filter(
        account_id__in=account_ids, effective_on__lte=until, recorded_at__lte=as_of
    )
    return dict(found.values_list("account_id").annotate(Sum("amount_minor")))
