"""What a play would have started over the last weeks, had it been in force."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import connection

from accounts.models import Account
from health.models import Snapshot
from health.queries.compiling import compile
from plays.rules.bodies import Body
from tenants.models import Tenant
from tenants.queries.people import names

DAYS = 90
ENTRIES = f"""
    SELECT account_id, owner_id, day FROM (
        SELECT account_id, owner_id, day, is_met, is_held,
            lag(is_met) OVER (PARTITION BY account_id ORDER BY day) AS was_met
        FROM (
            SELECT s.account_id, s.owner_id, s.day,
                {{trigger}} AS is_met, {{suppressed}} AS is_held
            FROM {Snapshot._meta.db_table} s WHERE s.day > %s AND s.day <= %s
        ) days
    ) entries
    WHERE is_met AND NOT was_met AND NOT is_held
    ORDER BY day DESC, account_id
"""  # noqa: S608 - conditions are compiled with their values bound


@dataclass(frozen=True)
class Start:
    """A run there would have been."""

    account_id: UUID
    name: str
    day: date


@dataclass(frozen=True)
class Rehearsal:
    """The starts, newest first, and the load they would have been.

    days: how many days were looked at; stored: on how many of them anything was stored.
    """

    starts: list[Start]
    accounts: int
    days: int
    stored: int
    hours: float
    busiest: str
    busiest_starts: int

    @property
    def per_week(self) -> float:
        return len(self.starts) * 7 / self.days


def rehearse(body: Body, today: date, tenant: Tenant) -> Rehearsal:
    """Replay a body over the stored snapshots of the last 90 days. Four queries.

    An account starts on the day it enters the condition, rests for the cooldown from then, and is
    left out while suppressed. What held on the first stored day is no entry.
    """
    since = today - timedelta(days=DAYS)
    trigger, params = compile(body.trigger, "s")
    suppressed, more = compile(body.suppress_if, "s") if body.suppress_if else ("false", [])
    with connection.cursor() as cursor:
        cursor.execute(
            ENTRIES.format(trigger=trigger, suppressed=suppressed), [*params, *more, since, today]
        )
        entries: list[tuple[UUID, UUID | None, date]] = cursor.fetchall()
    kept = _rested(entries, body.cooldown_days)
    called = dict(
        Account.objects.filter(pk__in={pk for pk, _, _ in kept}).values_list("pk", "name")
    )
    owners = Counter(owner for _, owner, _ in kept if owner)
    busiest = max(owners, key=lambda owner: owners[owner], default=None)
    return Rehearsal(
        starts=[Start(pk, called.get(pk, ""), day) for pk, _, day in kept],
        accounts=len(called),
        days=DAYS,
        stored=Snapshot.objects.filter(day__gt=since, day__lte=today)
        .values("day")
        .distinct()
        .count(),
        hours=len(kept) * sum(step.minutes for step in body.steps) / 60,
        busiest=names(tenant, {busiest}).get(busiest, "") if busiest else "",
        busiest_starts=owners[busiest] if busiest else 0,
    )


def _rested(
    entries: list[tuple[UUID, UUID | None, date]], cooldown_days: int
) -> list[tuple[UUID, UUID | None, date]]:
    """Entries less those within the cooldown of one before."""
    kept: list[tuple[UUID, UUID | None, date]] = []
    last: dict[UUID, date] = {}
    for account_id, owner_id, day in reversed(entries):
        if account_id in last and (day - last[account_id]).days < cooldown_days:
            continue
        last[account_id] = day
        kept.append((account_id, owner_id, day))
    return kept[::-1]
