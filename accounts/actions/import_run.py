"""The run of an import: batch after batch, each with what is needed to take it back."""

from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction

from accounts.actions.import_files import drop_files
from accounts.actions.import_rows import Taken, batch_at, keep_refusals, take
from accounts.actions.placing import PLACES
from accounts.actions.staging import put
from accounts.actions.upsert import WRITERS
from accounts.models import Import, ImportChange, ImportRow
from accounts.rules.outcome import Outcome, State
from accounts.rules.plan import Plan
from accounts.targets import ACCOUNTS, TARGETS, Target
from tenants import trail
from tenants.ids import uuid7
from tenants.jobs import Work, job
from tenants.models import User
from tenants.scope import current_tenant_id
from tenants.timeline import describe

UNDO_FOR = timedelta(hours=24)

CHANGE = ("id uuid", "row_id uuid", "is_new boolean", "before text", "after text")
Change = tuple[UUID, UUID, bool, str, str]

describe(
    "accounts.import_finished",
    "The import of “{file}” is done",
    icon="file-up",
    detail="{new} new, {changed} changed, {unchanged} unchanged, {refused} refused",
)


@job("accounts.import_run", label="Run an import")
def run_import(work: Work, *, import_id: str) -> dict[str, Any] | None:
    """Take one batch; the cursor says where the next begins."""
    item = Import.objects.select_for_update().get(pk=import_id)
    if item.state != Import.State.RUNNING or item.job_id != work.job_id:
        return None
    if work.cursor is None:
        _begin(item, work)
    actor = item.created_by
    batch = batch_at(item, (work.cursor or {"at": 0})["at"])
    taken = take(item, batch, work.now, actor, remembers=True)
    keep_refusals(item, batch, taken.outcome)
    _remember(item, taken, work)
    _place(item, taken, work, actor)
    counts = work.statistics["counts"]
    for state, count in taken.counts.items():
        counts[state] = counts.get(state, 0) + count
    counts["accounts"] = counts.get("accounts", 0) + (taken.made.new if taken.made else 0)
    work.statistics["done"] += len(batch.lines)
    if batch.next is not None:
        return {"at": batch.next}
    _finish(item, work, actor)
    return None


def _begin(item: Import, work: Work) -> None:
    """Rows that did not fit in the rehearsal are tried again: the tables may have changed."""
    ImportRow.objects.filter(belongs_to=item, kind=ImportRow.Kind.UNFIT).delete()
    refused = ImportRow.objects.filter(
        belongs_to=item, kind__in=[ImportRow.Kind.UNREADABLE, ImportRow.Kind.CONFLICT]
    ).count()
    rows, repeated = item.counts.get("rows", 0), item.counts.get("repeated", 0)
    counts = {"rows": rows, "repeated": repeated, "refused": refused}
    work.statistics |= {"counts": counts, "done": 0, "total": rows - repeated - refused}


def _finish(item: Import, work: Work, actor: User | None) -> None:
    item.counts = work.statistics["counts"]
    item.state, item.finished_at = Import.State.DONE, work.now
    if ImportChange.objects.filter(belongs_to=item).exists():
        item.undo_until = work.now + UNDO_FOR
    item.save()
    trail.record(
        "accounts.import_finished",
        at=work.now,
        actor=actor,
        object_id=item.pk,
        file=item.file_name,
        source=item.source,
        target=item.target,
        **item.counts,
    )
    transaction.on_commit(lambda: drop_files(item))


def _remember(item: Import, taken: Taken, work: Work) -> None:
    """Keep the former values of what the batch wrote, accounts first, since others need them."""
    if taken.made:
        _keep(item, ACCOUNTS, taken.made, work)
    target = TARGETS[item.target]
    if taken.memory is not None:
        ImportChange.objects.create(
            belongs_to=item,
            target=target.key,
            row_id=uuid7(),
            is_new=False,
            before=taken.memory,
            written_at=work.now,
        )
    elif target.key not in WRITERS:
        _keep(item, target, taken.outcome, work)


def _place(item: Import, taken: Taken, work: Work, actor: User | None) -> None:
    """Put the accounts that are new into the stage that was chosen for them."""
    stage = Plan.from_json(item.plan).stage
    added = taken.outcome if item.target == ACCOUNTS.key else taken.made
    if not stage or PLACES.place is None or added is None:
        return
    new = [row.id for row in added.rows if row.state is State.NEW]
    if new:
        PLACES.place(account_ids=new, stage=stage, actor=actor, now=work.now)


def _keep(item: Import, target: Target, outcome: Outcome, work: Work) -> None:
    new = {row.id for row in outcome.rows if row.state is State.NEW and row.id}
    ids: set[UUID] = new | outcome.before.keys()
    encode = DjangoJSONEncoder().encode
    changes = []
    for row_id, after in sorted(stored(target, ids).items(), key=itemgetter(0)):
        before = {} if row_id in new else outcome.before[row_id]
        left = after if row_id in new else {key: after[key] for key in before}
        changes.append((uuid7(), row_id, row_id in new, encode(before), encode(left)))
    if changes:
        _insert(item, target, changes, work.now)


def _insert(item: Import, target: Target, changes: list[Change], now: datetime) -> None:
    """Store changes. One statement: an object for each costs more than the rows themselves."""
    kept = put("kept", "k", CHANGE, changes)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO accounts_importchange (tenant_id, id, belongs_to_id, target, row_id, is_new,
                before, after, written_at, kept_because)
            SELECT %s, k.id, %s, %s, k.row_id, k.is_new, k.before::jsonb, k.after::jsonb, %s, ''
            FROM {kept.relation}
            """,  # noqa: S608
            [current_tenant_id(), item.pk, target.key, now, *kept.parameters],
        )


def stored(target: Target, ids: set[UUID]) -> dict[UUID, dict[str, Any]]:
    """What rows hold now in the columns an import can fill. One query."""
    columns = [item.stored_as for item in target.fields if item.key != "external_id"]
    rows: Any = target.model._default_manager.filter(pk__in=ids)
    return {row.pop("pk"): row for row in rows.values("pk", *columns, *target.derived)}
