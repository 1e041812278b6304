"""The ARR ledger: kept in step with the contracts, only ever added to."""

import json
from collections.abc import Collection, Mapping
from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from accounts.actions.former import keep_where
from accounts.actions.terms import keep_terms
from accounts.actions.upsert import follows
from accounts.models import Account, ArrMovement, Contract, ContractChange
from accounts.queries.agreements import books
from accounts.rules.ledger import Movement, Standing, corrections, movements, standing
from accounts.rules.outcome import Outcome
from charter.queries import history
from charter.rules.numbers import RESTORE_DAYS
from tenants import trail
from tenants.jobs import Work, job
from tenants.locks import hold
from tenants.models import Tenant, TrailEntry, User
from tenants.scope import current_tenant_id
from tenants.timeline import describe

describe("accounts.arr_moved", "ARR moved", icon="chart-line", is_aside=True)

AT_ONCE = 2000
TOLD_ONE_BY_ONE = 500
CORRECTED = "correction of what was recorded before"


def zone_of_tenant() -> ZoneInfo:
    """The tenant's time zone. One query."""
    names = Tenant.objects.values_list("time_zone", flat=True)
    return ZoneInfo(names.get(pk=current_tenant_id()))


def local_day(now: datetime) -> date:
    """The tenant's date at a moment. One query."""
    return now.astimezone(zone_of_tenant()).date()


@transaction.atomic
def keep_ledger(
    *, account_ids: Collection[UUID], now: datetime, actor: User | None = None
) -> list[ArrMovement]:
    """Add to the ledger what the contracts say and it does not, up to today.

    Also keeps what the contracts said of their terms, each account's ARR, its first day as a
    customer and its next renewal. A handful of statements whatever the number of accounts. An
    account whose contracts lack a rate is held: it stays as it is until there is one.
    """
    if not account_ids:
        return []
    hold("ledger")  # two batches must not both see the same gap
    keep_terms(account_ids=account_ids, now=now)
    zone, agreed = zone_of_tenant(), history("bowtie")
    today = now.astimezone(zone).date()
    entries: list[ArrMovement] = []
    standings: dict[UUID, Standing] = {}
    for account_id, book in books(account_ids, today).items():
        if book.missing:
            continue
        moves = movements(
            book.terms,
            until=today,
            restored_within=lambda day: agreed.on(day, zone).get("restore_days", RESTORE_DAYS),
        )
        now_stands = standing(book.agreements, moves, today)
        standings[account_id] = Standing(
            now_stands.arr_minor + book.adjusted_minor,
            now_stands.customer_since,
            now_stands.renews_on,
        )
        days = {day for day, _ in book.recorded}
        for move in corrections(moves, book.recorded):
            entries.append(_entry(account_id, move, now, is_late=move.effective_on in days))
    ArrMovement.objects.bulk_create(entries, batch_size=AT_ONCE)
    _keep_accounts(standings, now)
    _tell(entries, now, actor)
    return entries


def _entry(account_id: UUID, move: Movement, now: datetime, *, is_late: bool) -> ArrMovement:
    return ArrMovement(
        account_id=account_id,
        contract_id=move.contract_id,
        kind=move.kind,
        amount_minor=move.amount_minor,
        effective_on=move.effective_on,
        recorded_at=now,
        note=CORRECTED if is_late else "",
    )


def _keep_accounts(standings: Mapping[UUID, Standing], now: datetime) -> None:
    rows = [
        {
            "id": str(account_id),
            "arr": item.arr_minor,
            "since": item.customer_since.isoformat() if item.customer_since else None,
            "renews": item.renews_on.isoformat() if item.renews_on else None,
        }
        for account_id, item in standings.items()
    ]
    standing = "jsonb_to_recordset(%s::jsonb) AS s(id uuid, arr bigint, since date, renews date)"
    differs = """t.id = s.id AND (t.arr_minor, t.customer_since, t.renews_on)
        IS DISTINCT FROM (s.arr, s.since, s.renews)"""
    said = json.dumps(rows)
    others = f"EXISTS (SELECT 1 FROM {standing} WHERE {differs})"  # noqa: S608 - our own words
    keep_where(Account, others, [said], now=now)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE accounts_account t SET arr_minor = s.arr, customer_since = s.since,
                renews_on = s.renews, changed_at = %s
            FROM {standing} WHERE {differs}
            """,  # noqa: S608 - made of names of this product alone
            [now, said],
        )


def _tell(entries: list[ArrMovement], now: datetime, actor: User | None) -> None:
    """A line on each account whose ARR moved; one for all where they are many."""
    moves: dict[UUID, list[Any]] = {}
    for entry in entries:
        move = [entry.effective_on.isoformat(), entry.kind, entry.amount_minor]
        moves.setdefault(entry.account_id, []).append(move)
    if len(moves) > TOLD_ONE_BY_ONE:
        trail.record("accounts.arr_moved", at=now, actor=actor, accounts=len(moves))
    elif moves:
        actor_id = actor.pk if actor else None
        trail.record_many(
            [
                TrailEntry(
                    verb="accounts.arr_moved",
                    at=now,
                    actor_id=actor_id,
                    account_id=account_id,
                    facts={"moves": facts},
                )
                for account_id, facts in moves.items()
            ]
        )


@follows("contracts")
def after_contracts(outcome: Outcome, *, now: datetime) -> None:
    """Note which contracts changed their price while they ran, then keep the ledger."""
    zone = zone_of_tenant()
    today = now.astimezone(zone).date()
    former = {
        row_id: columns["arr_minor"]
        for row_id, columns in outcome.before.items()
        if "arr_minor" in columns
    }
    changes = []
    for contract in Contract.objects.filter(pk__in=former):
        is_running = (
            contract.starts_on < today and contract.created_at.astimezone(zone).date() < today
        )
        difference = contract.arr_minor - former[contract.pk]
        before = outcome.before[contract.pk]
        is_same = all(
            before.get(name, getattr(contract, name)) == getattr(contract, name)
            for name in ("starts_on", "currency")
        )
        if difference and is_running and is_same:
            changes.append(
                ContractChange(
                    contract=contract,
                    effective_on=today,
                    amount_minor=difference,
                    recorded_at=now,
                )
            )
    ContractChange.objects.bulk_create(changes, batch_size=AT_ONCE)
    keep_ledger(account_ids=outcome.accounts, now=now)


@job("accounts.ledger", label="Bring the ARR ledger up to date", nightly_at=time(0, 10))
def keep_all(work: Work, *, day: str) -> str | None:
    """Record what began or ended with the new day, some accounts at a time."""
    accounts = Account.objects.filter(pk__in=Contract.objects.values("account_id"))
    if work.cursor:
        accounts = accounts.filter(pk__gt=work.cursor)
    ids = list(accounts.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    entries = keep_ledger(account_ids=ids, now=work.now)
    work.statistics["entries"] = work.statistics.get("entries", 0) + len(entries)
    return str(ids[-1]) if len(ids) == AT_ONCE else None
