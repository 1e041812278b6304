"""The decisions of accounts, from the ARR ledger, contracts and notices. Five queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from accounts.models import Account, ArrMovement, ChurnRecord, Contract
from accounts.queries.due_days import due
from accounts.rules.due_days import is_rolling
from accounts.rules.renewal import term_end
from health.rules.proof.decisions import NOTICE, Decision, History, decisions

MOST = 1_000  # accounts whose decisions are judged; of more, so many are drawn


@dataclass(frozen=True)
class Drawn:
    """The accounts that are judged, and of how many with an entry in the ledger."""

    account_ids: tuple[UUID, ...]
    of: int

    @property
    def is_sample(self) -> bool:
        return len(self.account_ids) < self.of


def drawn(until: date, as_of: datetime, most: int | None = None) -> Drawn:
    """All accounts, or a thousand (most) drawn by a hash of their id, always the same. One query.

    A page judges them while somebody waits; what a thousand leave open, the intervals say.
    """
    sql = """
        SELECT account_id, count(*) OVER () FROM (
            SELECT DISTINCT account_id FROM accounts_arrmovement
            WHERE effective_on <= %(until)s AND recorded_at <= %(as_of)s
        ) known ORDER BY md5(account_id::text) LIMIT %(most)s
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, {"until": until, "as_of": as_of, "most": most or MOST})
        rows = cursor.fetchall()
    return Drawn(tuple(row[0] for row in rows), rows[0][1] if rows else 0)


def decided(
    since: date, until: date, as_of: datetime, account_ids: Collection[UUID]
) -> list[Decision]:
    """Decided after `since` and by `until`, by what was recorded up to as_of, oldest first."""
    found = [
        decision
        for history in _histories(until, as_of, list(account_ids))
        for decision in decisions(history, since, until)
    ]
    return sorted(found, key=lambda each: (each.decided_on, each.name, each.account_id))


def _histories(until: date, as_of: datetime, account_ids: list[UUID]) -> Iterable[History]:
    moves: defaultdict[UUID, list[tuple[date, int]]] = defaultdict(list)
    entries = ArrMovement.objects.filter(
        account_id__in=account_ids, effective_on__lte=until, recorded_at__lte=as_of
    )
    rated: defaultdict[UUID, list[tuple[date, int]]] = defaultdict(list)
    for account_id, day, amount, kind in entries.values_list(
        "account_id", "effective_on", "amount_minor", "kind"
    ):
        moves[account_id].append((day, amount))
        if kind == ArrMovement.Kind.FX:
            rated[account_id].append((day, amount))
    terms: defaultdict[UUID, list[tuple[date, date]]] = defaultdict(list)
    contracts = Contract.objects.filter(
        account_id__in=account_ids, is_trial=False, created_at__lte=as_of
    )
    for row in contracts.exclude(status=Contract.Status.PENDING):
        if row.ends_on and not is_rolling(row.starts_on, row.ends_on):
            terms[row.account_id].append((row.starts_on, term_end(row) or date.max))
    ends: defaultdict[UUID, list[date]] = defaultdict(list)
    for each in due(as_of, until + NOTICE, account_ids):
        ends[each.account_id].append(each.day.due_on)
    notices: defaultdict[UUID, list[date]] = defaultdict(list)
    said = ChurnRecord.objects.filter(
        account_id__in=account_ids, notice_on__lte=until, recorded_at__lte=as_of
    )
    for record in said.only("account_id", "notice_on"):
        if record.notice_on:
            notices[record.account_id].append(record.notice_on)
    names = dict(Account.objects.filter(pk__in=account_ids).values_list("pk", "name"))
    for account_id, name in names.items():
        yield History(
            account_id,
            name,
            moves[account_id],
            terms[account_id],
            ends[account_id],
            notices[account_id],
            rated[account_id],
        )
