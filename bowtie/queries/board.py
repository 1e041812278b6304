"""Volumes and passages along the bowtie, and the accounts behind each figure."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Sum

from accounts.models import Account, Opportunity
from bowtie.rules.funnel import Passage, Step, step
from bowtie.rules.stages import LINE, Stage

OPEN_TO = {"prospect": 0, "mql": 1, "sql": 1, "sal": 2, "lost": 2, "won": 3}
TARGETS = {"commit": 0.9, "onboarding": 0.9, "adoption": 0.5}

PARTS = (
    ("awareness", "Awareness", "prospects"),
    ("education", "Education", "qualified"),
    ("selection", "Selection", "opportunities"),
    ("commit", "Commit", "signed"),
    ("onboarding", "Onboarding", "live"),
    ("adoption", "Adoption", "first impact"),
    ("expansion", "Expansion", "recurring impact"),
)


@dataclass(frozen=True)
class Deal:
    """A new-business opportunity and how far it came: 0 prospect to 3 won."""

    id: UUID
    name: str
    account_id: UUID | None
    came_to: int
    opened_on: date | None
    closed_on: date | None


@dataclass(frozen=True)
class Journey:
    """An account that signed in the window, and when it first stood at each later stage."""

    account_id: UUID
    name: str
    arr_minor: int
    committed_at: datetime
    live_at: datetime | None
    first_impact_at: datetime | None
    recurring_at: datetime | None


def deals(since: date, until: date) -> list[Deal]:
    """New-business opportunities opened in the window. One query."""
    found = Opportunity.objects.filter(
        kind=Opportunity.Kind.NEW, opened_on__gte=since, opened_on__lte=until
    ).order_by("-opened_on", "pk")
    return [
        Deal(
            each.pk,
            each.name,
            each.account_id,
            OPEN_TO.get(each.stage, 0),
            each.opened_on,
            each.closed_on,
        )
        for each in found
    ]


def journeys(since: datetime, until: datetime) -> list[Journey]:
    """Accounts that signed in the window; those imported in a stage are left out. One query."""
    beyond = [
        [str(stage) for stage in LINE[LINE.index(first) :]]
        for first in (Stage.LIVE, Stage.FIRST_IMPACT, Stage.RECURRING_IMPACT)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT s.account_id, a.name, a.arr_minor,
                   min(s.entered_at) FILTER (WHERE s.stage = 'committed') AS committed_at,
                   min(s.entered_at) FILTER (WHERE s.stage = ANY(%s)) AS live_at,
                   min(s.entered_at) FILTER (WHERE s.stage = ANY(%s)) AS first_impact_at,
                   min(s.entered_at) FILTER (WHERE s.stage = ANY(%s)) AS recurring_at
            FROM bowtie_stay s JOIN accounts_account a ON a.id = s.account_id
            WHERE NOT s.is_imported
            GROUP BY s.account_id, s.lifecycle, a.name, a.arr_minor
            HAVING min(s.entered_at) FILTER (WHERE s.stage = 'committed') BETWEEN %s AND %s
            ORDER BY committed_at DESC, s.account_id
            """,
            [*beyond, since, until],
        )
        return [Journey(*row) for row in cursor.fetchall()]


def steps(found: list[Deal], signed: list[Journey]) -> list[Step]:
    """The seven parts in order; the left half counts opportunities, the right half accounts."""
    left = [
        [_deal_passage(deal, level) for deal in found if deal.came_to >= level]
        for level in range(3)
    ]
    live = [each for each in signed if each.live_at]
    arrived = [each for each in signed if each.first_impact_at]
    right: list[list[Passage]] = [
        [_passage(each.committed_at, each.live_at) for each in signed],
        [_passage(each.live_at, each.first_impact_at) for each in live],
        [_passage(each.first_impact_at, each.recurring_at) for each in arrived],
        [(False, None) for each in signed if each.recurring_at],
    ]
    return [
        step(key, label, unit, passages, TARGETS.get(key))
        for (key, label, unit), passages in zip(PARTS, [*left, *right], strict=True)
    ]


def _deal_passage(deal: Deal, level: int) -> Passage:
    """Only the last step of a deal has a known duration: from opened to won."""
    went_on = deal.came_to > level
    if level == 2 and went_on and deal.opened_on and deal.closed_on:
        return True, (deal.closed_on - deal.opened_on).days
    return went_on, None


def _passage(start: datetime | None, end: datetime | None) -> Passage:
    if start is None or end is None:
        return False, None
    return True, (end - start).total_seconds() / 86_400


def standing() -> list[dict[str, Any]]:
    """How many accounts stand in each stage now, and their ARR. One query."""
    found: dict[str, dict[str, Any]] = {
        row["stage"]: dict(row)
        for row in Account.objects.filter(archived_at=None)
        .values("stage")
        .annotate(n=Count("pk"), arr=Sum("arr_minor"))
    }
    return [
        {
            "stage": stage,
            "label": stage.label,
            "n": found.get(stage, {}).get("n", 0),
            "arr_minor": found.get(stage, {}).get("arr", 0),
        }
        for stage in Stage
    ]
