"""The tasks of an onboarding: their order, the queue, whose turn it is, and dates that move."""

import random
from datetime import timedelta

import pytest

from journeys.actions.after import finish_step
from journeys.actions.endings import NoReason, leave_onboarding
from journeys.actions.heard import follow
from journeys.actions.onboardings import (
    DateInPast,
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
from journeys.models import PlanTask, Turn
from journeys.queries.onboardings import cases, pushed_by
from journeys.queries.shared_plan import visible_plan
from plays.actions.tasks import drop_task, finish_task, reassign_task, reopen_task
from plays.models import Task
from tenants.errors import Refused
from tenants.models import TrailEntry
from tests import make
from tests.journeys.onboarded import LATER, Begun
from tests.make import NOW

pytestmark = pytest.mark.django_db


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


def test_a_step_noted_on_the_handoff_is_done_in_the_plan_as_well(begun: Begun):
    handoff = begun.onboarding.handoff
    assert handoff is not None
    for step in ("first_contact", "kickoff_booked"):
        handoff = finish_step(handoff=handoff, actor=begun.csm.user, now=LATER, step=step)
    assert begun.task("kickoff_booked").state == "open"
    for _ in range(2):
        follow(since=NOW - timedelta(days=1), now=LATER)
    task = begun.task("kickoff_booked")
    assert (task.state, task.closed_by_id) == ("done", begun.csm.user_id)
    assert begun.task("kickoff_held").state == "open"


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
