"""A joint plan from its first day to both sides' word, and what it refuses."""

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Account, Contact
from charter.actions import install_defaults
from charter.queries import calendar
from journeys.actions.joint_agreeing import (
    AlreadyAgreed,
    NoSuchPerson,
    NotJoint,
    agree_ours,
    agree_theirs,
)
from journeys.actions.joint_holding import JointPlanOver, StaleJointPlan
from journeys.actions.joint_plans import (
    AlreadyPlanned,
    Anchor,
    AnchorPassed,
    BadBuffer,
    NoAnchor,
    NoOutcome,
    anchor_of,
    begin_joint_plan,
    end_joint_plan,
    move_anchor,
    show_joint_plan,
)
from journeys.actions.joint_steps import (
    BadJointStep,
    CircleOfSteps,
    JointStepDone,
    StepsAhead,
    StepSaid,
    StrangerOnJointPlan,
    add_joint_step,
    change_joint_step,
    remove_joint_step,
    set_joint_step,
)
from journeys.models import JointAgreement, JointPlan, JointStep
from journeys.queries.joint import JointCase, changes_since, joint_cases, last_terms
from journeys.rules.backward import USUAL
from spiced.actions.events import save_event
from spiced.actions.moves import move_event
from tenants.actor import Actor
from tenants.errors import Refused
from tenants.models import Tenant, TrailEntry
from tenants.scope import act_for
from tests import make
from tests.make import NOW, TODAY

pytestmark = pytest.mark.django_db
FAR = TODAY + timedelta(days=200)


@dataclass
class Joint:
    """A plan with the usual steps, an owner on each side, and the people around it."""

    tenant: Tenant
    csm: Actor
    account: Account
    priya: Contact
    plan: JointPlan

    def step(self, at: int) -> JointStep:
        return JointStep.objects.get(plan=self.plan, key=f"step_{at}")

    def case(self) -> JointCase:
        plan = JointPlan.objects.select_related("account", "event").get(pk=self.plan.pk)
        return joint_cases([plan], NOW)[0]

    def said(self, at: int, **other: object) -> StepSaid:
        step = self.step(at)
        values = {
            "label": step.label, "days": step.days, "owner_id": step.owner_id,
            "contact_id": step.contact_id, "after": tuple(step.after),
        }  # fmt: skip
        return StepSaid(**(values | other))  # type: ignore[arg-type]

    def change(self, at: int, **other: object) -> JointStep:
        return change_joint_step(
            step=self.step(at), actor=self.csm.user, now=NOW, said=self.said(at, **other)
        )

    def do(self, at: int, state: str) -> JointStep:
        return set_joint_step(step=self.step(at), actor=self.csm.user, now=NOW, state=state)

    def both_agree(self) -> None:
        assert self.csm.user is not None
        agree_ours(plan=self.plan, actor=self.csm.user, now=NOW)
        agree_theirs(plan=self.plan, actor=self.csm.user, now=NOW, contact=self.priya)


@pytest.fixture
def joint(acme: Tenant, csm: Actor):
    with act_for(acme.pk):
        install_defaults(author=None, now=NOW)
        account = make.account("Northwind", owner=csm.user)
        priya = make.contact(account, roles=["champion"])
        plan = begin_joint_plan(
            account=account,
            actor=csm.user,
            now=NOW,
            anchor=Anchor("day", "Year end", FAR),
            buffer=5,
        )
        yield Joint(acme, csm, account, priya, plan)


def test_it_begins_with_the_usual_steps_dated_backwards_and_both_owners(joint: Joint):
    steps = list(JointStep.objects.filter(plan=joint.plan).order_by("position"))
    assert [step.label for step in steps] == [label for label, _, _ in USUAL]
    hours = calendar()
    assert steps[-1].due_on == hours.add_days(FAR, -5)
    for one, following in itertools.pairwise(steps):
        assert one.due_on == following.starts_on and following.after == [one.key]
    assert all(e.owner == joint.csm.user and e.contact == joint.priya for e in steps)
    assert joint.case().word == "on time" and joint.case().accord.word == "not agreed yet"


def test_an_anchor_is_an_open_event_the_renewal_or_a_named_day_ahead(joint: Joint, acme: Tenant):
    account, csm = joint.account, joint.csm
    event = save_event(account=account, actor=csm, now=NOW, statement="Audit", on=FAR)
    chosen = anchor_of(account, "event", event_id=event.pk, on=None)
    assert chosen == Anchor("event", "Audit", FAR, event)
    account.renews_on = FAR
    assert anchor_of(account, "renewal", on=None) == Anchor("renewal", "Renewal", FAR)
    foreign = save_event(
        account=make.account("Globex"), actor=csm, now=NOW, statement="Theirs", on=FAR
    )
    account.renews_on = None
    for kind, told in (
        ("event", {"event_id": foreign.pk}), ("event", {}), ("renewal", {}),
        ("day", {"name": " "}), ("nonsense", {"name": "Day"}),
    ):  # fmt: skip
        with pytest.raises(NoAnchor):
            anchor_of(account, kind, on=FAR if kind != "day" else None, **told)  # type: ignore[arg-type]
    begin = {"account": make.account("Initech"), "actor": csm.user, "now": NOW}
    for past in (TODAY, TODAY - timedelta(days=1)):
        with pytest.raises(AnchorPassed, match="not ahead"):
            begin_joint_plan(**begin, anchor=Anchor("day", "Gone", past), buffer=0)
    with pytest.raises(BadBuffer):
        begin_joint_plan(**begin, anchor=Anchor("day", "Day", FAR), buffer=-1)
    assert not JointPlan.objects.exclude(pk=joint.plan.pk).exists()


def test_an_account_has_one_open_plan(joint: Joint):
    again = {"account": joint.account, "actor": joint.csm.user, "now": NOW, "buffer": 5}
    with pytest.raises(AlreadyPlanned):
        begin_joint_plan(**again, anchor=Anchor("day", "Other", FAR))
    with pytest.raises(NoOutcome):
        end_joint_plan(plan=joint.plan, actor=None, now=NOW, outcome="left")
    with pytest.raises(NoOutcome):
        end_joint_plan(plan=joint.plan, actor=None, now=NOW, outcome="lost")
    end_joint_plan(plan=joint.plan, actor=joint.csm.user, now=NOW, outcome="achieved")
    with pytest.raises(JointPlanOver):
        joint.do(0, "begun")
    begin_joint_plan(**again, anchor=Anchor("day", "Other", FAR))


def test_a_longer_step_moves_what_comes_before_it_and_nothing_behind(joint: Joint):
    before = {at: joint.step(at).due_on for at in range(6)}
    joint.change(3, days=20)
    hours = calendar()
    for at in range(3):
        assert joint.step(at).due_on == hours.add_days(before[at], -10)
    assert all(joint.step(at).due_on == before[at] for at in (3, 4, 5))
    joint.do(0, "done")
    held = joint.step(0).due_on
    joint.change(3, days=10)
    assert joint.step(0).due_on == held and joint.step(1).due_on == before[1]


def test_infeasible_and_tight_are_said_with_the_step_and_the_reason(joint: Joint):
    anchor = Anchor("day", "Year end", TODAY + timedelta(days=30))
    move_anchor(plan=joint.plan, actor=None, now=NOW, anchor=anchor, buffer=5)
    case = joint.case()
    assert case.word == "infeasible" and [each.key for each in case.causes] == ["step_0"]
    assert "had to start by" in case.rooms["step_0"].reason
    hours = calendar()
    needed = sum(days for _, days, _ in USUAL) + 5
    on = hours.add_days(TODAY, needed + 3)
    move_anchor(
        plan=joint.plan, actor=None, now=NOW, anchor=Anchor("day", "Year end", on), buffer=5
    )
    assert joint.case().word == "tight" and joint.case().slack == 3
    assert joint.case().narrow[0].key == "step_0"


def test_a_circle_a_stranger_and_nonsense_are_refused_and_nothing_changes(
    joint: Joint, rival: Tenant
):
    other = make.contact(make.account("Globex"), "Somebody else")
    with pytest.raises(CircleOfSteps, match=r"Kickoff held → .* → Kickoff held"):
        joint.change(0, after=("step_5",))
    with pytest.raises(CircleOfSteps):
        joint.change(0, after=("step_0",))
    for wrong in ({"label": " "}, {"days": -1}, {"days": 251}, {"after": ("step_77",)}):
        with pytest.raises(BadJointStep):
            joint.change(0, **wrong)
    with pytest.raises(StrangerOnJointPlan):
        joint.change(0, contact_id=other.pk)
    with pytest.raises(StrangerOnJointPlan):
        joint.change(0, owner_id=make.user().pk)
    assert joint.case().plan.terms == 1


def test_steps_are_added_taken_out_and_done_in_their_order(joint: Joint):
    added = add_joint_step(
        plan=joint.plan, actor=joint.csm.user, now=NOW,
        said=StepSaid("Data validated", 4, joint.csm.user_id, joint.priya.pk, ("step_1",)),
    )  # fmt: skip
    assert added.key == "step_6"
    joint.change(2, after=("step_6",))
    with pytest.raises(StepsAhead, match="Configuration complete"):
        joint.do(6, "done")
    remove_joint_step(step=joint.step(1), actor=None, now=NOW)
    assert joint.step(6).after == ["step_0"]
    joint.do(0, "done")
    joint.do(6, "done")
    with pytest.raises(StepsAhead, match="Data validated"):
        joint.do(0, "open")
    with pytest.raises(JointStepDone):
        joint.change(6, days=9)
    with pytest.raises(JointStepDone):
        remove_joint_step(step=joint.step(6), actor=None, now=NOW)
    with pytest.raises(BadJointStep):
        joint.do(2, "perhaps")
    terms = joint.case().plan.terms
    joint.do(6, "open")
    assert joint.case().plan.terms == terms, "progress changes nothing that was agreed"


def test_both_sides_agree_once_and_a_change_asks_both_again(joint: Joint):
    joint.both_agree()
    assert joint.case().accord.word == "agreed"
    assert joint.csm.user is not None
    for again in (
        lambda: agree_ours(plan=joint.plan, actor=joint.csm.user, now=NOW),  # type: ignore[arg-type]
        lambda: agree_theirs(plan=joint.plan, actor=None, now=NOW, contact=joint.priya),
    ):
        with pytest.raises(AlreadyAgreed):
            again()
    joint.change(2, days=16)
    case = joint.case()
    assert case.accord.word == "changed since agreed" and not case.accord.is_agreed
    assert changes_since(case.plan, last_terms(case.plan)) == [
        "Users enabled takes 16 working days instead of 15"
    ]
    with pytest.raises(StaleJointPlan):
        agree_ours(plan=joint.plan, actor=joint.csm.user, now=NOW, seen_terms=1)
    joint.both_agree()
    assert joint.case().accord.word == "agreed" and JointAgreement.objects.count() == 4


def test_a_plan_is_agreed_once_every_step_is_joint(joint: Joint):
    assert joint.csm.user is not None
    joint.change(4, contact_id=None)
    with pytest.raises(NotJoint, match="First Impact measured"):
        agree_ours(plan=joint.plan, actor=joint.csm.user, now=NOW)
    joint.change(4, contact_id=joint.priya.pk)
    Contact.objects.filter(pk=joint.priya.pk).update(departed_on=TODAY)
    with pytest.raises(NotJoint):
        agree_ours(plan=joint.plan, actor=joint.csm.user, now=NOW)
    with pytest.raises(NoSuchPerson):
        gone = Contact.objects.get(pk=joint.priya.pk)
        agree_theirs(plan=joint.plan, actor=None, now=NOW, contact=gone)
    Contact.objects.filter(pk=joint.priya.pk).update(departed_on=None)
    JointPlan.objects.filter(pk=joint.plan.pk).update(anchor_on=TODAY - timedelta(days=1))
    with pytest.raises(AnchorPassed):
        agree_ours(plan=joint.plan, actor=joint.csm.user, now=NOW)
    JointPlan.objects.filter(pk=joint.plan.pk).update(anchor_on=FAR)
    for at in reversed(range(6)):
        remove_joint_step(step=joint.step(at), actor=None, now=NOW)
    with pytest.raises(NotJoint, match="no step"):
        agree_ours(plan=joint.plan, actor=joint.csm.user, now=NOW)


def test_an_event_that_moves_is_seen_and_moves_the_plan_only_when_told(joint: Joint):
    event = save_event(account=joint.account, actor=joint.csm, now=NOW, statement="Audit", on=FAR)
    chosen = anchor_of(joint.account, "event", event_id=event.pk, on=None)
    move_anchor(plan=joint.plan, actor=None, now=NOW, anchor=chosen, buffer=5)
    joint.both_agree()
    later = FAR + timedelta(weeks=2)
    move_event(event=event, actor=joint.csm, now=NOW, on=later, reason="Their board meets later")
    case = joint.case()
    assert case.now_on == later and case.plan.anchor_on == FAR and case.accord.is_agreed
    before = [step.due_on for step in case.steps]
    chosen = anchor_of(joint.account, "event", event_id=event.pk, on=None)
    move_anchor(plan=joint.plan, actor=None, now=NOW, anchor=chosen, buffer=5)
    case = joint.case()
    assert case.accord.is_changed and case.plan.anchor_on == later
    hours = calendar()
    assert [step.due_on for step in case.steps] == [hours.add_days(each, 10) for each in before]


def test_who_saved_second_over_a_changed_plan_is_told(joint: Joint):
    joint.change(1, days=6)
    with pytest.raises(StaleJointPlan):
        change_joint_step(
            step=joint.step(1), actor=None, now=NOW, said=joint.said(1, days=9), seen_terms=1
        )
    assert joint.step(1).days == 6
    entries = TrailEntry.objects.filter(verb="journeys.joint_plan_changed")
    assert [each.facts["changes"] for each in entries] == [
        ["Configuration complete takes 6 working days instead of 5"]
    ]


def test_showing_and_hiding_is_told_once(joint: Joint):
    for is_shown in (True, True, False):
        show_joint_plan(plan=joint.plan, actor=joint.csm.user, now=NOW, is_shown=is_shown)
    told = TrailEntry.objects.filter(verb="journeys.joint_plan_shown").order_by("id")
    assert [each.facts["is_shown"] for each in told] == [True, False]


def _at_once(tenant: Tenant, acts: list[Callable[[], object]]) -> list[str]:
    """Do things in threads of their own at the same time; "done", or the code of a refusal."""

    def run(act: Callable[[], object]) -> str:
        try:
            with act_for(tenant.pk):
                act()
            return "done"
        except Refused as refused:
            return refused.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(run, acts))


@pytest.mark.django_db(transaction=True)
def test_two_who_agree_at_once_agree_once(acme: Tenant, csm: Actor):
    now = timezone.now()
    with act_for(acme.pk):
        install_defaults(author=None, now=now)
        account = make.account("Northwind", owner=csm.user)
        make.contact(account, roles=["champion"])
        on: date = timezone.localdate(now) + timedelta(days=150)
        anchor = Anchor("day", "Year end", on)
        plan = begin_joint_plan(account=account, actor=csm.user, now=now, anchor=anchor, buffer=5)
    user = csm.user
    assert user is not None
    found = _at_once(acme, [lambda: agree_ours(plan=plan, actor=user, now=now, seen_terms=1)] * 3)
    assert found == ["already_agreed", "already_agreed", "done"]
    with act_for(acme.pk):
        assert JointAgreement.objects.filter(plan=plan).count() == 1
        assert TrailEntry.objects.filter(verb="journeys.joint_plan_agreed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_begin_at_once_begin_one_plan(acme: Tenant, csm: Actor):
    now = timezone.now()
    with act_for(acme.pk):
        install_defaults(author=None, now=now)
        account = make.account("Northwind", owner=csm.user)
    anchor = Anchor("day", "Year end", timezone.localdate(now) + timedelta(days=150))

    def begin() -> UUID:
        made = begin_joint_plan(account=account, actor=csm.user, now=now, anchor=anchor, buffer=5)
        return made.pk

    assert _at_once(acme, [begin] * 3) == ["already_planned", "already_planned", "done"]
