"""What was promised to an account, and how far each goal has come."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from accounts.models import Account
from spiced.models import ImpactGoal, ImpactMeasurement
from spiced.rules.impact import (
    Track,
    achievement,
    expected,
    on_track_ratio,
    realised_minor,
    track,
)


@dataclass(frozen=True)
class Progress:
    """A goal with its measurements, newest first. Only confirmed ones count.

    achieved: share of the way to the target; due: share of the time that has passed.
    """

    goal: ImpactGoal
    measurements: tuple[ImpactMeasurement, ...]
    current: ImpactMeasurement | None
    achieved: float | None
    due: float | None
    track: Track
    realised_minor: int | None

    @property
    def is_open(self) -> bool:
        return self.goal.status != ImpactGoal.Status.RETIRED

    @property
    def tone(self) -> str:
        if not self.is_open:
            return "line"
        if self.goal.status == ImpactGoal.Status.ACHIEVED:
            return "good"
        return {Track.ON_TRACK: "good", Track.BEHIND: "watch", Track.OFF: "risk"}.get(
            self.track, "line"
        )

    @property
    def standing(self) -> str:
        """How the goal stands, in a word or two."""
        if self.goal.status in (ImpactGoal.Status.ACHIEVED, ImpactGoal.Status.RETIRED):
            return str(self.goal.get_status_display()).lower()
        return self.track.label


def progress(account: Account, today: date) -> list[Progress]:
    """The goals of an account, open ones first. Two queries."""
    goals = list(
        ImpactGoal.objects.filter(account=account)
        .select_related("person")
        .order_by("-is_in_note", "created_at", "id")
    )
    measured: defaultdict[UUID, list[ImpactMeasurement]] = defaultdict(list)
    readings = ImpactMeasurement.objects.filter(goal__in=goals).order_by(
        "-measured_on", "-recorded_at"
    )
    for measurement in readings.select_related("confirmed_by", "doubted_by"):
        measured[measurement.goal_id].append(measurement)
    found = [judged(goal, tuple(measured[goal.pk]), today) for goal in goals]
    return sorted(found, key=lambda each: not each.is_open)


def judged(goal: ImpactGoal, measurements: tuple[ImpactMeasurement, ...], today: date) -> Progress:
    """How far a goal has come by its measurements, the newest first."""
    current = next((each for each in measurements if each.confirmed_at is not None), None)
    value = current.value if current else None
    achieved = achievement(goal.baseline, goal.target, value)
    due = expected(goal.baseline_on, goal.deadline_on, current.measured_on if current else today)
    return Progress(
        goal,
        measurements,
        current,
        achieved,
        due,
        track(on_track_ratio(achieved, due)),
        realised_minor(goal.baseline, goal.target, value, goal.unit_value_minor),
    )
