"""What an account may see of its own plan: tasks marked visible, and nothing else.

The fields are named one by one, so that a new column of a plan shows to nobody by itself.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils import timezone

from journeys.models import Onboarding, PlanTask
from journeys.rules.templates import PHASES


@dataclass(frozen=True)
class VisibleTask:
    """A task as the account sees it. state: open, done or skipped; owner: who does it, a name.

    phase: its name; waits_for: us or them, empty once closed.
    """

    label: str
    phase: str
    side: str
    owner: str
    due_on: date
    state: str
    closed_on: date | None
    waits_for: str


@dataclass(frozen=True)
class VisiblePlan:
    """The account's open onboarding: when First Impact is agreed for, and its visible tasks."""

    agreed_on: date
    tasks: tuple[VisibleTask, ...]


def visible_plan(account_id: UUID) -> VisiblePlan | None:
    """The plan to show an account; None where no onboarding is open. Two queries."""
    onboarding = Onboarding.objects.filter(account=account_id, ended_at=None).first()
    if onboarding is None:
        return None
    rows = PlanTask.objects.filter(onboarding=onboarding, is_visible=True)
    found = rows.select_related("owner", "contact").order_by("due_on", "position", "pk")
    return VisiblePlan(onboarding.agreed_on, tuple(_visible(each) for each in found))


def _visible(task: PlanTask) -> VisibleTask:
    person = task.owner.name if task.owner else task.contact.name if task.contact else ""
    is_open = task.state == PlanTask.State.OPEN
    return VisibleTask(
        label=task.label,
        phase=PHASES.get(task.phase, ""),
        side=task.side,
        owner=person,
        due_on=task.due_on,
        state=task.state,
        closed_on=timezone.localdate(task.closed_at) if task.closed_at else None,
        waits_for=(task.waiting_on or task.side) if is_open else "",
    )
