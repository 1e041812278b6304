"""A joint plan is drafted as an account is taken over, for the kickoff to agree on."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from accounts.models import Account
from bowtie.rules.gates import PLANNED_TOUCH
from charter.queries import calendar
from journeys.actions.joint_plans import Anchor, begin_joint_plan
from journeys.models import JointPlan, Onboarding
from journeys.rules.backward import BUFFER
from spiced.models import CriticalEvent
from tenants.models import User

WITHOUT_PLAN = timedelta(days=90)  # to First Impact, where no onboarding says when


@transaction.atomic
def draft_joint_plan(*, account: Account, actor: User | None, now: datetime) -> JointPlan | None:
    """The open joint plan of an account, begun where it has none; None where none is asked for.

    Worked backwards from its next critical event, else from the day of First Impact, with steps as
    long as there is room for.
    """
    known = JointPlan.objects.filter(account=account, ended_at=None).first()
    if known is not None or account.touch_model not in PLANNED_TOUCH:
        return known
    today = now.astimezone(calendar().zone).date()
    anchor = _event(account, today) or _first_impact(account, today)
    return begin_joint_plan(
        account=account, actor=actor, now=now, anchor=anchor, buffer=BUFFER, is_fitted=True
    )


def _event(account: Account, today: date) -> Anchor | None:
    """The next event that has a consequence; a renewal alone is a day of ours, not of theirs."""
    found = (
        CriticalEvent.objects.filter(account=account, status=CriticalEvent.Status.OPEN)
        .exclude(consequence="")
        .annotate(day=Coalesce(F("on"), F("expected_on")))
        .filter(day__gt=today)
        .order_by("day", "pk")
        .first()
    )
    if found is None or found.happens_on is None:
        return None
    return Anchor(JointPlan.Anchor.EVENT, found.statement, found.happens_on, found)


def _first_impact(account: Account, today: date) -> Anchor:
    begun = Onboarding.objects.filter(account=account, ended_at=None).first()
    on = begun.agreed_on if begun is not None and begun.agreed_on > today else today + WITHOUT_PLAN
    return Anchor(JointPlan.Anchor.DAY, "First Impact", on)
