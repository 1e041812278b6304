"""ARR up for renewal and ARR that grew, from contracts and the ledger as known at a moment."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from bowtie.queries.ways import ALL, SLICED, Slice
from bowtie.rules.money import Due, Growth, Renewal, renewed

GRACE = timedelta(days=60)  # a renewal that is later counts as lost (operating model, 10.2)
HELD = f"""
    {SLICED} AND (a.archived_at IS NULL OR a.archived_at > %(as_of)s)
"""


def renewals(
    since: date, until: date, as_of: datetime, today: date, chosen: Slice = ALL
) -> list[Renewal]:
    """What an account had up for renewal on a day of the window, and what renewed by `today`.

    One query. Contracts that end on one day are one renewal.
    """
    rows = _rows(
        """
        WITH due AS (
            SELECT c.account_id, c.ends_on, sum(c.arr_minor) AS due
            FROM accounts_contract c
            WHERE c.ends_on > %(since)s AND c.ends_on <= %(until)s AND c.ends_on <= %(today)s
                AND NOT c.is_trial AND c.created_at <= %(as_of)s
            GROUP BY c.account_id, c.ends_on
        )
        SELECT due.account_id, a.name, due.ends_on, due.due,
            (SELECT coalesce(sum(m.amount_minor), 0) FROM accounts_arrmovement m
             WHERE m.account_id = due.account_id AND m.effective_on < due.ends_on
                AND m.recorded_at <= %(as_of)s),
            (SELECT coalesce(sum(m.amount_minor), 0) FROM accounts_arrmovement m
             WHERE m.account_id = due.account_id
                AND m.effective_on <= least(due.ends_on + %(grace)s, %(today)s)
                AND m.recorded_at <= %(as_of)s)
        FROM due JOIN accounts_account a ON a.id = due.account_id
        WHERE {sliced} ORDER BY a.name, due.account_id, due.ends_on
        """,
        since, until, as_of, today, chosen,
    )  # fmt: skip
    found = []
    for account_id, name, due_on, due, before, after in rows:
        owed = min(int(due), max(0, int(before)))  # never more than the ledger held
        if owed > 0:
            left = renewed(owed, int(before), int(after))
            found.append(Renewal(account_id, name, owed, left, due_on, today <= due_on + GRACE))
    return found


def dues(since: date, until: date, as_of: datetime, today: date, chosen: Slice = ALL) -> list[Due]:
    """Accounts with contracts that ended in the window, and what renewed by `today`. One query."""
    found: dict[UUID, Due] = {}
    for each in renewals(since, until, as_of, today, chosen):
        known = found.get(each.account_id, Due(each.account_id, each.name, 0, 0))
        found[each.account_id] = Due(
            each.account_id,
            each.name,
            known.due_minor + each.due_minor,
            known.renewed_minor + each.renewed_minor,
        )
    return list(found.values())


def growth(
    since: date, until: date, as_of: datetime, today: date, chosen: Slice = ALL
) -> list[Growth]:
    """Accounts with ARR at both ends of the window. One query."""
    rows = _rows(
        """
        SELECT m.account_id, a.name,
            coalesce(sum(m.amount_minor) FILTER (WHERE m.effective_on <= %(since)s), 0),
            sum(m.amount_minor)
        FROM accounts_arrmovement m JOIN accounts_account a ON a.id = m.account_id
        WHERE m.effective_on <= least(%(until)s, %(today)s) AND m.recorded_at <= %(as_of)s
            AND {sliced}
        GROUP BY m.account_id, a.name ORDER BY a.name, m.account_id
        """,
        since, until, as_of, today, chosen,
    )  # fmt: skip
    return [
        Growth(account_id, name, min(int(start), int(end)), int(end))
        for account_id, name, start, end in rows
        if start > 0 and end > 0
    ]


def _rows(
    sql: str, since: date, until: date, as_of: datetime, today: date, chosen: Slice
) -> Sequence[Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            sql.replace("{sliced}", HELD),
            {
                "since": since,
                "until": until,
                "as_of": as_of,
                "today": today,
                "grace": GRACE.days,
                **chosen.given,
            },
        )
        return cursor.fetchall()
