"""An onboarding that began, and what the account and its people do in it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from accounts.models import Contact
from bowtie.actions.moves import move
from bowtie.rules.gates import GO_LIVE
from bowtie.rules.stages import Stage
from journeys.actions.plan_tasks import (
    finish_plan_task,
)
from journeys.models import Onboarding, PlanTask
from plays.models import Task
from spiced.actions.goals import save_rational_goal
from spiced.actions.measurements import measure_goal
from tenants.actor import Actor
from tests import make
from tests.make import NOW

if TYPE_CHECKING:
    from tests.journeys.conftest import Deal

LATER = NOW + timedelta(days=3)


@dataclass
class Begun:
    """An account whose handoff was accepted, and its plan of a month."""

    deal: "Deal"
    csm: Actor
    onboarding: Onboarding

    def task(self, key: str) -> PlanTask:
        return PlanTask.objects.select_related("task").get(onboarding=self.onboarding, key=key)

    def finish(self, *keys: str, now: datetime = LATER) -> None:
        for key in keys:
            finish_plan_task(task=self.task(key), actor=self.csm.user, now=now)

    def queued(self) -> set[str]:
        rows = Task.objects.filter(state="open", reason__startswith="Onboarding,")
        return set(rows.values_list("title", flat=True))


def confirm(begun: Begun, evidence: str = "Ledger export", value: float = 40, by: str = "champion"):
    account = begun.deal.account
    person = Contact.objects.get(account=account)
    if by != "champion":
        person = make.contact(account, "Ann Else", roles=[by])
    goal = save_rational_goal(
        account=account, actor=begun.csm, now=NOW, statement="Faster", measure="Days", unit="d",
        baseline=100, target=0, deadline_on=date(2027, 3, 1),
    )  # fmt: skip
    measure_goal(
        goal=goal, actor=begun.csm, now=LATER, value=value, measured_on=LATER.date(),
        evidence=evidence, confirmed_by=person,
    )  # fmt: skip


def go_live(begun: Begun) -> None:
    evidence = dict.fromkeys(GO_LIVE, True)
    move(account=begun.deal.account, to_stage=Stage.LIVE, actor=None, now=LATER, evidence=evidence)
    begun.deal.account.refresh_from_db()
