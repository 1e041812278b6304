"""What was promised to an account, and how far each goal has come."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import Account
from spiced.models import ImpactGoal, ImpactMeasurement
from spiced.queries.changes import Change
from spiced.rules.impact import (
    Track,
    achievement,
    expected,
    is_missed,
    measure_on,
    on_track_ratio,
    realised_minor,
    roi,
    track,
    won,
)


@dataclass(frozen=True)
class Return:
    """What an account gets back a year for what it pays: realised ÷ ARR, and of which goals.

    minor: of all goals with a worth and a confirmed measurement. multiple: None without ARR.
    """

    minor: int
    arr_minor: int
    parts: tuple["Progress", ...]

    @property
    def multiple(self) -> float | None:
        return roi(self.minor, self.arr_minor)


@dataclass(frozen=True)
class Progress:
    """A goal with its measurements, newest first. Only confirmed ones count.

    achieved: share of the way to the target; due: share of the time that has passed. is_missed: the
    date has passed short of the target. measure_on: the day it is to be measured again.
    """

    goal: ImpactGoal
    measurements: tuple[ImpactMeasurement, ...]
    current: ImpactMeasurement | None
    achieved: float | None
    due: float | None
    track: Track
    realised_minor: int | None

    is_missed: bool = False
    measure_on: date | None = None
    is_measure_due: bool = False
    changes: tuple[Change, ...] = ()

    @property
    def is_open(self) -> bool:
        return self.goal.status != ImpactGoal.Status.RETIRED

    @property
    def is_active(self) -> bool:
        """Still worked for: neither over nor achieved nor missed."""
        over = (ImpactGoal.Status.RETIRED, ImpactGoal.Status.ACHIEVED)
        return self.goal.status not in over and not self.is_missed

    @property
    def won(self) -> float | None:
        """Units won, in the direction of the target, by what was confirmed."""
        if self.current is None:
            return None
        return won(self.goal.baseline, self.goal.target, self.current.value)

    @property
    def roi(self) -> float | None:
        """Realised value a year as a multiple of the account's ARR."""
        return roi(self.realised_minor, self.goal.account.arr_minor)

    @property
    def tone(self) -> str:
        if not self.is_open:
            return "line"
        if self.goal.status == ImpactGoal.Status.ACHIEVED:
            return "good"
        if self.is_missed:
            return "risk"
        return {Track.ON_TRACK: "good", Track.BEHIND: "watch", Track.OFF: "risk"}.get(
            self.track, "line"
        )

    @property
    def standing(self) -> str:
        """How the goal stands, in a word or two."""
        if self.goal.status in (ImpactGoal.Status.ACHIEVED, ImpactGoal.Status.RETIRED):
            return str(self.goal.get_status_display()).lower()
        return "missed" if self.is_missed else self.track.label


def cited_by(account: Account, goal_id: Any) -> ImpactGoal | None:
    """A goal of an account that may be rested on: it is not retired. One query, none for None."""
    if not goal_id:
        return None
    goals = ImpactGoal.objects.filter(pk=goal_id, account=account)
    return goals.exclude(status=ImpactGoal.Status.RETIRED).first()


def citable(account: Account) -> list[ImpactGoal]:
    """The goals a decision may rest on, that of the note first. One query."""
    goals = ImpactGoal.objects.filter(account=account)
    return list(
        goals.exclude(status=ImpactGoal.Status.RETIRED).order_by("-is_in_note", "-kind", "id")
    )


def progress(account: Account, today: date) -> list[Progress]:
    """The goals of an account, open ones first. Two queries."""
    return progress_of(ImpactGoal.objects.filter(account=account), today)


def progress_of(found: QuerySet[ImpactGoal], today: date) -> list[Progress]:
    """Some goals as they stand, open ones first. Two queries."""
    goals = list(
        found.select_related("person", "account").order_by("-is_in_note", "created_at", "id")
    )
    measured: defaultdict[UUID, list[ImpactMeasurement]] = defaultdict(list)
    readings = ImpactMeasurement.objects.filter(goal__in=goals).order_by(
        "-measured_on", "-recorded_at"
    )
    for measurement in readings.select_related("confirmed_by", "doubted_by"):
        measured[measurement.goal_id].append(measurement)
    told = [judged(goal, tuple(measured[goal.pk]), today) for goal in goals]
    return sorted(told, key=lambda each: not each.is_open)


def return_of(account: Account, goals: Iterable[Progress]) -> Return | None:
    """The return of an account's goals; None where none of them realised a worth."""
    parts = tuple(each for each in goals if each.realised_minor is not None)
    total = sum(each.realised_minor or 0 for each in parts)
    return Return(total, account.arr_minor, parts) if parts else None


def judged(goal: ImpactGoal, measurements: tuple[ImpactMeasurement, ...], today: date) -> Progress:
    """How far a goal has come by its measurements, the newest first."""
    current = next((each for each in measurements if each.confirmed_at is not None), None)
    value = current.value if current else None
    achieved = achievement(goal.baseline, goal.target, value)
    due = expected(goal.baseline_on, goal.deadline_on, current.measured_on if current else today)
    is_over = goal.status in (ImpactGoal.Status.ACHIEVED, ImpactGoal.Status.RETIRED)
    last_on = measurements[0].measured_on if measurements else None
    again_on = measure_on(last_on, goal.baseline_on, goal.measure_every_days)
    is_late = not is_over and is_missed(goal.deadline_on, achieved, today)
    return Progress(
        goal,
        measurements,
        current,
        achieved,
        due,
        track(on_track_ratio(achieved, due)),
        realised_minor(goal.baseline, goal.target, value, goal.unit_value_minor),
        is_missed=is_late,
        measure_on=again_on,
        is_measure_due=not is_over and not is_late and again_on is not None and again_on < today,
    )
