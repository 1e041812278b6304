"""Bring rows in, set by set: the one way for the API, the import wizard and the demo."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.actions import staging
from accounts.actions.causes import refuse_unknown_causes
from accounts.actions.checking import check
from accounts.actions.former import keep
from accounts.actions.held import leave_held
from accounts.actions.linking import link
from accounts.actions.rating import refuse_unrated
from accounts.actions.reading import Line, read
from accounts.actions.staging import Column
from accounts.actions.tabular import columns_of, empties_of, rows_of
from accounts.models import Account, ChurnRecord, Contract
from accounts.rules.outcome import Outcome, Row, State
from accounts.targets import Target
from tenants import trail
from tenants.models import TrailEntry, User
from tenants.scope import current_tenant_id

TOLD_ONE_BY_ONE = 500

STAMPS = ("created_at", "changed_at", "recorded_at")

# index of a line -> (id, is new, account id)
Written = dict[int, tuple[UUID, bool, UUID | None]]
Follow = Callable[..., None]
Writer = Callable[..., Outcome]
FOLLOWS: dict[str, Follow] = {}
WRITERS: dict[str, Writer] = {}


def follows(target_key: str) -> Callable[[Follow], Follow]:
    """Register what has to be kept in step: `f(outcome, *, now)`, with `outcome.before`."""

    def registered(follow: Follow) -> Follow:
        FOLLOWS[target_key] = follow
        return follow

    return registered


def writes(target_key: str) -> Callable[[Writer], Writer]:
    """Register a target's own way of bringing rows in, with the signature of `upsert`."""

    def registered(writer: Writer) -> Writer:
        WRITERS[target_key] = writer
        return writer

    return registered


def bring_in(
    target: Target,
    rows: Iterable[Mapping[str, Any]],
    *,
    source: str,
    now: datetime,
    actor: User | None = None,
    before: bool = False,
    writes: bool = True,
) -> Outcome:
    """Bring rows into any target in the way that is its own.

    writes: without it only tells what would become of them, where the target's way can.
    """
    writer = WRITERS.get(target.key)
    if writer is not None:
        return writer(rows, source=source, now=now, actor=actor)
    return upsert(target, rows, source=source, now=now, actor=actor, before=before, writes=writes)


@transaction.atomic
def upsert(
    target: Target,
    rows: Iterable[Mapping[str, Any]],
    *,
    source: str,
    now: datetime,
    actor: User | None = None,
    before: bool = False,
    writes: bool = True,
) -> Outcome:
    """Insert what is new, change what differs, leave the rest untouched.

    rows: typed values by field key. A field that is absent is left alone, None clears it, and a
    segment set by hand is left alone whatever is sent.
    A row that cannot be taken is refused with reasons and the others go on. The number of
    statements does not grow with the batch; rows that are the same write nothing.
    writes: without it the outcome tells what would become of the rows, and they are not stored.
    """
    lines = read(target, rows)
    link(target, lines, source=source)
    if target.model is Account:
        leave_held(lines)
    empties = empties_of(target.model)
    check(target, lines)
    if target.model is ChurnRecord:
        refuse_unknown_causes(lines)
    if target.model is Contract:
        refuse_unrated(lines, own=empties["currency"], now=now)
    good = [line for line in lines if not line.refusals]
    columns = columns_of(target, good)
    values = rows_of(target, columns, good, empties)
    staged = staging.stage(columns, values)
    former = {}
    if any(line.is_known for line in good):
        former = {n: old for n, _, old in staging.differing(target.model, staged, columns)}
    to_write = [line.index for line in good if not line.is_known or line.index in former]
    if not writes:
        found: Written = {
            line.index: (line.id, not line.is_known, None)
            for line in good
            if line.id and (not line.is_known or line.index in former)
        }
        return _outcome(target, lines, found, former)
    fixed = empties | {"tenant_id": current_tenant_id(), "source": source}
    own_ids = {line.index: line.id for line in good if line.id}
    if {column.name for column in columns} & set(getattr(target.model, "KEPT", ())):
        keep(target.model, [own_ids[n] for n in former], now=now)
    only = to_write if len(to_write) < len(good) else None
    written = _write(target, staged, columns, only, fixed, now, own_ids) if to_write else {}
    outcome = _outcome(target, lines, written, former)
    follow = FOLLOWS.get(target.key)
    if follow is not None and (outcome.new or outcome.changed):
        follow(outcome, now=now)
    _tell(target, outcome, written, source=source, now=now, actor=actor)
    if not before:
        outcome.before = {}
    return outcome


def _write(
    target: Target,
    staged: staging.Staged,
    columns: list[Column],
    only: list[int] | None,
    fixed: dict[str, Any],
    now: datetime,
    own_ids: Mapping[int, UUID],
) -> Written:
    given = {column.name for column in columns} | {"id", "external_id"}
    fixed = {name: value for name, value in fixed.items() if name not in given}
    fixed |= {name: now for name in STAMPS if name in fixed}
    on_change = {"version": "w.version + 1", "changed_at": staging.moment_sql(now)}
    rows = staging.write(
        target.model,
        staged,
        columns,
        only=only,
        fixed=fixed,
        on_change={name: value for name, value in on_change.items() if name in fixed},
        returning=target.account,
    )
    is_account, written = target.account == "id", Written()
    for n, other_id, is_new, account_id in rows:
        row_id = other_id or own_ids[n]
        written[n] = (row_id, is_new, account_id or (row_id if is_account else None))
    return written


def _outcome(
    target: Target,
    lines: list[Line],
    written: Written,
    former: Mapping[int, dict[str, Any]],
) -> Outcome:
    rows: list[Row] = []
    accounts: set[UUID] = set()
    before: dict[UUID, dict[str, Any]] = {}
    for line in lines:
        if line.refusals:
            rows.append(Row(line.index, line.key, State.REFUSED))
        elif line.index in written:
            row_id, is_new, account_id = written[line.index]
            state = State.NEW if is_new else State.CHANGED
            rows.append(Row(line.index, line.key, state, row_id))
            if account_id:
                accounts.add(account_id)
            if not is_new:
                before[row_id] = old = former.get(line.index, {})
                if former_account := old.get(target.account):
                    accounts.add(former_account)
        else:
            rows.append(Row(line.index, line.key, State.UNCHANGED, line.id))
    refusals = [refusal for line in lines for refusal in line.refusals]
    return Outcome(rows, refusals, accounts, before)


def _tell(
    target: Target,
    outcome: Outcome,
    written: Written,
    *,
    source: str,
    now: datetime,
    actor: User | None,
) -> None:
    """One line for the batch; for small ones also a line on each account it touched."""
    if not (outcome.new or outcome.changed or outcome.refused):
        return
    verb = target.verb
    is_told_singly = len(outcome.accounts) <= TOLD_ONE_BY_ONE
    facts: dict[str, Any] = {"source": source, **outcome.summary}
    trail.record(verb, at=now, actor=actor, is_told_singly=is_told_singly, **facts)
    if not is_told_singly:
        return
    by_account: dict[UUID, dict[str, int]] = {}
    for _, is_new, account_id in written.values():
        if account_id is not None:
            counts = by_account.setdefault(account_id, {"new": 0, "changed": 0})
            counts["new" if is_new else "changed"] += 1
    trail.record_many(
        [
            TrailEntry(
                verb=verb,
                at=now,
                actor_id=actor.pk if actor else None,
                account_id=account_id,
                facts={"source": source, **by_account.get(account_id, {})},
            )
            for account_id in sorted(outcome.accounts)
        ]
    )
