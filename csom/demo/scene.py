"""The stage on which a company's past is written: who acts, and moments of past days."""

import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection, models

from accounts.models import Account, Contact
from accounts.rules.rates import Conversion
from csom.demo.lives import Life
from csom.demo.worlds import World
from tenants.models import Tenant, TrailEntry, User

AT_ONCE = 2000


@dataclass
class Scene:
    """A company on the day it is told. source: the system its facts are said to come from."""

    world: World
    tenant: Tenant
    now: datetime
    source: str
    chance: random.Random
    admin: User
    csms: Sequence[User]
    sellers: Sequence[User]
    lives: list[Life] = field(default_factory=list)
    accounts: dict[int, Account] = field(default_factory=dict)
    contacts: dict[int, list[Contact]] = field(default_factory=dict)
    abroad: dict[int, Conversion] = field(default_factory=dict)
    trail: list[TrailEntry] = field(default_factory=list)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.tenant.time_zone)

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def at(self, day: date, hour: int = 10, minute: int = 0) -> datetime:
        """A moment of a local day, never later than now."""
        moment = datetime.combine(day, time(hour, minute), self.zone)
        return min(moment, self.now - timedelta(minutes=5))

    def some_time(self, day: date) -> datetime:
        """A moment in the working hours of a day."""
        return self.at(day, self.chance.randint(8, 16), self.chance.choice((0, 10, 15, 30, 45)))

    def working(self, day: date) -> date:
        """The day, or the Friday before where it falls on a weekend."""
        return day - timedelta(days=max(0, day.weekday() - 4))

    def tell(
        self,
        verb: str,
        at: datetime,
        actor: User | None,
        account: Account | None = None,
        object_id: UUID | None = None,
        **facts: Any,
    ) -> None:
        """Remember a line of the trail, to be written with all others."""
        self.trail.append(
            TrailEntry(
                verb=verb,
                at=at,
                actor_id=actor.pk if actor else None,
                account_id=account.pk if account else None,
                object_id=object_id,
                facts=facts,
            )
        )

    def write_trail(self) -> None:
        """Write what was told, recorded when it happened; the trail is only ever added to."""
        told = [
            {
                "id": str(entry.pk),
                "verb": entry.verb,
                "at": entry.at.isoformat(),
                "actor": str(entry.actor_id) if entry.actor_id else None,
                "account": str(entry.account_id) if entry.account_id else None,
                "object": str(entry.object_id) if entry.object_id else None,
                "facts": entry.facts,
            }
            for entry in sorted(self.trail, key=lambda entry: entry.at)
        ]
        with connection.cursor() as cursor:
            cursor.execute(TRAIL, [self.tenant.pk, json.dumps(told)])
        self.trail.clear()


TRAIL = """
    INSERT INTO tenants_trailentry (tenant_id, id, verb, at, recorded_at, actor_id, account_id,
        object_id, request_id, facts)
    SELECT %s, id, verb, at, at, actor, account, object, '', facts
    FROM jsonb_to_recordset(%s::jsonb) AS t(id uuid, verb text, at timestamptz, actor uuid,
        account uuid, object uuid, facts jsonb)
"""


def backdate(
    model: type[models.Model], column: str, moments: Iterable[tuple[UUID, datetime]]
) -> None:
    """Set a moment that the model would take from the clock. One statement."""
    pairs = list(moments)
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} t SET {column} = v.at"  # noqa: S608 - names of our own models
            " FROM unnest(%s::uuid[], %s::timestamptz[]) AS v(id, at) WHERE t.id = v.id",
            [[pk for pk, _ in pairs], [at for _, at in pairs]],
        )
