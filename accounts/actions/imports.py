"""The steps of an import: receive, choose the layout, map, check, run, put right, discard."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.actions.import_check import check_import
from accounts.actions.import_files import drop_files, keep_file, path_of, relative_name, spool_of
from accounts.actions.import_reading import described, read_columns
from accounts.actions.import_run import run_import
from accounts.models import Import, ImportRow
from accounts.rules.layout import Choice
from accounts.rules.plan import Plan
from accounts.rules.sheets import open_sheet
from accounts.rules.unreadable import Unreadable
from accounts.targets import TARGETS
from tenants import trail
from tenants.errors import Refused
from tenants.ids import uuid7
from tenants.jobs import Work, job, later
from tenants.models import User
from tenants.timeline import describe

AT_ONCE = 4 * 2**20  # bytes that are profiled while the person waits; more is background work
State = Import.State

describe("accounts.import_received", "{who} uploaded “{file}”", icon="file-up")
describe("accounts.import_discarded", "{who} discarded the import of “{file}”", icon="file-up")
describe(
    "accounts.import_started",
    "{who} brought in “{file}”",
    icon="file-up",
    detail="{rows} rows for {target}",
)


class UnreadableFile(Refused):
    """The file is no table we can read."""

    status = 422


class WrongStep(Refused):
    """The import is not where this step begins."""


class NothingToBringIn(Refused):
    """Every row of the file was refused, repeated or the same as what is stored."""


def receive(
    *, target: str, source: str, name: str, chunks: Iterable[bytes], actor: User, now: datetime
) -> Import:
    """Keep an upload and detect its layout. Raises UnreadableFile, and keeps nothing then."""
    item = Import(pk=uuid7(), target=target, source=source, file_name=name[-200:], created_at=now)
    item.stored_as, item.created_by = relative_name(item.pk), actor
    try:
        item.size = keep_file(item.stored_as, chunks).stat().st_size
        _detect(item, Choice())
        with transaction.atomic():
            item.save(force_insert=True)
            _record("accounts.import_received", item, actor, now)
    except Unreadable as unreadable:
        drop_files(item)
        raise UnreadableFile(unreadable.reason) from unreadable
    except BaseException:
        drop_files(item)
        raise
    return item


@transaction.atomic
def choose_layout(*, item: Import, choice: Choice, now: datetime) -> Import:
    """Read the file in another layout. Raises UnreadableFile, WrongStep."""
    _lock(item, State.RECEIVED, State.READ, State.CHECKED)
    try:
        _detect(item, choice)
    except Unreadable as unreadable:
        raise UnreadableFile(unreadable.reason) from unreadable
    item.state, item.columns, item.plan, item.fixes = State.RECEIVED, [], {}, {}
    item.save()
    return item


@transaction.atomic
def accept_layout(*, item: Import, now: datetime) -> Import:
    """Profile the columns: at once where the file is small, else in the background."""
    _lock(item, State.RECEIVED, State.READ, State.CHECKED)
    if item.size > AT_ONCE:
        return _queue(item, read_import, State.READING, now)
    try:
        read_columns(item)
    except Unreadable as unreadable:
        raise UnreadableFile(unreadable.reason) from unreadable
    item.save()
    return item


@transaction.atomic
def map_columns(*, item: Import, plan: Plan, now: datetime) -> Import:
    """Settle the mapping and have every row checked. Raises WrongStep."""
    _lock(item, State.READ, State.CHECKED)
    item.plan = plan.to_json()
    return _queue(item, check_import, State.CHECKING, now)


@transaction.atomic
def put_right(
    *, item: Import, corrections: Mapping[int, Mapping[int, str]], now: datetime
) -> Import:
    """Replace cells by hand, line by line, and check again. Raises WrongStep.

    corrections: line -> column -> the new cell.
    """
    _lock(item, State.CHECKED)
    for line, cells in corrections.items():
        kept = item.fixes.setdefault(str(line), {})
        kept |= {str(column): cell for column, cell in cells.items()}
    return _queue(item, check_import, State.CHECKING, now)


@transaction.atomic
def start_run(*, item: Import, actor: User, now: datetime) -> Import:
    """Bring the checked rows in; started twice it runs once. Raises WrongStep."""
    _lock(item, State.CHECKED)
    if not item.counts.get("new") and not item.counts.get("changed"):
        raise NothingToBringIn("No row of the file would change anything.")
    _record(
        "accounts.import_started",
        item,
        actor,
        now,
        target=TARGETS[item.target].label.lower(),
        rows=item.counts.get("rows", 0),
    )
    return _queue(item, run_import, State.RUNNING, now)


@transaction.atomic
def discard(*, item: Import, actor: User, now: datetime) -> Import:
    """Forget an upload that was not brought in, with its file."""
    _lock(item, State.RECEIVED, State.READING, State.READ, State.CHECKING, State.CHECKED)
    ImportRow.objects.filter(belongs_to=item).delete()
    item.state = State.DISCARDED
    item.save()
    _record("accounts.import_discarded", item, actor, now)
    transaction.on_commit(lambda: drop_files(item))
    return item


@job("accounts.import_read", label="Read an uploaded file")
def read_import(work: Work, *, import_id: str) -> None:
    """Profile a large file in the background."""
    item = Import.objects.select_for_update().get(pk=import_id)
    if item.state != State.READING:
        return
    try:
        read_columns(item)
    except Unreadable as unreadable:
        item.state, item.problem = State.RECEIVED, unreadable.reason[:500]
    item.save()


def _detect(item: Import, choice: Choice) -> None:
    sheet = open_sheet(path_of(item), choice, name=item.file_name, spool=spool_of(item))
    item.layout = described(sheet, choice)


def _lock(item: Import, *states: str) -> None:
    """Take the row as it stands now, and refuse what does not follow from there."""
    item.refresh_from_db(from_queryset=Import.objects.select_for_update())
    if item.state not in states:
        raise WrongStep(f"This import is {item.get_state_display().lower()}; that step is over.")


def _queue(item: Import, step: Any, state: str, now: datetime) -> Import:
    item.attempt += 1
    item.state, item.problem = state, ""
    key = f"{item.pk}:{item.attempt}"
    item.job_id = later(step, key=key, now=now, import_id=str(item.pk))
    item.save()
    return item


def _record(verb: str, item: Import, actor: User, now: datetime, **facts: Any) -> None:
    trail.record(
        verb,
        at=now,
        actor=actor,
        object_id=item.pk,
        file=item.file_name,
        source=item.source,
        **facts,
    )
