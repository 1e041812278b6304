"""What the trail says that scores follow from, and whether a score knows it yet."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from tenants.models import TrailEntry

FED_BY = ("accounts", "pulse", "spiced", "bowtie")  # the apps whose facts are measured
OWN = "accounts.segment_changed"  # scoring itself places accounts in segments
ABOUT_MANY = ("brought_in", "arr_moved", "model_published", "chapter_published", "assigned")
COMMITS_WITHIN = timedelta(seconds=1)  # what was recorded less than this before may be unread
SOON = timedelta(minutes=1)  # within which a score follows the news
LOOKS_BACK = timedelta(minutes=10)


@dataclass(frozen=True)
class Awaited:
    """A score is to follow what was recorded at a moment; late when it has not, soon after."""

    since: datetime
    is_late: bool


def about_one() -> QuerySet[TrailEntry]:
    """Lines on single accounts from which their score may follow."""
    fed = Q()
    for app in FED_BY:
        fed |= Q(verb__startswith=f"{app}.")
    return TrailEntry.objects.filter(fed, account_id__isnull=False).exclude(verb=OWN)


def about_many() -> QuerySet[TrailEntry]:
    """Lines from which any score may follow: of many accounts, or of how scores are made."""
    many = Q()
    for ending in ABOUT_MANY:
        many |= Q(verb__endswith=ending)
    lines = TrailEntry.objects.filter(many, account_id=None)
    return lines.exclude(facts__contains={"is_told_singly": True})


def awaited(account_id: UUID, scored_at: datetime | None, now: datetime) -> Awaited | None:
    """What was recorded lately that the score of an account does not know. At most two queries.

    scored_at: when the score was made; None where there is none.
    """
    known = scored_at - COMMITS_WITHIN if scored_at else now - LOOKS_BACK
    since = max(known, now - LOOKS_BACK)
    for lines in (about_one().filter(account_id=account_id), about_many()):
        unread = lines.filter(recorded_at__gt=since).order_by("-recorded_at", "-id")
        at = unread.values_list("recorded_at", flat=True).first()
        if at is not None:
            return Awaited(at, now - at > SOON)
    return None
