"""The ARR ledger of a window: each account's opening, movements and closing."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from accounts.models import ArrMovement, ChurnRecord
from bowtie.queries.ways import ALL, Slice
from bowtie.rules.retention import Window


@dataclass(frozen=True)
class AccountWindow(Window):
    """The window of one account, by name."""

    account_id: UUID
    name: str

    @property
    def change(self) -> int:
        return self.end - self.start


def windows(since: date, until: date, as_of: datetime, chosen: Slice = ALL) -> list[AccountWindow]:
    """Every account with an entry up to `until`: ARR after `since` and after `until`. One query.

    Of entries that were recorded by `as_of`; the slice is that of today.

    The ledger alone is summed; the account's own ARR figure is not used.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT m.account_id, a.name,
                   sum(m.amount_minor) FILTER (WHERE m.effective_on <= %(since)s),
                   sum(m.amount_minor),
                   array_agg(m.kind) FILTER (WHERE m.effective_on > %(since)s),
                   array_agg(m.amount_minor) FILTER (WHERE m.effective_on > %(since)s)
            FROM accounts_arrmovement m JOIN accounts_account a ON a.id = m.account_id
            WHERE m.effective_on <= %(until)s AND m.recorded_at <= %(as_of)s
                AND (%(segment)s = '' OR a.segment = %(segment)s)
                AND (%(owner)s::uuid IS NULL OR a.owner_id = %(owner)s::uuid)
            GROUP BY m.account_id, a.name ORDER BY a.name, m.account_id
            """,
            {
                "since": since,
                "until": until,
                "as_of": as_of,
                "segment": chosen.segment,
                "owner": chosen.owner_id,
            },
        )
        return [
            AccountWindow(int(start or 0), int(end), _sums(kinds, amounts), account_id, name)
            for account_id, name, start, end, kinds, amounts in cursor.fetchall()
        ]


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
