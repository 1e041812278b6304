"""Usage that an import wrote, taken back: each value as it was, each day made anew."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.actions.former import keep_where
from accounts.actions.import_memory import MEMORIES, Memory
from accounts.actions.staging import put
from pulse.actions.usage import KEPT_VALUE, keep_days, run
from pulse.actions.usage_lines import read
from pulse.models import UsageDay
from tenants.locks import hold
from tenants.scope import current_tenant_id

PLACES = (
    "account_id uuid",
    "day date",
    "feature varchar",
    "person varchar",
    "n bigint",
    "span smallint",
    "old_n bigint",
    "old_span smallint",
)
AT = "(u.account_id, u.day, u.feature, u.person) = (p.account_id, p.day, p.feature, p.person)"
Place = tuple[UUID, date]


def remember(records: Sequence[Mapping[str, Any]], *, source: str) -> dict[str, Any]:
    """What stands at the places a batch is about to write: values, and the people of each day."""
    lines = [line for line in read(records, source=source) if not line.refusals]
    values = {
        (line.account_id, line.day, line.feature, line.person): (line.n, line.span)
        for line in lines
        if line.n is not None
    }
    rows = [(*place, n, span, None, None) for place, (n, span) in values.items()]
    users = {(line.account_id, line.day): line.users for line in lines if line.users is not None}
    days = dict.fromkeys((line.account_id, line.day) for line in lines)
    return {"values": _former(rows), "days": _former_days(days, users)}


def _former(rows: list[tuple[Any, ...]]) -> list[list[Any]]:
    """The places whose value will differ, with the value before. One query."""
    if not rows:
        return []
    staged = put("places", "p", PLACES, rows)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT p.account_id::text, p.day::text, p.feature, p.person, p.n, p.span, u.n,
                   u.span_days
            FROM {staged.relation} LEFT JOIN pulse_usage u ON {AT}
            WHERE (u.n, u.span_days) IS DISTINCT FROM (p.n, p.span)
            """,  # noqa: S608
            staged.parameters,
        )
        return [list(row) for row in cursor.fetchall()]


def _former_days(days: Mapping[Place, None], users: Mapping[Place, int]) -> list[list[Any]]:
    """(account, day, people now given, people before, was there before). One query."""
    found = UsageDay.objects.filter(
        account_id__in={account_id for account_id, _ in days}, day__in={day for _, day in days}
    )
    former = {(row.account_id, row.day): row.active_users for row in found.only("active_users")}
    return [
        [str(place[0]), place[1].isoformat(), users.get(place), former.get(place), place in former]
        for place in days
    ]


def take_back(kept: Mapping[str, Any], *, now: datetime) -> tuple[int, int]:
    """Put the former values back where nobody wrote since. Returns (taken back, left)."""
    hold("usage")
    values = [tuple(row) for row in kept["values"]]
    done = _restore(values, now) if values else 0
    touched: dict[Place, tuple[int | None, int]] = {}
    gone: list[Place] = []
    for account_id, day, given, before, was_there in kept["days"]:
        place = UUID(account_id), date.fromisoformat(day)
        touched[place] = (before, 1)
        if given is not None and before is None:
            theirs = [place[0], place[1], given]
            at = "(t.account_id, t.day, t.active_users) = (%s, %s, %s)"
            keep_where(UsageDay, at, theirs, now=now)
            UsageDay.objects.filter(account_id=place[0], day=place[1], active_users=given).update(
                active_users=None
            )
        if not was_there:
            gone.append(place)
    keep_days(touched=touched, now=now)
    _drop_empty(gone)
    return done, len(values) - done


def _restore(values: list[tuple[Any, ...]], now: datetime) -> int:
    staged = put("places", "p", PLACES, values)
    corrected = f"""(
        SELECT u.*, u.n AS old_n, u.span_days AS old_span, u.recorded_at AS old_at
        FROM pulse_usage u JOIN {staged.relation} ON {AT}
    ) corrected"""  # noqa: S608 - made of names of this product alone
    same = f"{AT} AND (u.n, u.span_days) = (p.n, p.span)"
    with connection.cursor() as cursor:
        run(cursor, KEPT_VALUE.format(corrected=corrected), staged, now)
        cursor.execute(
            f"DELETE FROM pulse_usage u USING {staged.relation} "  # noqa: S608
            f"WHERE {same} AND p.old_n IS NULL",
            staged.parameters,
        )
        done = cursor.rowcount
        cursor.execute(
            f"UPDATE pulse_usage u SET n = p.old_n, span_days = p.old_span, "  # noqa: S608
            f"recorded_at = %s FROM {staged.relation} WHERE {same} AND p.old_n IS NOT NULL",
            [now, *staged.parameters],
        )
        return done + cursor.rowcount


def _drop_empty(places: list[Place]) -> None:
    """Days that the import made, and that hold nothing any more."""
    if not places:
        return
    staged = put("gone", "p", ("account_id uuid", "day date"), places)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            DELETE FROM pulse_usageday d USING {staged.relation}
            WHERE d.tenant_id = %s AND (d.account_id, d.day) = (p.account_id, p.day)
              AND d.active_users IS NULL AND NOT EXISTS (
                SELECT 1 FROM pulse_usage u
                WHERE (u.account_id, u.day) = (d.account_id, d.day))
            """,  # noqa: S608
            [*staged.parameters, current_tenant_id()],
        )


MEMORIES["usage"] = Memory(remember, take_back)
