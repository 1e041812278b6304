"""Values of series, brought in: what was said of a day before is kept, the newest counts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from math import isfinite
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from accounts.actions.import_memory import MEMORIES, Memory
from accounts.actions.staging import put
from accounts.actions.upsert import TOLD_ONE_BY_ONE, writes
from accounts.queries.references import Found, resolve
from accounts.rules.fields import Unfit
from accounts.rules.outcome import Outcome, Refusal, Row, State
from pulse.models import Series
from pulse.targets import SERIES
from tenants import trail
from tenants.locks import hold
from tenants.models import TrailEntry, User
from tenants.scope import current_tenant_id

FIELDS = SERIES.by_key
MOST_SERIES = 100
NOBODY = UUID(int=0)
COLUMNS = ("i integer", "account_id uuid", "series varchar", "day date", "value float8")
STANDING = """
    LEFT JOIN LATERAL (
        SELECT v.value, v.recorded_at FROM pulse_seriesvalue v
        WHERE (v.account_id, v.series, v.day) = (s.account_id, s.series, s.day)
        ORDER BY v.recorded_at DESC LIMIT 1
    ) o ON true
"""
WRITE = """
    WITH other AS MATERIALIZED (
        SELECT s.*, o.value IS NULL AS is_new, o.recorded_at AS before
        FROM {staged} {standing} WHERE o.value IS DISTINCT FROM s.value
    ), written AS (
        INSERT INTO pulse_seriesvalue (tenant_id, account_id, series, day, value, recorded_at)
        SELECT %s, account_id, series, day, value,
            greatest(%s, before + interval '1 microsecond')
        FROM other ORDER BY account_id, series, day
    )
    SELECT i, is_new FROM other
"""


@dataclass(slots=True)
class Line:
    """One value on its way."""

    index: int
    key: str = ""
    account_id: UUID = NOBODY
    series: str = ""
    day: date = date.min
    value: float | None = None
    is_repeat: bool = False
    refusals: list[Refusal] = field(default_factory=list)

    @property
    def staged(self) -> tuple[Any, ...]:
        return self.index, self.account_id, self.series, self.day, self.value

    def refuse(self, field_key: str, value: Any, code: str, reason: str) -> None:
        self.refusals.append(Refusal(self.index, field_key, value, code, reason))


@writes("series")
@transaction.atomic
def bring_in_series(
    rows: Iterable[Mapping[str, Any]],
    *,
    source: str,
    now: datetime,
    actor: User | None = None,
) -> Outcome:
    """Store values of series by account and day.

    rows: account (external id), series, day, value. The same again writes nothing; another value
    counts from now on, and what was said before is kept. null takes a value back.
    """
    hold("series")  # two batches with one place would each see the other's value as missing
    lines = _read(rows, source)
    _know_series(lines)
    written = _write([line for line in lines if not line.refusals and not line.is_repeat], now)
    outcome = _outcome(lines, written)
    _tell(outcome, source, now, actor)
    return outcome


def _read(rows: Iterable[Mapping[str, Any]], source: str) -> list[Line]:
    """A line for each row, its account found. Two queries at most."""
    lines = [_line(index, row) for index, row in enumerate(rows)]
    found = resolve("accounts", {line.key for line in lines if line.key}, source)
    for line in lines:
        if not line.refusals:
            _link(line, found)
    _refuse_contradictions(lines)
    return lines


def _line(index: int, row: Any) -> Line:
    line = Line(index)
    if not isinstance(row, Mapping):
        line.refuse("", row, "wrong_type", "A series value is an object of fields and values.")
        return line
    for key in row.keys() - FIELDS.keys():
        line.refuse(str(key), row[key], "unknown_field", f"A series value has no field “{key}”.")
    line.key = _value(line, row, "account") or ""
    line.series = _value(line, row, "series") or ""
    line.day = _value(line, row, "day") or date.min
    number = _value(line, row, "value")
    line.value = None if number is None else float(number)
    if line.value is not None and not isfinite(line.value):
        line.refuse("value", row.get("value"), "out_of_range", "The number is too large.")
    return line


def _value(line: Line, row: Mapping[str, Any], key: str) -> Any:
    try:
        return FIELDS[key].read(row.get(key))
    except Unfit as unfit:
        line.refuse(key, row.get(key), unfit.code, unfit.reason)
        return None


def _link(line: Line, found: Found) -> None:
    account_id = found.get(line.key)
    if account_id is not None:
        line.account_id = account_id
    elif line.key in found:
        reason = f"Several systems have an account with the external id “{line.key}”."
        line.refuse("account", line.key, "ambiguous_account", reason)
    else:
        reason = f"There is no account with the external id “{line.key}”."
        line.refuse("account", line.key, "unknown_account", reason)


def _refuse_contradictions(lines: list[Line]) -> None:
    """The same value twice counts once; two values for one place are both refused."""
    first: dict[tuple[Any, ...], Line] = {}
    for line in lines:
        if line.refusals:
            continue
        other = first.setdefault((line.account_id, line.series, line.day), line)
        if other is line:
            continue
        if other.value == line.value:
            line.is_repeat = True
            continue
        reason = "The batch holds another value for the same account, series and day."
        for each in (other, line):
            if not each.refusals:
                each.refuse("value", each.value, "repeated", reason)


def _know_series(lines: list[Line]) -> None:
    """Add series that are named for the first time; refuse a flood of them."""
    named = {line.series for line in lines if line.series and not line.refusals}
    known = set(Series.objects.values_list("key", flat=True)) if named else set()
    new = sorted(named - known)
    if len(known) + len(new) > MOST_SERIES:
        reason = f"There are more than {MOST_SERIES} series; is this an id of something?"
        for line in lines:
            if line.series in new:
                line.refuse("series", line.series, "too_many_series", reason)
        return
    made = [Series(key=key, name=key.replace("_", " ").capitalize()) for key in new]
    Series.objects.bulk_create(made, ignore_conflicts=True)


def _write(lines: Sequence[Line], now: datetime) -> dict[int, bool]:
    """index -> is new, of the values that were written. One statement."""
    if not lines:
        return {}
    staged = put("staged", "s", COLUMNS, [line.staged for line in lines])
    with connection.cursor() as cursor:
        cursor.execute(
            WRITE.format(staged=staged.relation, standing=STANDING),
            [*staged.parameters, current_tenant_id(), now],
        )
        return dict(cursor.fetchall())


def _outcome(lines: list[Line], written: Mapping[int, bool]) -> Outcome:
    rows: list[Row] = []
    accounts: set[UUID] = set()
    refusals: list[Refusal] = []
    for line in lines:
        if line.refusals:
            refusals += line.refusals
            rows.append(Row(line.index, line.key, State.REFUSED))
        elif line.index not in written:
            rows.append(Row(line.index, line.key, State.UNCHANGED))
        else:
            accounts.add(line.account_id)
            is_new = written[line.index]
            rows.append(Row(line.index, line.key, State.NEW if is_new else State.CHANGED))
    return Outcome(rows, refusals, accounts)


def _tell(outcome: Outcome, source: str, now: datetime, actor: User | None) -> None:
    """One line for the batch, and on each account where they are few."""
    if not (outcome.accounts or outcome.refused):
        return
    is_told_singly = len(outcome.accounts) <= TOLD_ONE_BY_ONE
    facts: dict[str, Any] = {"source": source, **outcome.summary, "is_told_singly": is_told_singly}
    trail.record(SERIES.verb, at=now, actor=actor, **facts)
    if is_told_singly:
        trail.record_many(
            [
                TrailEntry(
                    verb=SERIES.verb,
                    at=now,
                    actor_id=actor.pk if actor else None,
                    account_id=account_id,
                    facts={"source": source},
                )
                for account_id in sorted(outcome.accounts)
            ]
        )


def remember(records: Sequence[Mapping[str, Any]], *, source: str) -> dict[str, Any]:
    """The values that a batch is about to replace, with the new ones. Three queries."""
    lines = [line for line in _read(records, source) if not line.refusals and not line.is_repeat]
    if not lines:
        return {"values": []}
    staged = put("staged", "s", COLUMNS, [line.staged for line in lines])
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT s.account_id::text, s.series, s.day::text, s.value, o.value
            FROM {staged.relation} {STANDING} WHERE o.value IS DISTINCT FROM s.value
            """,  # noqa: S608
            staged.parameters,
        )
        return {"values": [list(row) for row in cursor.fetchall()]}


def take_back(kept: Mapping[str, Any], *, now: datetime) -> tuple[int, int]:
    """Say the former value again where the batch's still stands. Returns (taken back, left)."""
    hold("series")
    lines = []
    for index, (account_id, series, day, given, before) in enumerate(kept["values"]):
        line = Line(index, "", UUID(account_id), series, date.fromisoformat(day), before)
        lines.append((line, given))
    standing = _standing([line for line, _ in lines])
    again = [line for line, given in lines if standing.get(line.index) == given]
    _write(again, now)
    return len(again), len(lines) - len(again)


def _standing(lines: Sequence[Line]) -> dict[int, float | None]:
    """index -> the value that counts now. One query."""
    if not lines:
        return {}
    staged = put("staged", "s", COLUMNS, [line.staged for line in lines])
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT s.i, o.value FROM {staged.relation} {STANDING}",  # noqa: S608
            staged.parameters,
        )
        return dict(cursor.fetchall())


MEMORIES["series"] = Memory(remember, take_back)
