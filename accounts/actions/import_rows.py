"""The prepared rows of an import, batch by batch, into the tables."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.actions.import_files import prepared_of
from accounts.actions.import_memory import MEMORIES
from accounts.actions.import_prepare import bad_row
from accounts.actions.upsert import bring_in, upsert
from accounts.models import Import, ImportRow
from accounts.queries.references import resolve
from accounts.rules.outcome import Outcome, State
from accounts.rules.plan import Plan, Problem, value_in
from accounts.targets import ACCOUNTS, TARGETS
from tenants.models import User

MOST_ROWS = 5000
MOST_RECORDS = 10_000


@dataclass
class Batch:
    """Some prepared rows. next: where the next batch begins, None at the end of the file."""

    lines: list[tuple[int, list[dict[str, Any]]]] = field(default_factory=list)
    next: int | None = None

    @property
    def records(self) -> list[dict[str, Any]]:
        return [record for _, records in self.lines for record in records]


@dataclass
class Taken:
    """What became of a batch: rows by state, stored rows that changed, accounts that were made."""

    counts: dict[str, int]
    outcome: Outcome
    made: Outcome | None
    memory: dict[str, Any] | None = None


def batch_at(item: Import, start: int) -> Batch:
    """The prepared rows from a byte of the file on."""
    batch, count = Batch(), 0
    with prepared_of(item).open("rb") as file:
        file.seek(start)
        while len(batch.lines) < MOST_ROWS and count < MOST_RECORDS:
            text = file.readline()
            if not text:
                return batch
            line, records = json.loads(text)
            batch.lines.append((line, records))
            count += len(records)
        batch.next = file.tell()
    return batch


def rehearse(item: Import, batch: Batch, now: datetime) -> Taken:
    """What `take` would do. What it needs to know that is written, such as accounts that other
    rows name, and taken back before anybody sees it."""
    with transaction.atomic():
        taken = take(item, batch, now, None, writes=False)
        transaction.set_rollback(True)
    return taken


@transaction.atomic
def take(
    item: Import,
    batch: Batch,
    now: datetime,
    actor: User | None,
    *,
    remembers: bool = False,
    writes: bool = True,
) -> Taken:
    """Bring a batch in.

    remembers: also what it replaces, for targets that have a memory of their own. writes: see
    `bring_in`; accounts that rows name are made all the same, so that they are found.
    """
    records = batch.records
    plan = Plan.from_json(item.plan)
    made = _make_accounts(item, records, now, actor) if plan.makes_accounts else None
    own_way = MEMORIES.get(item.target) if remembers else None
    memory = own_way.remember(records, source=item.source) if own_way else None
    outcome = bring_in(
        TARGETS[item.target],
        records,
        source=item.source,
        now=now,
        actor=actor,
        before=True,
        writes=writes,
    )
    counts = {str(state): 0 for state in State}
    at = 0
    for _, own in batch.lines:
        states = {row.state for row in outcome.rows[at : at + len(own)]}
        at += len(own)
        if own:
            counts[_state(states)] += 1
    return Taken(counts, outcome, made, memory)


def keep_refusals(item: Import, batch: Batch, outcome: Outcome) -> None:
    """Keep the rows that do not fit what is stored, with the reasons."""
    plan = Plan.from_json(item.plan)
    line_of: list[int] = [line for line, records in batch.lines for _ in records]
    first: dict[int, dict[str, Any]] = {line: own[0] for line, own in batch.lines if own}
    problems: dict[int, dict[Problem, None]] = {}
    for refusal in outcome.refusals:
        value = "" if refusal.value is None else str(refusal.value)
        problem = Problem(_column(plan, refusal.field), value, refusal.reason)
        problems.setdefault(line_of[refusal.index], {})[problem] = None
    width = len(item.layout["names"])
    ImportRow.objects.bulk_create(
        bad_row(item, ImportRow.Kind.UNFIT, line, _cells(plan, first[line], width), found)
        for line, found in problems.items()
    )


def _make_accounts(
    item: Import, records: list[dict[str, Any]], now: datetime, actor: User | None
) -> Outcome | None:
    keys = {record["account"] for record in records if record.get("account")}
    missing = sorted(keys - resolve("accounts", keys, item.source).keys())
    if not missing:
        return None
    rows = [{"external_id": key, "name": key} for key in missing]
    return upsert(ACCOUNTS, rows, source=item.source, now=now, actor=actor, before=True)


def _state(states: set[State]) -> State:
    """The state of a row of the file from those of the rows it stands for."""
    for state in (State.REFUSED, State.NEW, State.CHANGED):
        if state in states:
            return state
    return State.UNCHANGED


def _column(plan: Plan, field_key: str) -> int | None:
    if field_key == "external_id":
        return plan.key[0] if plan.key else None
    source = plan.fields.get(field_key)
    return source.column if source else None


def _cells(plan: Plan, record: Mapping[str, Any], width: int) -> list[str]:
    """A row as far as its columns were read: for rows whose cells are no longer at hand."""
    cells = [""] * width
    for key, source in plan.fields.items():
        value = value_in(record, key)
        if source.column is not None and value is not None:
            cells[source.column] = str(value)
    if len(plan.key) == 1:
        cells[plan.key[0]] = str(record.get("external_id") or "")
    return cells
