"""ARR up for renewal and ARR that grew, from contracts and the ledger as known at a moment.

What was due is worth what it was on the eve of its decision; what rates did since is no renewal.
Archived accounts count as in the ledger: to put one away moves no money.
"""

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.queries.due_days import due
from accounts.queries.rates import rates
from bowtie.queries.ways import ALL, SLICED, Slice
from bowtie.rules.money import Growth, Renewal
from bowtie.rules.renewals import GRACE, Decision, Owed, Settled, decisions, settle

# An account's ARR on the eve of each decision, on the eve of the next one, and when its time is up.
DECIDED = """
    SELECT d.n, a.name,
        coalesce(sum(m.amount_minor) FILTER (WHERE m.effective_on < d.decided_on), 0),
        coalesce(sum(m.amount_minor) FILTER (WHERE m.effective_on < d.next_on), 0),
        coalesce(sum(m.amount_minor), 0),
        coalesce(sum(m.amount_minor) FILTER (WHERE m.kind = 'fx'
            AND m.effective_on >= d.decided_on AND m.effective_on < d.next_on), 0),
        coalesce(sum(m.amount_minor) FILTER (WHERE m.kind = 'fx'
            AND m.effective_on >= d.decided_on), 0)
    FROM jsonb_to_recordset(%(decided)s::jsonb)
        AS d(n integer, account uuid, decided_on date, next_on date, until date)
    JOIN accounts_account a ON a.id = d.account
    LEFT JOIN accounts_arrmovement m ON m.account_id = d.account
        AND m.effective_on <= least(d.until, %(today)s) AND m.recorded_at <= %(as_of)s
    WHERE {sliced} GROUP BY d.n, a.id, a.name ORDER BY a.name, a.id, d.n
"""


def renewals(
    since: date, until: date, as_of: datetime, today: date, chosen: Slice = ALL
) -> list[Renewal]:
    """What an account had up for renewal after `since` up to `until`, and what renewed by `today`.

    Four queries. Contracts that were due on one day are one renewal.
    """
    until = min(until, today)
    asked = [
        (account_id, decision)
        for account_id, decision in _decided(as_of, until)
        if any(since < each.due_on <= until for each in decision.owed)
    ]
    rows = [
        {
            "n": n,
            "account": str(account_id),
            "decided_on": decision.decided_on.isoformat(),
            "next_on": decision.next_on.isoformat() if decision.next_on else None,
            "until": decision.until.isoformat(),
        }
        for n, (account_id, decision) in enumerate(asked)
    ]
    found: dict[tuple[UUID, date], list[Settled]] = {}
    names: dict[UUID, str] = {}
    for n, name, before, at_next, after, fx_at_next, fx_after in _rows(
        DECIDED, since, until, as_of, today, chosen, decided=json.dumps(rows)
    ):
        account_id, decision = asked[n]
        names[account_id] = name
        left = max(_left(at_next, fx_at_next), _left(after, fx_after))
        for each in settle(decision.owed, int(before), left):
            if since < each.owed.due_on <= until:
                found.setdefault((account_id, each.owed.due_on), []).append(each)
    return [
        Renewal(
            account_id,
            names[account_id],
            sum(each.due_minor for each in parts),
            sum(each.renewed_minor for each in parts),
            due_on,
            today <= due_on + GRACE and not all(each.owed.is_cancelled for each in parts),
            _signed([each for each in parts if each.renewed_minor]),
        )
        for (account_id, due_on), parts in found.items()
    ]


def _signed(parts: list[Settled]) -> date | None:
    """When the last of what renewed was signed; None where that of one is not known."""
    days = [each.owed.signed_on for each in parts]
    known = [day for day in days if day]
    return max(known) if known and len(known) == len(days) else None


def _left(arr: Decimal, fx: Decimal) -> int:
    """What is left of an account's ARR at the rates of the eve; nothing where all is gone."""
    return int(arr - fx) if arr > 0 else 0


def _decided(as_of: datetime, until: date) -> list[tuple[UUID, Decision]]:
    """Every decision on what is due up to a day, and the one after. Three queries.

    Without a rate for the eve nothing can be said of what was due: its account is held.
    """
    known = rates(as_of)
    owed: dict[UUID, list[Owed]] = {}
    for each in due(as_of, until + GRACE):
        day, arr = each.day, each.day.arr_minor
        if conversion := known.of(day.currency):
            eve = day.decided_on - timedelta(days=1)
            if not conversion.has(eve):
                continue
            arr = conversion.minor(arr, eve)
        owed.setdefault(each.account_id, []).append(
            Owed(day.due_on, day.decided_on, arr, day.is_cancelled, day.signed_on)
        )
    return [(account_id, made) for account_id, own in owed.items() for made in decisions(own)]


def growth(
    since: date, until: date, as_of: datetime, today: date, chosen: Slice = ALL
) -> list[Growth]:
    """Accounts with ARR after `since` and after `until`, at the rates of the first. One query."""
    rows = _rows(
        """
        SELECT m.account_id, a.name,
            coalesce(sum(m.amount_minor) FILTER (WHERE m.effective_on <= %(since)s), 0),
            sum(m.amount_minor),
            coalesce(sum(m.amount_minor) FILTER (
                WHERE m.effective_on > %(since)s AND m.kind = 'fx'
            ), 0)
        FROM accounts_arrmovement m JOIN accounts_account a ON a.id = m.account_id
        WHERE m.effective_on <= least(%(until)s, %(today)s) AND m.recorded_at <= %(as_of)s
            AND {sliced}
        GROUP BY m.account_id, a.name ORDER BY a.name, m.account_id
        """,
        since, until, as_of, today, chosen,
    )  # fmt: skip
    return [
        Growth(account_id, name, min(int(start), now), now)
        for account_id, name, start, end, fx in rows
        if start > 0 and end > 0 and (now := max(0, int(end - fx)))
    ]


def _rows(
    sql: str, since: date, until: date, as_of: datetime, today: date, chosen: Slice, **given: str
) -> Sequence[Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            sql.replace("{sliced}", SLICED),
            {
                "since": since,
                "until": until,
                "as_of": as_of,
                "today": today,
                **chosen.given,
                **given,
            },
        )
        return cursor.fetchall()
