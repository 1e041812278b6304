"""Onboarding begins with a joint plan, and asks until both sides agreed to it."""

from datetime import datetime, timedelta

import pytest

from accounts.models import Account
from bowtie.actions.moves import GateClosed, move
from bowtie.models import Stay
from bowtie.rules.stages import Stage
from charter.queries import calendar
from journeys.actions.asks import ask_all
from journeys.actions.joint_agreeing import agree_ours, agree_theirs
from journeys.actions.joint_drafts import draft_joint_plan
from journeys.actions.joint_plans import Anchor, begin_joint_plan
from journeys.actions.plan_tasks import finish_plan_task
from journeys.actions.templates import install_defaults
from journeys.models import JointPlan, JointStep, Onboarding, PlanTask
from journeys.queries.joint import joint_cases
from plays.models import Task
from spiced.models import CriticalEvent, Element
from tenants.jobs import Work
from tenants.models import TrailEntry
from tenants.scope import act_for
from tests import make
from tests.charter.test_views import SignIn
from tests.journeys.conftest import Deal
from tests.journeys.test_actions import accepted
from tests.make import NOW, TODAY

ASK = "Get the joint plan agreed by both sides"
MARCH = TODAY + timedelta(days=120)


@pytest.fixture
def mid(deal: Deal):
    with act_for(deal.tenant.pk):
        install_defaults(author=None, now=NOW)
        Account.objects.update(touch_model="mid")
        deal.account.refresh_from_db()
        yield deal


def event(deal: Deal, **more: object) -> CriticalEvent:
    fields = {"statement": "Audit", "on": MARCH, "consequence": "A finding", "recorded_at": NOW}
    return CriticalEvent.objects.create(account=deal.account, **fields | more)


def test_accepting_drafts_a_plan_for_the_next_critical_event(mid: Deal):
    event(mid, statement="Later", on=MARCH + timedelta(days=9))
    event(mid)
    event(mid, statement="A date alone", on=TODAY + timedelta(days=9), consequence="")
    event(mid, statement="Gone", on=TODAY - timedelta(days=9))
    accepted(mid)
    plan = JointPlan.objects.get()
    assert (plan.anchor, plan.anchor_name, plan.anchor_on) == ("event", "Audit", MARCH)
    assert plan.shown_at is None, "nothing is shown to the account by itself"
    assert JointStep.objects.filter(plan=plan).count() > 3
    stay = Stay.objects.get(left_at=None)
    assert stay.stage == "onboarding" and stay.evidence["joint_plan"] == str(plan.pk)


def test_without_an_event_it_counts_from_first_impact(mid: Deal):
    accepted(mid)
    plan, onboarding = JointPlan.objects.get(), Onboarding.objects.get()
    assert (plan.anchor, plan.anchor_name) == ("day", "First Impact")
    assert plan.anchor_on == onboarding.agreed_on


@pytest.mark.parametrize(("touch", "word"), [("mid", "on time"), ("high", "on time")])
def test_a_draft_has_room_in_the_window_of_its_touch_model(mid: Deal, touch: str, word: str):
    Account.objects.update(touch_model=touch)
    Element.objects.update(score=3)
    mid.account.refresh_from_db()
    accepted(mid)
    plan = JointPlan.objects.select_related("account", "event").get()
    (case,) = joint_cases([plan], NOW)
    assert case.word == word and plan.shortened_from == 65
    told = TrailEntry.objects.get(verb="journeys.joint_plan_begun")
    assert told.facts["shortened"] == [65, sum(step.days for step in case.steps)]
    assert (case.slack or 0) > 5


@pytest.mark.parametrize(
    ("ahead", "word", "shortened"),
    [(7, "infeasible", 65), (46, "tight", 65), (50, "on time", 65), (120, "on time", None)],
)
def test_a_draft_is_infeasible_only_where_the_shortest_steps_are(
    mid: Deal, sign_in: SignIn, ahead: int, word: str, shortened: int | None
):
    event(mid, on=TODAY + timedelta(days=ahead))
    accepted(mid)
    plan = JointPlan.objects.select_related("account", "event").get()
    (case,) = joint_cases([plan], NOW)
    assert case.word == word and plan.shortened_from == shortened
    page = sign_in(mid.csm).get(f"/acme/accounts/{mid.account.pk}/plan/").text
    assert ("these were shortened to the room there is" in page) is bool(shortened)


def test_a_plan_begun_by_hand_keeps_the_usual_steps(mid: Deal):
    soon = Anchor("day", "Launch", TODAY + timedelta(days=46))
    plan = begin_joint_plan(account=mid.account, actor=None, now=NOW, anchor=soon, buffer=5)
    assert plan.shortened_from is None
    assert sum(step.days for step in JointStep.objects.filter(plan=plan)) == 65


def test_a_plan_that_is_there_is_kept(mid: Deal):
    known = begin_joint_plan(
        account=mid.account, actor=None, now=NOW, anchor=Anchor("day", "Launch", MARCH), buffer=5
    )
    accepted(mid)
    assert JointPlan.objects.get().pk == known.pk


@pytest.mark.parametrize("touch", ["low", "tech", ""])
def test_low_and_tech_touch_are_asked_for_none(mid: Deal, touch: str):
    Account.objects.update(touch_model=touch)
    mid.account.refresh_from_db()
    assert draft_joint_plan(account=mid.account, actor=None, now=NOW) is None
    said = {"account": mid.account, "to_stage": Stage.ONBOARDING, "actor": None, "now": NOW}
    assert move(**said, evidence={"handoff": "x"}).stage == "onboarding"


def test_the_gate_asks_high_and_mid_for_a_joint_plan(mid: Deal):
    said = {"account": mid.account, "to_stage": Stage.ONBOARDING, "actor": None, "now": NOW}
    with pytest.raises(GateClosed, match="a joint plan, drafted"):
        move(**said, evidence={"handoff": "x"})
    assert move(**said, evidence={"handoff": "x", "joint_plan": "y"}).stage == "onboarding"


def night(now: datetime) -> list[str]:
    work = Work(tenant_id=make.some_id(), job_id=make.some_id(), cursor=None, now=now)
    ask_all(work, day=now.date().isoformat())
    return list(Task.objects.filter(title=ASK).values_list("state", flat=True))


def test_ten_working_days_after_the_kickoff_it_is_asked_for_until_agreed(mid: Deal):
    accepted(mid)
    held = NOW + timedelta(days=4)
    assert night(NOW + timedelta(days=60)) == [], "no kickoff yet"
    task = PlanTask.objects.get(key="kickoff_held")
    for each in PlanTask.objects.filter(key__in=["kickoff_booked", "intake_returned"]):
        finish_plan_task(task=each, actor=mid.csm.user, now=held)
    task.refresh_from_db()
    finish_plan_task(task=task, actor=mid.csm.user, now=held)
    hours = calendar()
    last = hours.add_days(held.astimezone(hours.zone).date(), 10)
    at = datetime.combine(last, NOW.timetz())
    assert night(at) == []
    over = datetime.combine(hours.add_days(last, 1), NOW.timetz())
    assert night(over) == ["open"] and night(over) == ["open"]
    plan = JointPlan.objects.get()
    agree_ours(plan=plan, actor=mid.csm.user, now=over)
    assert night(over) == ["open"], "one side alone is no agreement"
    person = make.contact(mid.account, "Ana Sol")
    agree_theirs(plan=plan, actor=mid.csm.user, now=over, contact=person)
    assert night(over) == ["done"]
    assert night(over + timedelta(days=99)) == ["done"]
