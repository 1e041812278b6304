"""First Impact: the measurement that makes it, and when accounts reached it.

The gate asks `proof`; plans and pages ask `reached`.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from accounts.models import Account
from bowtie.models import Stay
from bowtie.rules.gates import Proof
from bowtie.rules.stages import Stage
from charter.queries import body_at
from spiced.models import ImpactMeasurement
from spiced.rules.impact import achievement

DECIDERS = frozenset(("champion", "economic_buyer", "exec_sponsor"))
PROXY_TOUCH = "tech"


@dataclass(frozen=True)
class FirstImpact:
    """When an account reached First Impact in the newest life that did, on what evidence.

    Imported accounts that stood further already have none: nobody knows when.
    """

    account_id: UUID
    at: datetime
    evidence: dict[str, Any]
    recorded_at: datetime
    lifecycle: int = 1

    @property
    def is_proxy(self) -> bool:
        return bool(self.evidence.get("is_proxy"))


def reached(account_ids: Collection[UUID], as_of: datetime) -> dict[UUID, FirstImpact]:
    """First Impact of each account that reached it, as known at a moment. One query."""
    stays = Stay.objects.filter(
        Q(revoked_at=None) | Q(revoked_at__gt=as_of),
        account__in=account_ids,
        stage=Stage.FIRST_IMPACT,
        is_imported=False,
        recorded_at__lte=as_of,
        entered_at__lte=as_of,
    ).exclude(came_from=Stage.RECURRING_IMPACT)
    return {
        stay.account_id: FirstImpact(
            stay.account_id, stay.entered_at, stay.evidence, stay.recorded_at, stay.lifecycle
        )
        for stay in stays.order_by("lifecycle", "-entered_at")
    }


def first_impact_days(account_ids: Collection[UUID], now: datetime) -> dict[UUID, date]:
    """The tenant's day of First Impact of each account that reached it here. One query."""
    return {pk: timezone.localdate(event.at) for pk, event in reached(account_ids, now).items()}


def confirmed(account: Account) -> list[ImpactMeasurement]:
    """The measurements of an account that somebody confirmed, oldest first. One query."""
    return list(
        ImpactMeasurement.objects.filter(goal__account=account, confirmed_at__isnull=False)
        .select_related("goal", "confirmed_by")
        .order_by("measured_on", "confirmed_at", "pk")
    )


def proof(
    account: Account, measurements: Iterable[ImpactMeasurement], now: datetime
) -> Proof | None:
    """The first confirmed measurement of the account's life that is First Impact; None so far.

    A rational goal came the charter's part of the way to its target (a goal that is either met or
    not goes from 0 to 1), with evidence, confirmed by the champion, buyer or sponsor; or one of
    them said in their own words, kept as evidence, that an emotional goal came to its target. At a
    tech-touch account anybody's confirmation counts, as a proxy. Two queries.

    Source: the operating model, 3.3.
    """
    least = float(body_at("bowtie", now)[1]["first_impact_share"])
    begun = (
        Stay.objects.filter(
            account=account,
            lifecycle=account.lifecycle,
            stage=Stage.COMMITTED,
            is_imported=False,
            revoked_at=None,
        )
        .order_by("entered_at")
        .values_list("entered_at", flat=True)
        .first()
    )
    found = [
        made
        for each in measurements
        if (begun is None or (each.confirmed_at is not None and each.confirmed_at >= begun))
        and (made := _proof(account, each, least))
    ]
    return min(found, key=lambda each: each.at, default=None)


def _proof(account: Account, each: ImpactMeasurement, least: float) -> Proof | None:
    goal, by = each.goal, each.confirmed_by
    if not each.evidence.strip() or by is None:
        return None
    if goal.kind == goal.Kind.EMOTIONAL:
        least = 1.0  # a quote counts where the person agrees
    share = achievement(goal.baseline, goal.target, each.value)
    is_decider = bool(set(by.roles) & DECIDERS)
    if share is None or share < least or each.confirmed_at is None:
        return None
    if not is_decider and account.touch_model != PROXY_TOUCH:
        return None
    return Proof(
        measurement=str(each.pk),
        goal=goal.statement,
        value=each.value,
        share=share,
        confirmed_by=str(by.pk),
        at=each.confirmed_at,
        is_proxy=not is_decider,
    )
