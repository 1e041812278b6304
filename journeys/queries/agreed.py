"""When the kickoff of an onboarding was held, and whether a joint plan was agreed."""

from datetime import date, datetime
from uuid import UUID

from charter.rules.calendar import Calendar
from journeys.models import JointAgreement, JointPlan, Onboarding, PlanTask
from journeys.queries.joint import accord
from pulse.models import Activity

HELD = "kickoff_held"


def kickoff_day(onboarding: Onboarding, hours: Calendar) -> date | None:
    """The day of the first kickoff told since commit: task, step or activity. Three queries."""
    done = PlanTask.objects.filter(onboarding=onboarding, key=HELD, state=PlanTask.State.DONE)
    moments = list(done.values_list("closed_at", flat=True))
    steps = onboarding.handoff.steps if onboarding.handoff else {}
    if HELD in steps:
        moments.append(datetime.fromisoformat(steps[HELD]))
    activities = Activity.objects.filter(account=onboarding.account_id, kind="kickoff")
    moments += activities.values_list("at", flat=True)
    days = [each.astimezone(hours.zone).date() for each in moments if each is not None]
    return min((each for each in days if each >= onboarding.anchor_on), default=None)


def was_agreed(account_id: UUID) -> bool:
    """Whether both sides agreed to the terms of the open joint plan, now or before. Two queries."""
    plan = JointPlan.objects.filter(account=account_id, ended_at=None).first()
    if plan is None:
        return False
    said = list(JointAgreement.objects.filter(plan=plan).order_by("terms", "at"))
    return accord(plan.terms, said).was_agreed > 0
