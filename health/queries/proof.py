"""Does the score tell the truth: who left, by the band half a year before."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Exists, OuterRef, Q

from accounts.models import ChurnRecord
from health.models import Snapshot

LOOK_AHEAD_DAYS = 180
ENOUGH = 30


@dataclass(frozen=True)
class BandProof:
    """The accounts of a band on a past day, and how many of them left since."""

    band: str
    n: int
    left: int

    @property
    def rate(self) -> float | None:
        """The share that left; None where the band is too small to state one."""
        return self.left / self.n if self.n >= ENOUGH else None


def proof(today: date) -> tuple[date, list[BandProof]]:
    """The day looked back to, and its bands. One query."""
    day = today - timedelta(days=LOOK_AHEAD_DAYS)
    leaving = ChurnRecord.objects.filter(
        account_id=OuterRef("account_id"), ended_on__gt=day, ended_on__lte=today
    )
    rows = (
        Snapshot.objects.filter(day=day, band__in=["red", "yellow", "green"])
        .annotate(has_left=Exists(leaving))
        .values_list("band")
        .annotate(n=Count("*"), left=Count("account_id", filter=Q(has_left=True)))
    )
    found = {band: BandProof(band, n, left) for band, n, left in rows}
    return day, [found.get(band, BandProof(band, 0, 0)) for band in ("red", "yellow", "green")]
