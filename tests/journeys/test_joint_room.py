"""A joint plan without room asks its owner once, and is quiet again once it fits."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from journeys.actions.joint_agreeing import agree_ours
from journeys.actions.joint_plans import Anchor, end_joint_plan, move_anchor
from journeys.actions.joint_room import keep_rooms, rooms_night
from journeys.models import JointPlan
from plays.actions.own_tasks import settle_task
from plays.models import Task
from tenants.jobs import Work
from tenants.models import TrailEntry
from tenants.scope import act_for
from tests import make
from tests.journeys.test_joint import Joint, joint  # noqa: F401
from tests.make import NOW, TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def inside(joint: Joint) -> Iterator[None]:  # noqa: F811
    with act_for(joint.tenant.pk):
        yield


def put(joint: Joint, days: int) -> JointPlan:  # noqa: F811
    """Count the plan back from so many days ahead."""
    anchor = Anchor("day", "Year end", TODAY + timedelta(days=days))
    return move_anchor(plan=joint.plan, actor=joint.csm.user, now=NOW, anchor=anchor, buffer=0)


def asked() -> list[tuple[str, str]]:
    """Tasks of plans: state and the first two words."""
    rows = Task.objects.filter(title__startswith="Joint plan").order_by("created_at", "pk")
    return [(each.state, " ".join(each.title.split()[2:4])) for each in rows]


def test_a_plan_that_fits_asks_nobody(joint: Joint):  # noqa: F811
    assert keep_rooms(now=NOW) == 0
    assert asked() == [] and joint.case().word == "on time"


def test_a_plan_that_loses_its_room_asks_the_owner_once(joint: Joint):  # noqa: F811
    put(joint, 40)
    assert joint.case().word == "infeasible" and asked() == [("open", "cannot hold")]
    task = Task.objects.get()
    assert (task.owner, task.account, task.priority) == (joint.csm.user, joint.account, 1)
    assert task.reason.startswith("Kickoff held: had to start by") and task.due_at > NOW
    for _ in range(2):
        keep_rooms(now=NOW + timedelta(days=1))
    put(joint, 41)
    assert asked() == [("open", "cannot hold")]
    told = TrailEntry.objects.filter(verb="journeys.joint_plan_short")
    assert [each.facts["word"] for each in told] == ["infeasible"]


def test_the_task_is_done_once_the_plan_fits_and_asked_anew_when_it_does_not(
    joint: Joint,  # noqa: F811
):
    put(joint, 40)
    put(joint, 200)
    assert asked() == [("done", "cannot hold")]
    plan = JointPlan.objects.get()
    assert (plan.room_word, plan.room_task) == ("", None)
    assert TrailEntry.objects.filter(verb="journeys.joint_plan_fits").count() == 1
    put(joint, 40)
    assert asked() == [("done", "cannot hold"), ("open", "cannot hold")]


def test_finishing_the_last_step_or_ending_the_plan_closes_the_task(joint: Joint):  # noqa: F811
    put(joint, 40)
    end_joint_plan(
        plan=joint.plan, actor=joint.csm.user, now=NOW, outcome="left", reason="They stopped"
    )
    assert asked() == [("dropped", "cannot hold")]
    assert not TrailEntry.objects.filter(verb="journeys.joint_plan_fits").exists()


def test_steps_that_are_done_give_room_back(joint: Joint):  # noqa: F811
    put(joint, 84)
    assert joint.case().word == "infeasible"
    joint.do(0, "done")
    assert joint.case().word == "tight" and asked() == [("open", "is tight")]
    joint.do(1, "done")
    joint.do(2, "done")
    assert joint.case().word == "on time" and asked() == [("done", "is tight")]


def test_what_somebody_closed_is_not_asked_again_until_it_gets_worse(joint: Joint):  # noqa: F811
    put(joint, 93)
    assert joint.case().word == "tight" and asked() == [("open", "is tight")]
    settle_task(task_id=Task.objects.get().pk, by=joint.csm.user, now=NOW, is_done=True)
    keep_rooms(now=NOW)
    assert asked() == [("done", "is tight")]
    put(joint, 60)
    assert asked() == [("done", "is tight"), ("open", "cannot hold")]
    settle_task(task_id=Task.objects.get(state="open").pk, by=joint.csm.user, now=NOW, is_done=True)
    put(joint, 93)
    assert joint.case().word == "tight"
    assert [state for state, _ in asked()] == ["done", "done"], "better is not asked about"


def test_a_day_that_passes_takes_room_away_and_the_night_says_so(joint: Joint):  # noqa: F811
    put(joint, 120)
    assert asked() == []
    late = NOW + timedelta(days=40)
    work = Work(joint.tenant.pk, make.some_id(), None, late)
    rooms_night(work, day=late.date().isoformat())
    assert work.statistics["changed"] == 1 and asked() == [("open", "cannot hold")]
    again = Work(joint.tenant.pk, make.some_id(), None, late)
    rooms_night(again, day=late.date().isoformat())
    assert again.statistics["changed"] == 0 and len(asked()) == 1


def test_the_night_leaves_ended_plans_and_archived_accounts_alone(joint: Joint):  # noqa: F811
    late = NOW + timedelta(days=400)
    put(joint, 190)
    joint.account.archived_at = NOW
    joint.account.save()
    assert keep_rooms(now=late) == 0
    joint.account.archived_at = None
    joint.account.save()
    end_joint_plan(plan=joint.plan, actor=None, now=NOW, outcome="achieved")
    assert keep_rooms(now=late) == 0 and asked() == []


def test_a_draft_nobody_took_up_asks_nobody_until_somebody_agrees(joint: Joint):  # noqa: F811
    late = NOW + timedelta(days=170)
    assert keep_rooms(now=late) == 0 and asked() == []
    assert joint.csm.user is not None
    agree_ours(plan=joint.plan, actor=joint.csm.user, now=late)
    assert asked() == [("open", "cannot hold")]


def test_an_account_of_nobody_has_a_task_of_nobody(joint: Joint):  # noqa: F811
    joint.account.owner = None
    joint.account.save()
    put(joint, 40)
    assert Task.objects.get().owner is None
