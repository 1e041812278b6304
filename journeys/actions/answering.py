"""What a contact answers on the page shared with them, and who has to hear of it."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from charter.queries import calendar
from journeys.models import ShareLink
from plays.actions.own_tasks import open_task
from spiced.actions.doubts import doubt_measurement
from spiced.actions.measurements import confirm_measurement, measure_goal
from spiced.models import ImpactGoal, ImpactMeasurement
from tenants.errors import Refused
from tenants.formats import figure

ANSWER_WITHIN_HOURS = 8.0  # business hours from "Not yet" to somebody asking why
LEAST, MOST = 1, 5


class NoSuchAgreement(Refused):
    """Not on the scale."""

    status = 422


@transaction.atomic
def say_confirmed(*, link: ShareLink, measurement: ImpactMeasurement, now: datetime) -> None:
    """The contact confirms a measurement; confirmed before, nothing changes.

    Raises ClosedGoal for a goal retired meanwhile, AlreadyConfirmed where it was a moment ago.
    """
    confirm_measurement(measurement=measurement, actor=None, now=now, confirmed_by=link.contact)


@transaction.atomic
def say_agreement(*, link: ShareLink, goal: ImpactGoal, value: int, now: datetime) -> None:
    """The contact says how far they agree with a promise made to them, 1 to 5.

    It counts as measured and confirmed that day. Raises NoSuchAgreement, ClosedGoal.
    """
    if not LEAST <= value <= MOST:
        raise NoSuchAgreement(f"Choose a number from {LEAST} to {MOST}.")
    measure_goal(
        goal=goal,
        actor=None,
        now=now,
        value=float(value),
        measured_on=timezone.localdate(now),
        evidence="Said on the page shared with them",
        confirmed_by=link.contact,
    )


@transaction.atomic
def say_not_yet(
    *, link: ShareLink, measurement: ImpactMeasurement, words: str, now: datetime
) -> None:
    """The contact says that it is not so yet: the owner gets one task to ask why.

    Said again, the words are kept anew and the task stands. Raises ClosedGoal, AlreadyConfirmed.
    """
    was_doubted = measurement.doubted_at is not None
    found = doubt_measurement(measurement=measurement, by=link.contact, words=words, now=now)
    if was_doubted:
        return
    goal, account = found.goal, link.account
    open_task(
        account=account,
        owner=account.owner,
        title=f"Ask {link.contact.name} what is missing: {goal.measure}",
        reason=f"Not yet to {figure(found.value)} {goal.unit}".strip()
        + (f": {found.doubt}" if found.doubt else ", without a reason"),
        due_at=calendar().add_hours(now, ANSWER_WITHIN_HOURS),
        now=now,
    )
