"""Confirmed measurements as the rules of impact read them, the same for every asker."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from spiced.models import ImpactMeasurement
from spiced.rules.impact import Reading, achievement, expected, on_track_ratio


def readings_of(account_ids: Collection[UUID], today: date) -> Mapping[UUID, list[Reading]]:
    """What was confirmed at accounts up to a day, oldest first, each judged on its day. One query.

    Of every goal, whatever became of it: what was confirmed stays confirmed. An agreement has no
    deadline, so it is judged by what was achieved alone: 4 of 5 is, 3 of 5 is not.
    """
    found: defaultdict[UUID, list[Reading]] = defaultdict(list)
    measured = ImpactMeasurement.objects.filter(
        goal__account_id__in=account_ids, confirmed_at__isnull=False, measured_on__lte=today
    )
    for each in measured.select_related("goal").order_by("measured_on", "pk"):
        goal = each.goal
        achieved = achievement(goal.baseline, goal.target, each.value)
        due = expected(goal.baseline_on, goal.deadline_on, each.measured_on)
        reading = Reading(each.measured_on, achieved, on_track_ratio(achieved, due))
        found[goal.account_id].append(reading)
    return found
