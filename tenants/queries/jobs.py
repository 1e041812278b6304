"""How background work stands: what is given up, which nights are late."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from tenants.jobs import NIGHTLY
from tenants.models import Job, Tenant
from tenants.nights import CATCH_UP_DAYS, moment_of, nights

ENDED = {Job.State.DONE, Job.State.DROPPED}


@dataclass(frozen=True)
class Late:
    """A night that has begun and is not done. behind: since it was to begin."""

    kind: str
    day: date
    due_at: datetime
    behind: timedelta


@dataclass
class Standing:
    """dead: jobs given up; late: the oldest night of each kind that is not done, by kind."""

    dead: int = 0
    late: dict[str, Late] = field(default_factory=dict)


def standing(tenant: Tenant, now: datetime) -> Standing:
    """How the work of the tenant in hand stands. One query."""
    rows = Job.objects.filter(
        Q(state=Job.State.DEAD) | Q(kind__in=NIGHTLY, key__gte=first_night(tenant, now))
    ).values_list("kind", "key", "state")
    states: dict[str, dict[str, str]] = {kind: {} for kind in NIGHTLY}
    dead = 0
    for kind, key, state in rows:
        dead += state == Job.State.DEAD
        if kind in states:
            states[kind][key] = state
    late = (late_night(tenant, kind, states[kind], now) for kind in NIGHTLY)
    return Standing(dead, {each.kind: each for each in late if each})


def night(tenant: Tenant, kind: str, now: datetime) -> Late | None:
    """The oldest night of a kind that should be done and is not. One query."""
    rows = Job.objects.filter(kind=kind, key__gte=first_night(tenant, now))
    return late_night(tenant, kind, dict(rows.values_list("key", "state")), now)


def late_night(tenant: Tenant, kind: str, states: dict[str, str], now: datetime) -> Late | None:
    """The oldest of the last nights that is not done. states: by day, of those queued.

    A tenant owes no night from before it was opened, nor from before the first of the kind.
    """
    at, zone = NIGHTLY[kind], ZoneInfo(tenant.time_zone)
    first = min(states, default="")
    for day in nights(at, zone, now):
        due_at = moment_of(day, at, zone)
        is_owed = day.isoformat() >= first and due_at >= tenant.created_at
        if is_owed and states.get(day.isoformat()) not in ENDED:
            return Late(kind, day, due_at, now - due_at)
    return None


def first_night(tenant: Tenant, now: datetime) -> str:
    """The key of the oldest night that is still made up."""
    today = now.astimezone(ZoneInfo(tenant.time_zone)).date()
    return (today - timedelta(days=CATCH_UP_DAYS)).isoformat()
