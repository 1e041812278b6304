"""What scores said some days before decisions, against what came of them.

Source: operating model, 11.1 and 11.3. Nothing is stated of fewer than 30 decisions or 10 losses.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from uuid import UUID

from health.rules.proof.calibration import Calibration, calibration
from health.rules.proof.decisions import Decision
from health.rules.proof.ranking import Ranking, ranking, wilson
from health.rules.scoring import BANDS, GREEN, RED

LEAST_DECISIONS = 30
LEAST_LOST = 10
EARLY_DAYS = 90


@dataclass(frozen=True)
class Seen:
    """A settled decision, and what the score said before it.

    score: as caps left it, without the cap of a notice and without overrides; None where none was.
    usage, sentiment: what these alone said, as 0 to 100 and 1 to 5. is_replayed: the snapshot was
    computed later. is_treated: a play began between the snapshot and the decision. values: of all
    measures by slot, where they were asked for.
    """

    decision: Decision
    day: date | None = None
    score: float | None = None
    band: str = "unknown"
    coverage: float = 0.0
    usage: float | None = None
    sentiment: float | None = None
    model_id: UUID | None = None
    is_replayed: bool = False
    is_treated: bool = False
    values: tuple[float | None, ...] = ()

    @property
    def is_lost(self) -> bool:
        return self.decision.is_lost


@dataclass(frozen=True)
class BandRow:
    """The decisions of a band and those lost. rate, low, high: the share and its 95% interval."""

    band: str
    n: int
    lost: int
    rate: float | None
    low: float | None
    high: float | None
    lift: float | None


@dataclass(frozen=True)
class Lead:
    """Of those that left, how many days before the decision the warning began that lasted until it.

    Nothing is stated of fewer than 10.
    """

    days: tuple[int, ...]

    @property
    def median(self) -> float | None:
        return median(self.days) if len(self.days) >= LEAST_LOST else None

    @property
    def early_share(self) -> float | None:
        if len(self.days) < LEAST_LOST:
            return None
        return sum(each >= EARLY_DAYS for each in self.days) / len(self.days)


@dataclass(frozen=True)
class Verdict:
    """How scores did at one distance. Figures are None where there is too little to state them."""

    horizon: int
    cases: tuple[Seen, ...]
    ranking: Ranking | None
    churn_only: Ranking | None
    untreated: Ranking | None
    usage: Ranking | None
    sentiment: Ranking | None
    bands: tuple[BandRow, ...]
    calibration: Calibration | None

    @property
    def covered(self) -> list[Seen]:
        return covered(self.cases)

    @property
    def lost(self) -> int:
        return sum(each.is_lost for each in self.covered)

    @property
    def uncovered(self) -> int:
        return len(self.cases) - len(self.covered)

    @property
    def replayed(self) -> int:
        return sum(each.is_replayed for each in self.covered)

    @property
    def is_enough(self) -> bool:
        return is_enough(self.cases)

    @property
    def capture(self) -> float | None:
        """Of those lost, the share that was red before."""
        red = next((row for row in self.bands if row.band == RED), None)
        return red.lost / self.lost if red and self.lost and self.is_enough else None

    @property
    def separation(self) -> float | None:
        """The rate of loss of red less that of green."""
        rates = {row.band: row.rate for row in self.bands}
        red, green = rates.get(RED), rates.get(GREEN)
        return None if red is None or green is None else red - green

    @property
    def green_but_lost(self) -> list[Seen]:
        return _largest(each for each in self.covered if each.band == GREEN and each.is_lost)

    @property
    def red_but_renewed(self) -> list[Seen]:
        return _largest(each for each in self.covered if each.band == RED and not each.is_lost)

    @property
    def treated_reds(self) -> list[Seen]:
        return [each for each in self.covered if each.band == RED and each.is_treated]


def covered(cases: Iterable[Seen]) -> list[Seen]:
    """Those the score spoke of."""
    return [each for each in cases if each.score is not None]


def is_enough(cases: Sequence[Seen]) -> bool:
    found = covered(cases)
    return len(found) >= LEAST_DECISIONS and sum(each.is_lost for each in found) >= LEAST_LOST


def verdict(horizon: int, cases: Sequence[Seen], earlier: Sequence[Seen]) -> Verdict:
    """Judge the scores of settled decisions; `earlier` ones teach what chance a score means."""
    found = covered(cases)
    told = None
    if is_enough(cases) and is_enough(earlier):
        told = calibration(_pairs(covered(earlier)), _pairs(found))
    return Verdict(
        horizon=horizon,
        cases=tuple(cases),
        ranking=_ranked(found),
        churn_only=_ranked(found, churn_only=True),
        untreated=_ranked([each for each in found if not each.is_treated]),
        usage=_ranked(found, by="usage"),
        sentiment=_ranked(found, by="sentiment"),
        bands=tuple(_band(band, found) for band in BANDS),
        calibration=told,
    )


def _pairs(cases: Sequence[Seen]) -> list[tuple[float, bool]]:
    return [(each.score or 0.0, each.is_lost) for each in cases]


def _ranked(
    cases: Sequence[Seen], by: str = "score", *, churn_only: bool = False
) -> Ranking | None:
    """The ranking by one reading; None where those that have it are too few."""
    read = [
        (float(value), each.decision.after_minor <= 0 if churn_only else each.is_lost)
        for each in cases
        if (value := getattr(each, by)) is not None
    ]
    if len(read) < LEAST_DECISIONS or sum(lost for _, lost in read) < LEAST_LOST:
        return None
    return ranking(*zip(*read, strict=True))


def _band(band: str, cases: Sequence[Seen]) -> BandRow:
    here = [each for each in cases if each.band == band]
    lost, base = sum(each.is_lost for each in here), sum(each.is_lost for each in cases)
    if not here or not is_enough(cases):
        return BandRow(band, len(here), lost, None, None, None, None)
    rate, (low, high) = lost / len(here), wilson(lost, len(here))
    return BandRow(band, len(here), lost, rate, low, high, rate / (base / len(cases)))


def _largest(cases: Iterable[Seen]) -> list[Seen]:
    return sorted(cases, key=lambda each: (-each.decision.before_minor, each.decision.name))
