"""Dates that matter across accounts, and how many accounts have a critical one ahead."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Coalesce

from accounts.models import Account
from spiced.models import CriticalEvent
from spiced.rules.events import MOVES_THAT_DOWNGRADE

CRITICAL = Q(times_moved__lt=MOVES_THAT_DOWNGRADE) & ~Q(consequence="")


@dataclass(frozen=True)
class Coverage:
    """Of n accounts, how many have a critical event ahead."""

    covered: int
    n: int

    @property
    def share(self) -> float | None:
        return self.covered / self.n if self.n else None


def ahead(accounts: QuerySet[Account], today: date) -> QuerySet[CriticalEvent]:
    """Open events of some accounts from today on, the nearest first."""
    return (
        CriticalEvent.objects.filter(account__in=accounts, status=CriticalEvent.Status.OPEN)
        .annotate(when=Coalesce(F("on"), F("expected_on")))
        .filter(when__gte=today)
        .select_related("account__owner", "sufferer", "confirmed_by")
        .order_by("when", "account__name_norm", "id")
    )


def coverage(accounts: QuerySet[Account], today: date) -> Coverage:
    """Accounts with a critical event ahead ÷ accounts. Two queries."""
    events = ahead(accounts, today).filter(CRITICAL).order_by()
    covered = events.aggregate(n=Count("account_id", distinct=True))["n"]
    return Coverage(covered, accounts.count())
