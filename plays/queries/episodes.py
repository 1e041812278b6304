"""When an account entered the condition it is in."""

from collections.abc import Collection
from datetime import date, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Max

from health.models import Snapshot
from health.queries.compiling import compile
from health.queries.matching import matching
from health.rules.conditions import Condition
from plays.models import Held, Run

LOOK_BACK_DAYS = 120
ENTERED = f"""
    SELECT a.id, (
        SELECT min(s.day) FROM {Snapshot._meta.db_table} s
        WHERE s.account_id = a.id AND s.day <= %s AND s.day > coalesce(outside.day, %s)
    )
    FROM unnest(%s::uuid[]) a(id)
    LEFT JOIN LATERAL (
        SELECT b.day FROM {Snapshot._meta.db_table} b
        WHERE b.account_id = a.id AND b.day < %s AND b.day > %s AND NOT {{condition}}
        ORDER BY b.day DESC LIMIT 1
    ) outside ON true
"""  # noqa: S608 - the condition is compiled with its values bound


def entered_on(
    play_key: str, trigger: Condition, account_ids: Collection[UUID], day: date
) -> dict[UUID, date]:
    """The first day of the unbroken stretch, up to `day`, on which each account has matched.

    An account that matched the day before goes on with the episode that is on record. At most
    five queries.
    """
    if not account_ids:
        return {}
    before = Snapshot.objects.filter(day__lt=day).aggregate(day=Max("day"))["day"]
    going_on = (
        {match.account_id for match in matching(trigger, before, account_ids)} if before else set()
    )
    episodes = dict.fromkeys(account_ids, day)
    known = _on_record(play_key, going_on)
    episodes |= known
    episodes |= _from_history(trigger, going_on - set(known), day)
    return episodes


def _on_record(play_key: str, account_ids: Collection[UUID]) -> dict[UUID, date]:
    """The newest episode a run or a held start names. Two queries."""
    found: dict[UUID, date] = dict(
        Run.objects.filter(play_key=play_key, account__in=account_ids)
        .values_list("account_id")
        .annotate(on=Max("episode_on"))
    )
    held = (
        Held.objects.filter(play_key=play_key, account__in=account_ids)
        .order_by("account_id", "-day")
        .distinct("account_id")
    )
    for row in held:
        on = date.fromisoformat(row.facts["episode_on"])
        found[row.account_id] = max(on, found.get(row.account_id, on))
    return found


def _from_history(trigger: Condition, account_ids: Collection[UUID], day: date) -> dict[UUID, date]:
    """The same from the stored snapshots, for an account the play meets for the first time."""
    if not account_ids:
        return {}
    sql, params = compile(trigger, "b")
    first = day - timedelta(days=LOOK_BACK_DAYS)
    with connection.cursor() as cursor:
        cursor.execute(
            ENTERED.format(condition=sql),
            [day, first, [str(pk) for pk in account_ids], day, first, *params],
        )
        return dict(cursor.fetchall())
