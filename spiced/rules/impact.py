"""How far a goal has come, against how far it should be, and what that is worth."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from charter.rules.numbers import Lapse
from tenants.formats import plural

ON_TRACK = 0.9
BEHIND = 0.6
AGREEMENT_TARGET = 4.0
MEASURE_EVERY_DAYS = 90
FEWEST_GOALS, MOST_GOALS = 2, 4  # active ones of an account


class Track(StrEnum):
    """Where a goal stands against time."""

    ON_TRACK = "on_track"
    BEHIND = "behind"
    OFF = "off"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        return {"on_track": "on track", "off": "off track", "unknown": "not measured"}.get(
            self, self.value
        )


def achievement(
    baseline: float | None, target: float | None, current: float | None
) -> float | None:
    """Share of the way from baseline to target, unclamped: 8 h to 2 h, now 4 h, is 0.667."""
    if baseline is None or target is None or current is None or target == baseline:
        return None
    return (current - baseline) / (target - baseline)


def expected(baseline_on: date | None, deadline_on: date | None, on: date) -> float | None:
    """Share of the time that has passed, 0 to 1."""
    if baseline_on is None or deadline_on is None or deadline_on <= baseline_on:
        return None
    return min(1.0, max(0.0, (on - baseline_on) / (deadline_on - baseline_on)))


def on_track_ratio(achieved: float | None, due: float | None) -> float | None:
    """Achievement over expectation; None before anything is due."""
    if achieved is None or not due:
        return None
    return achieved / due


def track(ratio: float | None) -> Track:
    """On track from 0.9, behind from 0.6, off below."""
    if ratio is None:
        return Track.UNKNOWN
    return Track.ON_TRACK if ratio >= ON_TRACK else Track.BEHIND if ratio >= BEHIND else Track.OFF


def is_missed(deadline_on: date | None, achieved: float | None, on: date) -> bool:
    """Whether a goal's date has passed and the target was not reached."""
    return deadline_on is not None and deadline_on < on and (achieved is None or achieved < 1)


def wrong_dates(baseline_on: date, deadline_on: date | None, today: date) -> str:
    """Why the time of a goal cannot be, in words; empty where it can."""
    if baseline_on > today:
        return "The day of the baseline has not come yet."
    if deadline_on is not None and deadline_on <= baseline_on:
        return "The date a goal is to be reached by comes after that of its baseline."
    return ""


def measure_on(last_on: date | None, baseline_on: date | None, every_days: int) -> date | None:
    """The day a goal is to be measured again: so many days after the last time, or the baseline."""
    since = last_on or baseline_on
    return since + timedelta(days=every_days) if since else None


def wrong_number(n: int) -> str:
    """Why a number of active goals is not right, in words; empty where it is, or without any."""
    if not n or FEWEST_GOALS <= n <= MOST_GOALS:
        return ""
    few = n < FEWEST_GOALS
    return (
        f"{plural(n, 'active goal')}: an account has {FEWEST_GOALS} to {MOST_GOALS}, so "
        f"{'ask for one more' if few else 'retire what matters least'}."
    )


def won(baseline: float | None, target: float | None, current: float | None) -> float | None:
    """Units won, in the direction of the target: 8 h to 2 h, now 4 h, is 4."""
    if baseline is None or target is None or current is None:
        return None
    return (current - baseline) * (1 if target >= baseline else -1)


def realised_minor(
    baseline: float | None, target: float | None, current: float | None, unit_value: int | None
) -> int | None:
    """Money a year: the units won times the value of one."""
    units = won(baseline, target, current)
    return None if units is None or unit_value is None else round(units * unit_value)


def roi(realised: int | None, arr_minor: int) -> float | None:
    """Realised value a year as a multiple of ARR."""
    return None if realised is None or arr_minor <= 0 else realised / arr_minor


@dataclass(frozen=True)
class Reading:
    """A confirmed measurement, judged on the day it was taken."""

    measured_on: date
    achieved: float | None
    ratio: float | None


def is_delivered(readings: Sequence[Reading], start: date, end: date) -> bool:
    """An impact period counts as delivered by one confirmed reading in it that is good enough."""
    return any(
        start <= reading.measured_on < end
        and ((reading.achieved or 0) >= 1 or (reading.ratio or 0) >= BEHIND)
        for reading in readings
    )


def last_sign(readings: Sequence[Reading], first_impact_on: date | None) -> date | None:
    """The day of the newest confirmed reading; that of First Impact where there is none."""
    return max((reading.measured_on for reading in readings), default=first_impact_on)


def is_lapsed(
    readings: Sequence[Reading], first_impact_on: date | None, today: date, lapse: Lapse
) -> bool:
    """Nothing confirmed for the days of a lapse, or the last two readings both below its ratio.

    With nothing confirmed the days begin at First Impact; where its day is not known
    nothing is known.
    """
    last = last_sign(readings, first_impact_on)
    if last is None:
        return False
    if (today - last).days > lapse.days:
        return True
    recent = sorted(readings, key=lambda reading: reading.measured_on)[-2:]
    return len(recent) == 2 and all(
        reading.ratio is not None and reading.ratio < lapse.ratio for reading in recent
    )
