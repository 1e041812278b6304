"""How far replays reach back, and whether some are on their way."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Max, Min

from health.models import Replay
from health.rules.freshness import REPLAY
from tenants.models import Job


@dataclass(frozen=True)
class Replayed:
    """days: how many were scored, from first to last; at: when; is_running: more are coming."""

    days: int
    first: date | None
    last: date | None
    at: datetime | None
    is_running: bool


def replayed() -> Replayed:
    """Two queries."""
    told = Replay.objects.aggregate(
        days=Count("day", distinct=True), first=Min("day"), last=Max("day"), at=Max("recorded_at")
    )
    waiting = [Job.State.WAITING, Job.State.RUNNING]
    is_running = Job.objects.filter(kind=REPLAY, state__in=waiting).exists()
    return Replayed(**told, is_running=is_running)
