"""An import taken back: new rows go, changed ones get their former values.

A row that somebody or something changed since is left as it is, and said to be.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction

from accounts.actions.former import keep
from accounts.actions.held import held_by_hand
from accounts.actions.import_files import drop_files
from accounts.actions.import_memory import MEMORIES, Memory
from accounts.actions.import_run import stored
from accounts.actions.upsert import FOLLOWS
from accounts.models import Account, ContractChange, Import, ImportChange, ImportRow
from accounts.rules.outcome import Outcome
from accounts.targets import TARGETS, Target
from tenants import trail
from tenants.errors import Refused
from tenants.jobs import Work, job, later
from tenants.models import User
from tenants.timeline import describe

AT_ONCE = 500
Gone = Callable[[Collection[UUID], Collection[UUID]], None]
AFTER: dict[str, list[Gone]] = {}  # table -> what follows once rows of it are gone
PASSING: dict[str, models.Q] = {}  # table -> its rows that the product made and nobody touched
FIGURES = {"health", "bowtie"}  # made from facts, not facts themselves: they go with the row
REFUSED_KEPT, UPLOADS_KEPT = timedelta(days=30), timedelta(days=7)
CHANGED_SINCE = "It was changed after the import."

describe("accounts.import_undone", "{who} took back the import of “{file}”", icon="undo-2")


class TooLateToUndo(Refused):
    """An import can be taken back for a day."""


@transaction.atomic
def start_undo(*, item: Import, actor: User, now: datetime) -> Import:
    """Take an import back in the background. Raises TooLateToUndo."""
    item.refresh_from_db(from_queryset=Import.objects.select_for_update())
    if item.state != Import.State.DONE:
        raise TooLateToUndo("There is nothing to take back.")
    if item.undo_until is None or now > item.undo_until:
        raise TooLateToUndo("An import can be taken back for 24 hours; those are over.")
    item.state = Import.State.UNDOING
    item.job_id = later(undo_import, key=str(item.pk), now=now, import_id=str(item.pk))
    item.save()
    trail.record(
        "accounts.import_undone", at=now, actor=actor, object_id=item.pk, file=item.file_name
    )
    return item


@job("accounts.import_undo", label="Take an import back")
def undo_import(work: Work, *, import_id: str) -> str | None:
    """Take back the latest changes that are left, some at a time."""
    item = Import.objects.select_for_update().get(pk=import_id)
    if item.state != Import.State.UNDOING:
        return None
    changes = ImportChange.objects.filter(belongs_to=item).order_by("-id")
    if work.cursor:
        changes = changes.filter(pk__lt=work.cursor)
    some = list(changes[:AT_ONCE])
    if "total" not in work.statistics:
        work.statistics |= {"done": 0, "total": changes.count(), "back": 0, "left": 0}
    by_target: defaultdict[str, list[ImportChange]] = defaultdict(list)
    for change in some:
        by_target[change.target].append(change)
    for key, own in by_target.items():
        if key in MEMORIES:
            told = [_recall(MEMORIES[key], change, work.now) for change in own]
        else:
            told = [_take_back(TARGETS[key], own, work.now)]
        work.statistics["back"] += sum(done for done, _ in told)
        work.statistics["left"] += sum(left for _, left in told)
    work.statistics["done"] += len(some)
    if len(some) == AT_ONCE:
        return str(some[-1].pk)
    item.state = Import.State.UNDONE
    told_of = {"taken_back": work.statistics["back"], "kept": work.statistics["left"]}
    item.counts |= told_of
    item.save()
    return None


def _recall(memory: Memory, change: ImportChange, now: datetime) -> tuple[int, int]:
    """Take a batch back whose target remembers in its own way."""
    done, left = memory.take_back(change.before, now=now)
    if left:
        change.kept_because = f"{left:,} of {done + left:,} values were changed after the import."
        change.save(update_fields=["kept_because"])
    else:
        change.delete()
    return done, left


def _take_back(target: Target, changes: list[ImportChange], now: datetime) -> tuple[int, int]:
    """Returns how many rows were taken back, and how many were left."""
    manager: Any = target.model._default_manager
    ids = {change.row_id for change in changes}
    list(manager.select_for_update().filter(pk__in=ids).values_list("pk", flat=True))
    held = stored(target, ids)
    accounts = set(manager.filter(pk__in=ids).values_list(target.account, flat=True)) - {None}
    new = [change.row_id for change in changes if change.is_new]
    in_use = _in_use(target.model, new)
    by_hand = held_by_hand(ids) if target.model is Account else set()
    gone: list[ImportChange] = []
    for change in changes:
        change.kept_because = _reason(change, held, in_use)
        if change.row_id in by_hand and "segment" in change.after:
            change.kept_because = change.kept_because or CHANGED_SINCE
        if not change.kept_because:
            gone.append(change)
    if hasattr(target.model, "KEPT"):
        keep(target.model, [change.row_id for change in gone], now=now)
    made = [change.row_id for change in gone if change.is_new]
    manager.filter(pk__in=made).delete()
    for follow in AFTER.get(target.model._meta.label, ()) if made else ():
        follow(made, accounts)
    for change in gone:
        if not change.is_new and change.row_id in held:
            former = _former(target.model, change.before)
            accounts |= {former[target.account]} if former.get(target.account) else set()
            manager.filter(pk=change.row_id).update(**former | _bumped(target.model, now))
    _follow(target, gone, accounts, now)
    ImportChange.objects.bulk_update(changes, ["kept_because"])
    ImportChange.objects.filter(pk__in=[change.pk for change in gone]).delete()
    return len(gone), len(changes) - len(gone)


def _reason(change: ImportChange, held: dict[UUID, dict[str, Any]], in_use: dict[UUID, str]) -> str:
    if change.row_id not in held:
        return ""
    now_holds = {key: held[change.row_id].get(key) for key in change.after}
    if json.loads(json.dumps(now_holds, cls=DjangoJSONEncoder)) != change.after:
        return CHANGED_SINCE
    return in_use.get(change.row_id, "")


def when_gone(model: type[models.Model], follow: Gone) -> None:
    """Tell an upper app of rows that are gone: follow(their ids, the ids of their accounts)."""
    AFTER.setdefault(model._meta.label, []).append(follow)


def goes_with_its_account(model: type[models.Model], rows: models.Q) -> None:
    """Let an import be taken back over rows that an upper app made by itself."""
    PASSING[model._meta.label] = rows


def _in_use(model: type[models.Model], ids: Iterable[UUID]) -> dict[UUID, str]:
    """id -> why it cannot go: what was added to it since. One query for each kind of fact."""
    wanted, found = list(ids), {}
    if not wanted:
        return {}
    for related in model._meta.get_fields(include_hidden=True):
        if not related.auto_created or related.concrete or not related.one_to_many:
            continue
        other: Any = related.related_model
        on_delete = getattr(related, "on_delete", None)
        if other._meta.app_label in FIGURES or on_delete is not models.CASCADE:
            continue
        column = related.field.attname  # type: ignore[union-attr]
        rows = other._default_manager.filter(**{f"{column}__in": wanted})
        if other._meta.label in PASSING:
            rows = rows.exclude(pk__in=rows.filter(PASSING[other._meta.label]).values("pk"))
        nouns = str(other._meta.verbose_name_plural)
        for row_id in rows.values_list(column, flat=True).distinct():
            found[row_id] = f"It has {nouns} by now."
    return found


def _former(model: type[models.Model], before: dict[str, Any]) -> dict[str, Any]:
    fields = {field.attname: field for field in model._meta.concrete_fields}
    return {key: fields[key].to_python(value) for key, value in before.items()}


def _bumped(model: type[models.Model], now: datetime) -> dict[str, Any]:
    names = {field.name for field in model._meta.concrete_fields}
    bumped: dict[str, Any] = {"changed_at": now} if "changed_at" in names else {}
    return bumped | ({"version": models.F("version") + 1} if "version" in names else {})


def _follow(target: Target, gone: list[ImportChange], accounts: set[UUID], now: datetime) -> None:
    """Keep in step what follows from the rows, such as the ledger from contracts."""
    if target.key == "contracts":
        for change in gone:
            ContractChange.objects.filter(
                contract_id=change.row_id, recorded_at=change.written_at
            ).delete()
    follow = FOLLOWS.get(target.key)
    if follow is not None and gone:
        follow(Outcome(accounts=accounts), now=now)


@job("accounts.imports_tidy", label="Clear old uploads", nightly_at=time(2, 30))
def tidy(work: Work, *, day: str) -> None:
    """Forget what is no longer needed: former values, old refused rows, uploads left lying."""
    ended = Import.objects.filter(undo_until__lt=work.now, state=Import.State.DONE)
    ImportChange.objects.filter(belongs_to__in=ended.values("pk")).delete()
    old = Import.objects.filter(finished_at__lt=work.now - REFUSED_KEPT)
    ImportRow.objects.filter(belongs_to__in=old.values("pk")).delete()
    waiting = [Import.State.RECEIVED, Import.State.READ, Import.State.CHECKED]
    left = Import.objects.filter(state__in=waiting, created_at__lt=work.now - UPLOADS_KEPT)
    for item in left.select_for_update():
        ImportRow.objects.filter(belongs_to=item).delete()
        item.state = Import.State.DISCARDED
        item.save()
        transaction.on_commit(partial(drop_files, item))
