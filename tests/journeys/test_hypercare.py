"""CS takes over once hypercare after the go-live is over."""

from datetime import timedelta

import pytest

from journeys.actions.endings import end_onboarding
from journeys.actions.plan_tasks import (
    finish_plan_task,
    reopen_plan_task,
    skip_plan_task,
)
from journeys.models import Handoff, PlanTask
from tests.journeys.onboarded import LATER, Begun, confirm, go_live

pytestmark = pytest.mark.django_db


def to_cs(begun: Begun) -> list[str]:
    found = Handoff.objects.filter(kind="onboarding_to_cs", account=begun.deal.account)
    return list(found.order_by("pk").values_list("state", flat=True))


def with_hypercare(begun: Begun) -> None:
    """The plan gets a gate after the go-live, and all before both of them is done."""
    signed = begun.task("go_live_signed")
    first = PlanTask.objects.filter(onboarding=begun.onboarding, position__lt=signed.position)
    first.update(state="done", closed_at=LATER)
    PlanTask.objects.create(
        onboarding=begun.onboarding, key="hypercare_closed", position=90, phase="go_live",
        label="Close hypercare", side="us", role="csm", is_gate=True, after=["go_live_signed"],
        starts_on=signed.due_on, due_on=signed.due_on, first_due_on=signed.due_on,
    )  # fmt: skip


def test_cs_takes_over_after_go_live_and_hypercare_once(begun: Begun):
    with_hypercare(begun)
    finish_plan_task(task=begun.task("go_live_signed"), actor=None, now=LATER)
    assert to_cs(begun) == []
    finish_plan_task(task=begun.task("hypercare_closed"), actor=None, now=LATER)
    assert to_cs(begun) == ["draft"]
    assert Handoff.objects.get(kind="onboarding_to_cs").due_at is not None
    Handoff.objects.filter(kind="onboarding_to_cs").update(
        state="completed", accepted_at=LATER, due_at=None
    )
    confirm(begun)
    go_live(begun)
    end_onboarding(onboarding=begun.onboarding, actor=None, now=LATER + timedelta(days=3))
    assert to_cs(begun) == ["completed"], "First Impact hands over nothing twice"


def test_hypercare_that_goes_on_takes_the_untouched_draft_back(begun: Begun):
    with_hypercare(begun)
    finish_plan_task(task=begun.task("go_live_signed"), actor=None, now=LATER)
    finish_plan_task(task=begun.task("hypercare_closed"), actor=None, now=LATER)
    reopen_plan_task(task=begun.task("hypercare_closed"), actor=None, now=LATER)
    assert to_cs(begun) == []
    skip_plan_task(task=begun.task("hypercare_closed"), actor=None, now=LATER, reason="Quiet")
    assert to_cs(begun) == ["draft"]


def test_a_go_live_without_hypercare_hands_over_at_first_impact_alone(begun: Begun):
    signed = begun.task("go_live_signed")
    first = PlanTask.objects.filter(onboarding=begun.onboarding, position__lt=signed.position)
    first.update(state="done", closed_at=LATER)
    finish_plan_task(task=signed, actor=None, now=LATER)
    assert to_cs(begun) == []
