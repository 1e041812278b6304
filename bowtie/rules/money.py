"""What ARR stayed and grew: the conversions of the right end (operating model, 3.4; CR6, CR7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from bowtie.rules.funnel import Rate
from bowtie.rules.retention import LOW_N

EARLY = timedelta(days=30)


@dataclass(frozen=True)
class Due:
    """An account with ARR up for renewal. Minor units: what was due, and of that what renewed."""

    account_id: UUID
    name: str
    due_minor: int
    renewed_minor: int


@dataclass(frozen=True)
class Renewal(Due):
    """What one account had up for renewal on one day. may_come: its time is not over yet.

    signed_on: when the last of what renewed was signed; None where nobody said.
    """

    due_on: date
    may_come: bool
    signed_on: date | None = None

    @property
    def state(self) -> str:
        """renewed, also for less; open: past due, and may still renew; lost."""
        if self.renewed_minor > 0:
            return "renewed"
        return "open" if self.may_come else "lost"

    @property
    def signing(self) -> str:
        """Of what renewed: on_time, also where early; late; unknown. Empty for the rest."""
        if self.state != "renewed":
            return ""
        if self.signed_on is None:
            return "unknown"
        return "on_time" if self.signed_on <= self.due_on else "late"

    @property
    def is_early(self) -> bool:
        """Renewed, and signed more than 30 days before it was due."""
        return self.signing == "on_time" and bool(
            self.signed_on and self.due_on - self.signed_on > EARLY
        )


@dataclass(frozen=True)
class Growth:
    """An account that stayed. Minor units: kept of its ARR at the start, and its ARR at the end."""

    account_id: UUID
    name: str
    kept_minor: int
    end_minor: int


def by_account(found: Sequence[Renewal]) -> list[Due]:
    """What each account had due, whatever the days."""
    sums: dict[UUID, Due] = {}
    for each in found:
        known = sums.get(each.account_id, Due(each.account_id, each.name, 0, 0))
        sums[each.account_id] = Due(
            each.account_id,
            each.name,
            known.due_minor + each.due_minor,
            known.renewed_minor + each.renewed_minor,
        )
    return list(sums.values())


def retention_rate(dues: Sequence[Due], target: float | None = None) -> Rate:
    """CR6: renewed ARR, capped at what was due, ÷ ARR up for renewal."""
    due, kept = sum(each.due_minor for each in dues), sum(each.renewed_minor for each in dues)
    return Rate("cr6", due, kept, dollar_renewal(dues), len(dues), is_money=True, target=target)


def logo_renewal(found: Sequence[Renewal]) -> float | None:
    """Renewed ÷ due, by count (operating model, 10.2); what is open has not renewed."""
    return sum(each.state == "renewed" for each in found) / len(found) if found else None


STATES = ("renewed", "open", "lost")


@dataclass(frozen=True)
class Share:
    """A part of the renewals of a window: how many, and the ARR that was due, in minor units."""

    n: int
    due_minor: int


@dataclass(frozen=True)
class Renewals:
    """Renewals of a window by what became of them, and the rates, None where nothing was due."""

    due: Share
    renewed: Share
    open: Share
    lost: Share
    logo: float | None
    dollar: float | None
    signing: "Signing"

    @property
    def is_low_n(self) -> bool:
        return self.due.n < LOW_N


def renewal_rates(found: Sequence[Renewal]) -> Renewals:
    """The renewals of a window added up (operating model, 10.2)."""
    renewed, still_open, lost = (
        _share([each for each in found if each.state == state]) for state in STATES
    )
    rates = logo_renewal(found), dollar_renewal(found)
    return Renewals(_share(found), renewed, still_open, lost, *rates, signing_of(found))


@dataclass(frozen=True)
class Signing:
    """Renewals that renewed, by when they were signed. n: those whose signing day is known.

    on_time, early: as shares of n, None where none is known (operating model, 10.2).
    """

    n: int
    n_on_time: int
    n_early: int
    n_unknown: int

    @property
    def on_time(self) -> float | None:
        return self.n_on_time / self.n if self.n else None

    @property
    def early(self) -> float | None:
        return self.n_early / self.n if self.n else None

    @property
    def is_low_n(self) -> bool:
        return self.n < LOW_N


def signing_of(found: Sequence[Renewal]) -> Signing:
    """How timely renewals were signed. What nobody told the day of is counted apart."""
    told = [each.signing for each in found]
    on_time, unknown = told.count("on_time"), told.count("unknown")
    n = on_time + told.count("late")
    return Signing(n, on_time, sum(each.is_early for each in found), unknown)


def _share(part: Sequence[Renewal]) -> Share:
    return Share(len(part), sum(each.due_minor for each in part))


def dollar_renewal(found: Sequence[Due]) -> float | None:
    """Renewed ARR, capped at what was due, ÷ what was due."""
    due = sum(each.due_minor for each in found)
    return sum(each.renewed_minor for each in found) / due if due else None


def growth_rate(found: Sequence[Growth], target: float | None = None) -> Rate:
    """CR7: (retained + expansion) ÷ retained, of the accounts that stayed."""
    kept = sum(each.kept_minor for each in found)
    grown = kept + sum(max(0, each.end_minor - each.kept_minor) for each in found)
    return Rate(
        "cr7", kept, grown, grown / kept if kept else None, len(found), is_money=True, target=target
    )
