"""The decisions of every account, from the ARR ledger, contracts and notices. Three queries."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from accounts.models import Account, ArrMovement, ChurnRecord, Contract
from accounts.rules.renewal import USUAL_TERM_MONTHS, months_after, term_end
from health.rules.proof.decisions import NOTICE, TERM, Decision, History, decisions

FAR = date.max


def decided(since: date, until: date, as_of: datetime) -> list[Decision]:
    """Decided after `since` and by `until`, by what was recorded up to as_of, oldest first."""
    found = [
        decision
        for history in _histories(until, as_of)
        for decision in decisions(history, since, until)
    ]
    return sorted(found, key=lambda each: (each.decided_on, each.name, each.account_id))


def _histories(until: date, as_of: datetime) -> Iterable[History]:
    moves: defaultdict[UUID, list[tuple[date, int]]] = defaultdict(list)
    entries = ArrMovement.objects.filter(effective_on__lte=until, recorded_at__lte=as_of)
    for account_id, day, amount in entries.values_list(
        "account_id", "effective_on", "amount_minor"
    ):
        moves[account_id].append((day, amount))
    terms: defaultdict[UUID, list[tuple[date, date]]] = defaultdict(list)
    ends: defaultdict[UUID, list[date]] = defaultdict(list)
    contracts = Contract.objects.filter(is_trial=False, created_at__lte=as_of)
    for row in contracts.exclude(status=Contract.Status.PENDING):
        if row.ends_on is None or row.ends_on - row.starts_on < TERM:
            continue
        terms[row.account_id].append((row.starts_on, term_end(row) or FAR))
        ends[row.account_id].extend(_ends(row, until))
    notices: defaultdict[UUID, list[date]] = defaultdict(list)
    said = ChurnRecord.objects.filter(notice_on__lte=until, recorded_at__lte=as_of)
    for record in said.only("account_id", "notice_on"):
        if record.notice_on:
            notices[record.account_id].append(record.notice_on)
    names = dict(Account.objects.filter(pk__in=list(moves)).values_list("pk", "name"))
    for account_id, name in names.items():
        yield History(
            account_id,
            name,
            moves[account_id],
            terms[account_id],
            ends[account_id],
            notices[account_id],
        )


def _ends(contract: Contract, until: date) -> Iterable[date]:
    """When its terms end; the next end too, since a notice may come before it."""
    if contract.ends_on is None:
        return
    yield contract.ends_on
    if not contract.auto_renews or contract.status == Contract.Status.ENDED:
        return
    months = contract.term_months or USUAL_TERM_MONTHS
    times, last = 1, min(contract.cancelled_on or FAR, until + NOTICE)
    while (day := months_after(contract.ends_on, times * months)) <= last:
        yield day
        times += 1
