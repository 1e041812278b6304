"""How well accounts are handed over: ratings, promises as the account knows them, clocks kept."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from statistics import mean
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from journeys.models import Commitment, Handoff
from journeys.queries.handoffs import LOOKS_BACK
from journeys.rules.judgement import RATING_TARGET, mean_rating
from journeys.rules.kinds import ANSWER, KINDS, SUBMIT
from tenants.models import TrailEntry

MOST_DIFFERENCES = 50


@dataclass(frozen=True)
class Kept:
    """Promises of one seller: how many, and what the account says of them."""

    n: int = 0
    as_promised: int = 0
    otherwise: int = 0

    @property
    def heard(self) -> int:
        return self.as_promised + self.otherwise

    @property
    def share(self) -> float | None:
        """Of those heard about, the part that is as promised."""
        return self.as_promised / self.heard if self.heard else None


@dataclass(frozen=True)
class Rated:
    """The mean of a seller's ratings over n handoffs."""

    mean: float | None = None
    n: int = 0

    @property
    def is_under(self) -> bool:
        return self.mean is not None and self.mean < RATING_TARGET


@dataclass
class StepKept:
    """How often a promised step of a kind was in time, of n that were done or missed."""

    kind: str
    step: str
    n: int = 0
    kept: int = 0
    late: set[UUID] = field(default_factory=set)

    @property
    def label(self) -> str:
        return KINDS[self.kind].steps[self.step].label

    @property
    def kind_label(self) -> str:
        return KINDS[self.kind].label

    @property
    def share(self) -> float | None:
        return self.kept / self.n if self.n else None


def ratings_by_seller(now: datetime) -> dict[UUID, Rated]:
    """Receivers' ratings of Sales to CS handoffs of the last year, each handoff once. One query."""
    found: defaultdict[UUID, list[float]] = defaultdict(list)
    rows = _of_the_year(now).filter(kind=Handoff.Kind.SALES_TO_CS, sender__isnull=False)
    for seller, ratings in rows.exclude(ratings={}).values_list("sender_id", "ratings"):
        value = mean_rating(ratings)
        if seller is not None and value is not None:
            found[seller].append(value)
    return {seller: Rated(mean(values), len(values)) for seller, values in found.items()}


def promises_by_seller(now: datetime) -> dict[UUID, Kept]:
    """Promises of the last year by who made them. One query."""
    rows = (
        Commitment.objects.filter(
            made_at__gte=now - LOOKS_BACK, made_by__isnull=False, account__archived_at=None
        )
        .values_list("made_by_id")
        .annotate(
            n=Count("pk"),
            same=Count("pk", filter=Q(heard_at__isnull=False, heard="")),
            other=Count("pk", filter=~Q(heard="")),
        )
    )
    return {seller: Kept(*counts) for seller, *counts in rows if seller is not None}


def differences(now: datetime) -> list[Commitment]:
    """Promises of the last year that accounts know otherwise, newest first. One query."""
    found = Commitment.objects.filter(
        made_at__gte=now - LOOKS_BACK, account__archived_at=None
    ).exclude(heard="")
    ordered = found.select_related("account", "made_by", "heard_by").order_by("-heard_at", "-pk")
    return list(ordered[: MOST_DIFFERENCES + 1])


def steps_kept(now: datetime) -> list[StepKept]:
    """The promised steps of the last year, those done and those missed. Two queries."""
    handoffs = list(_of_the_year(now).order_by("pk"))
    missed = _missed(handoffs)
    found = {
        (kind.key, step): StepKept(kind.key, step) for kind in KINDS.values() for step in kind.steps
    }
    for handoff in handoffs:
        for step in _done(handoff) | missed[handoff.pk]:
            if (line := found.get((handoff.kind, step))) is None:
                continue
            line.n += 1
            if step in missed[handoff.pk]:
                line.late.add(handoff.pk)
            else:
                line.kept += 1
    return [line for line in found.values() if line.n]


def _of_the_year(now: datetime) -> QuerySet[Handoff]:
    return Handoff.objects.filter(signed_at__gte=now - LOOKS_BACK, account__archived_at=None)


def _done(handoff: Handoff) -> set[str]:
    done = set(handoff.steps)
    if handoff.submitted_at is not None:
        done.add(SUBMIT)
    if handoff.accepted_at is not None or handoff.returns:
        done.add(ANSWER)
    return done


def _missed(handoffs: Iterable[Handoff]) -> dict[UUID, set[str]]:
    """The steps of each handoff whose promised time passed, as it was written down. One query."""
    missed: defaultdict[UUID, set[str]] = defaultdict(set)
    accounts = {each.account_id for each in handoffs if each.breached_at is not None}
    entries = TrailEntry.objects.filter(account_id__in=accounts, verb="journeys.handoff_breached")
    for handoff_id, facts in entries.values_list("object_id", "facts"):
        if handoff_id is not None and facts.get("step"):
            missed[handoff_id].add(facts["step"])
    return missed
