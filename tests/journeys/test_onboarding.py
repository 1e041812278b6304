"""Onboarding from the accepted handoff to an evidenced First Impact."""

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest

from accounts.models import Contact
from bowtie.actions.departures import TAKEN_BACK
from bowtie.actions.first_impact import revoke_first_impact
from bowtie.actions.moves import move
from bowtie.actions.taking_back import stay_before, take_back
from bowtie.rules.gates import GO_LIVE
from bowtie.rules.stages import Stage
from journeys.actions.endings import NoEvidence, NoReason, end_onboarding, leave_onboarding
from journeys.actions.handoff_answers import accept_handoff
from journeys.actions.handoffs import save_handoff, submit_handoff
from journeys.actions.heard import follow
from journeys.actions.onboardings import (
    AlreadyOnboarding,
    DateInPast,
    OnboardingOver,
    TemplateNotInForce,
    WrongStage,
    agree_on,
    begin_onboarding,
)
from journeys.actions.plan_changes import (
    BadPlanTask,
    CircleOfTasks,
    Said,
    StrangerOnPlan,
    add_plan_task,
    change_plan_task,
)
from journeys.actions.plan_tasks import (
    ComesAfter,
    NoSuchSide,
    PlanTaskIsClosed,
    PlanTaskIsOpen,
    StalePlanTask,
    finish_plan_task,
    hold_plan_task,
    reopen_plan_task,
    skip_plan_task,
)
from journeys.actions.templates import (
    InvalidTemplate,
    NotDraft,
    NotInForce,
    StaleTemplate,
    TouchModelTaken,
    install_defaults,
    publish,
    retire,
    save_draft,
)
from journeys.models import Handoff, Onboarding, OnboardingTemplate, PlanTask, Turn
from journeys.queries.onboardings import cases, of_account, pushed_by
from journeys.queries.shared_plan import visible_plan
from journeys.queries.templates import template_for
from plays.actions.tasks import drop_task, finish_task, reassign_task, reopen_task
from plays.models import Task
from spiced.actions.goals import save_emotional_goal, save_rational_goal
from spiced.actions.measurements import measure_goal
from tenants.actor import Actor
from tenants.errors import Refused
from tenants.models import TrailEntry
from tenants.scope import act_for
from tenants.trail import record
from tests import make
from tests.journeys.conftest import Deal
from tests.make import NOW, TODAY

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=3)


@dataclass
class Begun:
    """An account whose handoff was accepted, and its plan of a month."""

    deal: Deal
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


@pytest.fixture
def begun(deal: Deal):
    with act_for(deal.tenant.pk):
        install_defaults(author=None, now=NOW)
        saved = save_handoff(
            handoff=deal.handoff, actor=deal.seller.user, now=NOW, seen_version=1, given=deal.said
        )
        submit_handoff(handoff=saved, actor=deal.seller.user, now=NOW)
        accept_handoff(handoff=deal.handoff, actor=deal.csm.user, now=NOW)
        deal.account.refresh_from_db()
        found = of_account(deal.account.pk)
        assert found is not None
        yield Begun(deal, deal.csm, found)


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


def test_accepting_the_handoff_begins_the_plan_of_the_touch_model(begun: Begun):
    onboarding = begun.onboarding
    assert onboarding.template.key == "low_30"
    assert onboarding.anchor_on == TODAY
    assert onboarding.owner_id == begun.csm.user_id
    assert begun.task("handoff_accepted").state == "done"
    assert begun.queued() == {"Send the welcome, book the kickoff"}
    theirs = begun.task("intake_returned")
    assert theirs.contact is not None and theirs.contact.name == "Priya Raman"
    assert onboarding.planned_on == begun.task("first_impact_confirmed").due_on
    assert TrailEntry.objects.filter(verb="journeys.onboarding_begun").count() == 1


def test_a_second_plan_and_one_from_a_draft_or_for_a_stranger_are_refused(begun: Begun):
    template = begun.onboarding.template
    said = {"template": template, "actor": None, "now": NOW, "anchor_on": TODAY}
    with pytest.raises(AlreadyOnboarding):
        begin_onboarding(account=begun.deal.account, **said)
    prospect = make.account("Prospect", stage="prospect")
    with pytest.raises(WrongStage):
        begin_onboarding(account=prospect, **said)
    live = make.account("Live", stage="live")
    with pytest.raises(DateInPast, match="anchor lies in the past"):
        begin_onboarding(account=live, **said | {"anchor_on": TODAY - timedelta(days=1)})
    draft = save_draft(key="x", name="X", body=template.body, author=None, now=NOW)
    with pytest.raises(TemplateNotInForce):
        begin_onboarding(account=live, **said | {"template": draft})
    assert begin_onboarding(account=live, **said).anchor_on == TODAY


def test_all_tasks_done_but_no_evidence_is_still_onboarding(begun: Begun):
    for task in PlanTask.objects.filter(onboarding=begun.onboarding, state="open").order_by(
        "position"
    ):
        try:
            finish_plan_task(task=task, actor=begun.csm.user, now=LATER)
        except NoEvidence:
            skip_plan_task(task=task, actor=begun.csm.user, now=LATER, reason="Nothing to show")
    assert not PlanTask.objects.filter(onboarding=begun.onboarding, state="open").exists()
    with pytest.raises(NoEvidence, match="not with its tasks"):
        end_onboarding(onboarding=begun.onboarding, actor=begun.csm.user, now=LATER)
    begun.onboarding.refresh_from_db()
    assert begun.onboarding.ended_at is None
    begun.deal.account.refresh_from_db()
    assert begun.deal.account.stage == Stage.ONBOARDING


@pytest.mark.parametrize(
    "said",
    [{"evidence": " "}, {"value": 80}, {"by": "end_user"}],
    ids=["no evidence", "a fifth of the way", "no decider"],
)
def test_what_is_no_first_impact_ends_nothing(begun: Begun, said: dict):
    confirm(begun, **said)
    go_live(begun)
    with pytest.raises(NoEvidence):
        end_onboarding(onboarding=begun.onboarding, actor=begun.csm.user, now=LATER)


def test_a_measured_result_ends_it_and_leaves_the_transition_to_do(begun: Begun):
    confirm(begun)
    go_live(begun)
    ended = end_onboarding(onboarding=begun.onboarding, actor=begun.csm.user, now=LATER)
    assert (ended.state, ended.evidence_words) == ("reached", "Ledger export")
    assert begun.task("first_impact_confirmed").state == "done"
    assert begun.task("users_enabled").state == "skipped"
    assert begun.task("transition_reviewed").state == "open"
    assert begun.queued() == {"Review the transition, book the first review"}
    begun.deal.account.refresh_from_db()
    assert begun.deal.account.stage == Stage.FIRST_IMPACT
    with pytest.raises(OnboardingOver):
        end_onboarding(onboarding=begun.onboarding, actor=begun.csm.user, now=LATER)
    begun.finish("transition_reviewed")
    assert begun.queued() == set()


def test_a_quote_ends_it_as_well(begun: Begun):
    account, person = begun.deal.account, Contact.objects.get(account=begun.deal.account)
    goal = save_emotional_goal(
        account=account, actor=begun.csm, now=NOW, statement="Sleep", person=person
    )
    measure_goal(
        goal=goal, actor=begun.csm, now=LATER, value=4, measured_on=LATER.date(),
        evidence="“I went home at five.”", confirmed_by=person,
    )  # fmt: skip
    go_live(begun)
    ended = end_onboarding(onboarding=begun.onboarding, actor=begun.csm.user, now=LATER)
    assert ended.evidence_words == "“I went home at five.”"


def test_impact_revoked_as_an_error_takes_the_onboarding_up_again(begun: Begun):
    confirm(begun)
    go_live(begun)
    ended = end_onboarding(onboarding=begun.onboarding, actor=begun.csm.user, now=LATER)
    much_later = LATER + timedelta(days=5)
    begun.deal.account.refresh_from_db()
    revoke_first_impact(
        account=begun.deal.account, actor=begun.csm.user, now=much_later, reason="Wrong export",
        is_lead=True,
    )  # fmt: skip
    for _ in range(2):
        follow(since=NOW - timedelta(days=1), now=much_later)
    ended.refresh_from_db()
    assert (ended.state, ended.ended_at, ended.evidence_id) == ("open", None, None)
    assert begun.task("first_impact_confirmed").state == "open"
    assert begun.task("users_enabled").state == "open"
    (case,) = cases([ended], much_later)
    assert case.split.whole == much_later - ended.begun_at


def test_it_ends_without_first_impact_only_with_a_reason(begun: Begun):
    said = {"onboarding": begun.onboarding, "actor": begun.csm.user, "now": LATER}
    with pytest.raises(NoReason):
        leave_onboarding(reason=" ", **said)
    assert leave_onboarding(reason="Begun in error", **said).state == "left"
    assert begun.queued() == set()
    assert not Turn.objects.filter(ended_at=None).exists()


def test_tasks_come_in_their_order_and_the_next_one_is_queued(begun: Begun):
    with pytest.raises(ComesAfter, match="Send the welcome"):
        begun.finish("intake_returned")
    begun.finish("kickoff_booked")
    assert begun.queued() == set()  # the intake is theirs
    begun.finish("intake_returned")
    assert begun.queued() == {"Hold the kickoff"}
    with pytest.raises(PlanTaskIsClosed):
        begun.finish("intake_returned")
    stale = begun.task("kickoff_held")
    with pytest.raises(StalePlanTask):
        finish_plan_task(task=stale, actor=None, now=LATER, seen_version=stale.version - 1)


def test_a_task_of_the_plan_ticks_the_step_of_the_handoff_it_stands_for(begun: Begun):
    handoff = begun.deal.handoff
    handoff.refresh_from_db()
    handoff.steps = {"first_contact": NOW.isoformat()}
    handoff.save()
    begun.finish("kickoff_booked")
    handoff.refresh_from_db()
    assert set(handoff.steps) == {"first_contact", "kickoff_booked"}


def test_what_is_left_out_says_why_and_is_taken_back(begun: Begun):
    task = begun.task("kickoff_booked")
    with pytest.raises(NoReason):
        skip_plan_task(task=task, actor=None, now=LATER, reason="")
    skip_plan_task(task=task, actor=begun.csm.user, now=LATER, reason="Sales did")
    assert begun.task("kickoff_booked").state == "skipped"
    reopen_plan_task(task=task, actor=begun.csm.user, now=LATER)
    again = begun.task("kickoff_booked")
    assert (again.state, again.reason) == ("open", "")
    assert begun.queued() == {"Send the welcome, book the kickoff"}
    with pytest.raises(PlanTaskIsOpen):
        reopen_plan_task(task=task, actor=None, now=LATER)


def test_waiting_leaves_the_queue_changes_the_turn_and_comes_back(begun: Begun):
    task = begun.task("kickoff_booked")
    with pytest.raises(NoSuchSide):
        hold_plan_task(task=task, actor=None, now=NOW, on="weather")
    hold_plan_task(task=task, actor=begun.csm.user, now=LATER, on="them", reason="No dates yet")
    held = begun.task("kickoff_booked")
    assert (held.waiting_on, held.waiting_since) == ("them", LATER)
    assert begun.queued() == set()
    hold_plan_task(task=held, actor=None, now=LATER + timedelta(days=1), on="them")
    assert begun.task("kickoff_booked").waiting_since == LATER  # the same wait goes on
    reopen_plan_task(task=task, actor=begun.csm.user, now=LATER + timedelta(days=2))
    turns = list(Turn.objects.order_by("began_at").values_list("side", flat=True))
    assert turns == ["us", "them", "us"]
    (case,) = cases([begun.onboarding], LATER + timedelta(days=4))
    assert case.split.us == timedelta(days=5)
    assert case.split.them == timedelta(days=2)


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_done_the_two_sides_add_up_to_the_time_that_passed(begun: Begun, seed: int):
    chance, moment = random.Random(seed), NOW
    acts = [
        lambda t: finish_plan_task(task=t, actor=begun.csm.user, now=moment),
        lambda t: hold_plan_task(task=t, actor=None, now=moment, on="them"),
        lambda t: hold_plan_task(task=t, actor=None, now=moment, on="us"),
        lambda t: reopen_plan_task(task=t, actor=None, now=moment),
        lambda t: skip_plan_task(task=t, actor=None, now=moment, reason="why not"),
    ]
    done = 0
    for _ in range(40):
        moment += timedelta(seconds=chance.randint(0, 200_000), microseconds=chance.randint(0, 999))
        task = chance.choice(list(PlanTask.objects.filter(onboarding=begun.onboarding)))
        try:
            chance.choice(acts)(task)
            done += 1
        except Refused:
            continue
        until = moment + timedelta(hours=1)
        (case,) = cases([begun.onboarding], until)
        assert case.split.us + case.split.them == until - begun.onboarding.begun_at
    assert done > 5
    left = leave_onboarding(
        onboarding=begun.onboarding, actor=None, now=moment + timedelta(days=1), reason="over"
    )
    (case,) = cases([left], moment + timedelta(days=99))
    assert case.split.whole == left.ended_at - left.begun_at


def test_done_reopened_and_given_in_the_queue_reaches_the_plan(begun: Begun):
    queued = begun.task("kickoff_booked").task
    other = make.member(begun.deal.tenant, name="Omar Lee")
    reassign_task(task=queued, owner=other.user, actor=begun.csm, now=LATER)
    follow(since=NOW - timedelta(days=1), now=LATER)
    assert begun.task("kickoff_booked").owner_id == other.user_id
    finish_task(task=queued, actor=begun.csm, now=LATER)
    for _ in range(2):
        follow(since=NOW - timedelta(days=1), now=LATER)
    task = begun.task("kickoff_booked")
    assert (task.state, task.closed_by_id) == ("done", begun.csm.user_id)
    reopen_task(task=queued, actor=begun.csm, now=LATER)
    follow(since=NOW - timedelta(days=1), now=LATER)
    assert begun.task("kickoff_booked").state == "open"


def test_what_is_dropped_in_the_queue_stays_open_in_the_plan(begun: Begun):
    drop_task(task=begun.task("kickoff_booked").task, actor=begun.csm, now=LATER)
    follow(since=NOW - timedelta(days=1), now=LATER)
    assert begun.task("kickoff_booked").state == "open"
    assert begun.queued() == set()


def test_an_account_that_leaves_ends_its_onboarding(begun: Begun):
    move(account=begun.deal.account, to_stage=Stage.CHURNED, actor=None, now=LATER)
    follow(since=NOW - timedelta(days=1), now=LATER)
    begun.onboarding.refresh_from_db()
    assert (begun.onboarding.state, begun.onboarding.reason) == ("left", "The account left")


def test_a_lead_who_overrides_the_gate_ends_nothing_without_evidence(begun: Begun):
    move(
        account=begun.deal.account, to_stage=Stage.FIRST_IMPACT, actor=None, now=LATER,
        override_reason="They said so", is_lead=True,
    )  # fmt: skip
    follow(since=NOW - timedelta(days=1), now=LATER)
    begun.onboarding.refresh_from_db()
    assert begun.onboarding.ended_at is None


def test_a_later_date_moves_what_comes_after_and_is_counted(begun: Begun):
    task = begun.task("kickoff_held")
    before = {each.key: each.due_on for each in PlanTask.objects.all()}
    said = Said(due_on=task.due_on + timedelta(days=7), owner_id=task.owner_id,
                after=tuple(task.after), is_visible=True)  # fmt: skip
    moved = change_plan_task(task=task, actor=begun.csm.user, now=LATER, said=said)
    assert [each.key for each in moved][:2] == ["plan_agreed", "access_complete"]
    assert begun.task("plan_agreed").due_on > before["plan_agreed"]
    assert begun.task("plan_agreed").first_due_on == before["plan_agreed"]
    assert begun.task("intake_returned").due_on == before["intake_returned"]
    begun.onboarding.refresh_from_db()
    assert begun.onboarding.reschedules == 1
    queued = {each.title for each in Task.objects.filter(state="open")}
    assert queued == {"Send the welcome, book the kickoff"}
    (entry,) = TrailEntry.objects.filter(verb="journeys.plan_task_changed")
    assert entry.facts["changes"][0].startswith("due ")


def test_a_plan_refuses_circles_strangers_and_days_that_are_over(begun: Begun):
    task = begun.task("kickoff_booked")
    good = {"due_on": task.due_on + timedelta(days=9), "owner_id": task.owner_id}

    def change(**said):
        change_plan_task(task=task, actor=None, now=LATER, said=Said(**good | said))

    with pytest.raises(CircleOfTasks, match=r"Send the welcome.*Hold the kickoff"):
        change(after=("kickoff_held",))
    with pytest.raises(BadPlanTask, match="no task nowhere"):
        change(after=("nowhere",))
    with pytest.raises(DateInPast):
        change(due_on=LATER.date() - timedelta(days=1))
    with pytest.raises(StrangerOnPlan):
        change(owner_id=make.user().pk)
    stranger = make.contact(make.account("Other"))
    with pytest.raises(StrangerOnPlan):
        change(contact_id=stranger.pk)
    assert begun.task("kickoff_booked").version == task.version


def test_a_task_of_ones_own_is_marked_and_queued(begun: Begun):
    said = Said(due_on=LATER.date() + timedelta(days=4), owner_id=begun.csm.user_id)
    add = {"onboarding": begun.onboarding, "actor": None, "now": LATER, "said": said}
    with pytest.raises(BadPlanTask):
        add_plan_task(label="Works council", phase="kickoff", side="them", role="csm", **add)
    made = add_plan_task(label="Works council", phase="kickoff", side="us", role="csm", **add)
    assert made.is_custom
    assert "Works council" in begun.queued()


def test_another_date_is_agreed_beside_the_one_planned(begun: Begun):
    on = LATER.date() + timedelta(days=80)
    with pytest.raises(DateInPast):
        agree_on(onboarding=begun.onboarding, actor=None, now=LATER, on=TODAY)
    agreed = agree_on(onboarding=begun.onboarding, actor=None, now=LATER, on=on, reason="Audit")
    assert (agreed.agreed_on, agreed.planned_on) == (on, begun.onboarding.planned_on)
    assert agreed.reschedules == 1


def test_a_late_task_says_what_it_pushes(begun: Begun):
    (case,) = cases([begun.onboarding], NOW)
    today = begun.task("intake_returned").due_on + timedelta(days=7)
    keys = [each.key for each in pushed_by(begun.task("intake_returned"), case.tasks, today)]
    assert keys[:2] == ["kickoff_held", "plan_agreed"]


def test_the_account_sees_visible_tasks_and_nothing_else(begun: Begun):
    plan = visible_plan(begun.deal.account.pk)
    assert plan is not None
    labels = {each.label for each in plan.tasks}
    assert "Return the intake: goals, people, technical" in labels
    assert "Accept the handoff" not in labels
    (intake,) = [each for each in plan.tasks if each.label.startswith("Return")]
    assert (intake.waits_for, intake.owner, intake.phase) == ("them", "Priya Raman", "Kickoff")
    assert visible_plan(make.account("Other").pk) is None


def test_a_template_is_drafted_published_and_retired_while_open_plans_go_on(begun: Begun):
    old = begun.onboarding.template
    body = old.body | {"tasks": old.body["tasks"][1:]}
    with pytest.raises(InvalidTemplate, match="handoff_accepted"):
        save_draft(key=old.key, name="Low", body=body, author=None, now=LATER)
    for task in body["tasks"]:
        task["after"] = [key for key in task["after"] if key != "handoff_accepted"]
    with pytest.raises(StaleTemplate):
        save_draft(key=old.key, name="Low", body=body, author=None, now=LATER, seen_version=7)
    draft = save_draft(key=old.key, name="Low", body=body, author=None, now=LATER, seen_version=1)
    assert template_for("low") == old
    with pytest.raises(StaleTemplate):
        publish(template=draft, author=None, now=LATER, seen_version=1)
    publish(template=draft, author=None, now=LATER, seen_version=2)
    assert template_for("low") == draft
    with pytest.raises(NotDraft):
        publish(template=draft, author=None, now=LATER)
    assert begun.task("handoff_accepted").state == "done"  # a plan keeps what it began with
    retire(key=old.key, author=None, now=LATER)
    assert template_for("low") is None
    with pytest.raises(NotInForce):
        retire(key=old.key, author=None, now=LATER)


def test_one_template_is_in_force_for_a_touch_model(begun: Begun):
    body = begun.onboarding.template.body
    draft = save_draft(key="other", name="Other", body=body, author=None, now=LATER)
    with pytest.raises(TouchModelTaken, match="low, tech"):
        publish(template=draft, author=None, now=LATER)
    assert OnboardingTemplate.objects.filter(state="published").count() == 3


def test_an_account_that_is_back_takes_its_onboarding_up_again(begun: Begun):
    account = begun.deal.account
    entry = move(account=account, to_stage=Stage.CHURNED, actor=None, now=LATER)
    follow(since=NOW - timedelta(days=1), now=LATER)
    was_open = PlanTask.objects.filter(onboarding=begun.onboarding, state="open").count()
    back = LATER + timedelta(days=2)
    before = stay_before(entry)
    assert before is not None
    take_back(entry=entry, before=before, actor=None, now=back, reason="back")
    record(TAKEN_BACK, at=back, account_id=account.pk, stage=["churned", before.stage], reason="")
    for _ in range(2):
        follow(since=NOW - timedelta(days=1), now=back)
    begun.onboarding.refresh_from_db()
    assert (begun.onboarding.state, begun.onboarding.reason) == ("open", "")
    assert PlanTask.objects.filter(onboarding=begun.onboarding, state="open").count() == was_open
    assert begun.queued()
    entry_again = move(account=account, to_stage=Stage.CHURNED, actor=None, now=back)
    assert entry_again.left_at is None
    follow(since=NOW - timedelta(days=1), now=back + timedelta(hours=1))
    begun.onboarding.refresh_from_db()
    assert begun.onboarding.state == "left"


def test_an_onboarding_somebody_ended_is_not_taken_up_by_a_return(begun: Begun):
    leave_onboarding(onboarding=begun.onboarding, actor=None, now=LATER, reason="Begun in error")
    record(TAKEN_BACK, at=LATER + timedelta(days=1), account_id=begun.deal.account.pk,
           stage=["churned", "live"], reason="")  # fmt: skip
    follow(since=NOW - timedelta(days=1), now=LATER + timedelta(days=1))
    begun.onboarding.refresh_from_db()
    assert begun.onboarding.state == "left"


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
