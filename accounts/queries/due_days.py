"""The days on which contracts were up for renewal, by what was known of them at a moment."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter
from uuid import UUID

from django.db import connection
from django.utils import timezone

from accounts.rules.due_days import DueDay, due_days, early, run_of, signed, taken_over


@dataclass(slots=True)
class Told:
    """What a contract said, as the rule takes it."""

    account_id: UUID
    product_id: UUID | None
    contract_id: UUID
    starts_on: date
    ends_on: date | None
    cancelled_on: date | None
    term_months: int | None
    auto_renews: bool
    arr_minor: int
    currency: str
    is_trial: bool
    status: str
    said_on: date
    signed_on: date | None


@dataclass(frozen=True)
class Due:
    """A contract of an account on a day on which it was due."""

    account_id: UUID
    day: DueDay


def due(
    as_of: datetime, horizon: date, account_ids: Collection[UUID] | None = None
) -> Iterator[Due]:
    """Every due day of every contract, up to the first of each from a horizon on. One query.

    account_ids: of these accounts alone.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.account_id, c.product_id, t.contract_id, t.starts_on, t.ends_on,
                t.cancelled_on, t.term_months, t.auto_renews, t.arr_minor, t.currency,
                t.is_trial, t.status, (t.recorded_at AT TIME ZONE %(zone)s)::date, t.signed_on
            FROM accounts_contractterms t JOIN accounts_contract c ON c.id = t.contract_id
            WHERE t.recorded_at <= %(as_of)s AND (
                %(accounts)s::uuid[] IS NULL OR c.account_id = ANY(%(accounts)s::uuid[])
            )
            ORDER BY c.account_id, c.product_id, t.contract_id, t.version
            """,
            {
                "as_of": as_of,
                "zone": timezone.get_current_timezone_name(),
                "accounts": None if account_ids is None else [str(each) for each in account_ids],
            },
        )
        rows = [Told(*row) for row in cursor.fetchall()]
    for (account_id, _), group in groupby(rows, key=attrgetter("account_id", "product_id")):
        contracts = [list(said) for _, said in groupby(group, key=attrgetter("contract_id"))]
        runs = [(run, said) for said in contracts if (run := run_of(said))]
        others = early([run for run, _ in runs]) if len(runs) > 1 else []
        for run, said in runs:
            for day in due_days(said, horizon):
                yield Due(account_id, taken_over(signed(day, said, contracts), run, others))
