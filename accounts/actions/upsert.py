"""Bring rows in, set by set: the one way for the API, the import wizard and the demo."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Model

from accounts.actions import staging
from accounts.actions.checking import check
from accounts.actions.held import leave_held
from accounts.actions.linking import link
from accounts.actions.reading import Line, read
from accounts.actions.staging import Column
from accounts.models import Account
from accounts.rules.outcome import Outcome, Row, State
from accounts.targets import Target
from tenants import trail
from tenants.models import Tenant, TrailEntry, User
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
) -> Outcome:
    """Bring rows into any target in the way that is its own."""
    writer = WRITERS.get(target.key)
    if writer is not None:
        return writer(rows, source=source, now=now, actor=actor)
    return upsert(target, rows, source=source, now=now, actor=actor, before=before)


@transaction.atomic
def upsert(
    target: Target,
    rows: Iterable[Mapping[str, Any]],
    *,
    source: str,
    now: datetime,
    actor: User | None = None,
    before: bool = False,
) -> Outcome:
    """Insert what is new, change what differs, leave the rest untouched.

    rows: typed values by field key. A field that is absent is left alone, None clears it, and a
    segment set by hand is left alone whatever is sent.
    A row that cannot be taken is refused with reasons and the others go on. The number of
    statements does not grow with the batch; rows that are the same write nothing.
    """
    lines = read(target, rows)
    link(target, lines, source=source)
    if target.model is Account:
        leave_held(lines)
    empties = _empties(target.model)
    check(target, lines, own=empties.get("currency"))
    good = [line for line in lines if not line.refusals]
    columns = _columns(target, good)
    values = _staged(target, columns, good, empties)
    staged = staging.stage(columns, values)
    former = {}
    if any(line.is_known for line in good):
        former = {n: old for n, _, old in staging.differing(target.model, staged, columns)}
    to_write = [line.index for line in good if not line.is_known or line.index in former]
    fixed = empties | {"tenant_id": current_tenant_id(), "source": source}
    own_ids = {line.index: line.id for line in good if line.id}
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


def _columns(target: Target, lines: Collection[Line]) -> list[Column]:
    """The columns that any line has, each with a bit where some line lacks it."""
    columns: list[Column] = []
    lines_with = Counter(chain.from_iterable([line.values for line in lines]))
    sources = {item.stored_as: item.key for item in target.fields if item.key != "external_id"}
    sources |= {name: key for name, (key, _) in target.derived.items()}
    for name, key in sources.items():
        if not (having := lines_with[key]):
            continue
        model_field = staging.column_of(target.model, name)
        column = Column(
            name,
            staging.type_of(model_field),
            bit=0 if having == len(lines) else 1 << len(columns),
            merges=staging.is_merged(model_field),
        )
        columns.append(column)
    return columns


def _staged(
    target: Target,
    columns: Collection[Column],
    lines: Collection[Line],
    empties: Mapping[str, Any],
) -> list[tuple[Any, ...]]:
    """Lines as rows of the columns: (n, id, external_id, has, values…)."""
    keys: dict[str, tuple[str, Any]] = {item.stored_as: (item.key, None) for item in target.fields}
    keys |= target.derived
    given = [line.values for line in lines]
    has = [0] * len(given)
    staged: list[Sequence[Any]] = []
    for column in columns:
        key, derive = keys[column.name]
        values = [each.get(key) for each in given]
        if derive is not None:
            values = list(map(derive, values))
        empty = empties[column.name]
        staged.append([empty if value is None else value for value in values])
        if column.bit:
            has = [h | column.bit * (key in each) for h, each in zip(has, given, strict=True)]
    heads = (
        [line.index for line in lines],
        [line.id for line in lines],
        [line.key for line in lines],
    )
    return list(zip(*heads, has, *staged, strict=True))


def _empties(model: type[Model]) -> dict[str, Any]:
    """What stands in each column while its field is empty: null where it may, else the default.

    Amounts without a currency are in the tenant's. One query, where there are amounts.
    """
    empties: dict[str, Any] = {}
    for model_field in model._meta.concrete_fields:
        is_null = model_field.null and not model_field.has_default()
        empties[str(model_field.column)] = None if is_null else model_field.get_default()
    if "currency" in empties:
        tenants = Tenant.objects.filter(pk=current_tenant_id())
        empties["currency"] = tenants.values_list("currency", flat=True).get()
    return empties


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
