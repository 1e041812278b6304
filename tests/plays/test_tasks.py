"""Tasks are done, put off, given away and taken back, and move their play."""

from datetime import timedelta

import pytest

from accounts.models import Account
from plays.actions.closing import close, settle
from plays.actions.definitions import (
    InvalidPlay,
    NotDraft,
    NotInForce,
    StalePlay,
    publish,
    retire,
    save_draft,
)
from plays.actions.runs import AlreadyRunning, PlayIsOff, ReasonNeeded, dismiss_run, start_by_hand
from plays.actions.tasks import (
    NoMember,
    NoTitle,
    PastSnooze,
    PlayIsOver,
    StaleTask,
    TaskIsClosed,
    TaskIsOpen,
    add_task,
    drop_task,
    finish_task,
    plan_task,
    reassign_task,
    reopen_task,
    snooze_task,
)
from plays.models import Play, Run, Task
from plays.queries.reach import tasks_in_reach
from tenants.actor import Actor
from tenants.models import Tenant, TrailEntry
from tenants.roles import Can, Role
from tests import make
from tests.make import NOW, TODAY
from tests.plays.conftest import BODY, put_in_force

SOON = NOW + timedelta(hours=1)


@pytest.fixture
def run(account: Account, csm: Actor) -> Run:
    play = put_in_force(success={"within_days": 20})
    return start_by_hand(account=account, play=play, actor=csm, now=NOW)


def steps(run: Run) -> list[Task]:
    return list(Task.objects.filter(run=run).order_by("step"))


def test_the_last_step_completes_a_play_without_a_condition(run: Run, csm: Actor):
    for task in steps(run):
        finish_task(task=task, actor=csm, now=SOON)
    run.refresh_from_db()
    assert (run.state, run.outcome, run.first_action_at) == ("completed", "success", SOON)


def test_reopening_takes_the_completion_back(run: Run, csm: Actor):
    for task in steps(run):
        finish_task(task=task, actor=csm, now=SOON)
    reopen_task(task=steps(run)[1], actor=csm, now=SOON)
    run.refresh_from_db()
    assert (run.state, run.closed_at) == ("in_progress", None)
    assert steps(run)[1].state == "open"
    with pytest.raises(TaskIsOpen):
        reopen_task(task=steps(run)[1], actor=csm, now=SOON)


def test_a_task_of_a_closed_play_stays_closed(run: Run, csm: Actor):
    done = finish_task(task=steps(run)[0], actor=csm, now=SOON)
    dismiss_run(run=run, actor=csm, now=SOON + timedelta(hours=1), reason="Not theirs")
    with pytest.raises(PlayIsOver):
        reopen_task(task=done, actor=csm, now=SOON)


def test_a_step_that_a_dismissal_dropped_does_not_revive_the_play(run: Run, csm: Actor):
    dismiss_run(run=run, actor=csm, now=SOON, reason="Not theirs")
    with pytest.raises(PlayIsOver):
        reopen_task(task=steps(run)[0], actor=csm, now=SOON)


def test_what_somebody_closed_meanwhile_is_not_closed_again(run: Run, csm: Actor):
    seen = Run.objects.select_related("play").get(pk=run.pk)
    dismiss_run(run=run, actor=csm, now=SOON, reason="Not theirs")
    close([seen], state=Run.State.EXPIRED, outcome="no_effect", now=SOON + timedelta(hours=1))
    run.refresh_from_db()
    assert (run.state, run.reason, run.closed_at) == ("dismissed", "Not theirs", SOON)


def test_a_step_of_a_play_that_started_again_stays_closed(run: Run, account: Account, csm: Actor):
    for task in steps(run):
        finish_task(task=task, actor=csm, now=SOON)
    again = {"play": run.play, "play_key": run.play_key, "account": account, "started_at": SOON}
    Run.objects.create(
        **again, episode_on=TODAY + timedelta(days=1), first_action_due_at=SOON, evidence={}
    )
    with pytest.raises(PlayIsOver):
        reopen_task(task=steps(run)[1], actor=csm, now=SOON)


def test_a_managers_reach_ends_at_the_accounts_of_another_team(
    run: Run, account: Account, acme: Tenant, csm: Actor
):
    Task.objects.update(owner=None)
    manager = make.member(acme, Role.MANAGER, team="Elsewhere")
    assert not tasks_in_reach(manager, Can.WORK_TASKS).exists()
    Account.objects.update(owner=None)
    assert tasks_in_reach(manager, Can.WORK_TASKS).count() == Task.objects.count() > 0
    Account.objects.update(archived_at=NOW)
    assert not tasks_in_reach(manager, Can.WORK_TASKS).exists()


@pytest.mark.case("H5")
def test_a_task_is_done_once_and_by_what_was_seen(run: Run, csm: Actor):
    task = steps(run)[0]
    with pytest.raises(StaleTask):
        finish_task(task=task, actor=csm, now=SOON, seen_version=7)
    finish_task(task=task, actor=csm, now=SOON, seen_version=1)
    with pytest.raises(TaskIsClosed):
        finish_task(task=task, actor=csm, now=SOON)


def test_snooze_and_back(run: Run, csm: Actor):
    task = steps(run)[0]
    with pytest.raises(PastSnooze):
        snooze_task(task=task, actor=csm, now=NOW, until=NOW)
    later = snooze_task(task=task, actor=csm, now=NOW, until=SOON, reason="On leave")
    assert (later.snoozed_until, later.snooze_reason) == (SOON, "On leave")
    back = snooze_task(task=task, actor=csm, now=NOW, until=None)
    assert (back.snoozed_until, back.snooze_reason, back.version) == (None, "", 3)


def test_tasks_on_their_own(account: Account, csm: Actor, rival: Tenant):
    with pytest.raises(NoTitle):
        add_task(account=account, owner=csm.user, title=" ", actor=csm, now=NOW)
    stranger = make.member(rival)
    with pytest.raises(NoMember):
        add_task(account=account, owner=stranger.user, title="Call", actor=csm, now=NOW)
    task = add_task(account=account, owner=csm.user, title=" Call ", actor=csm, now=NOW)
    assert (task.title, task.version) == ("Call", 1)
    assert plan_task(task=task, actor=csm, now=NOW, on=TODAY).planned_on == TODAY
    mate = make.member(csm.tenant)
    assert mate.user is not None
    assert reassign_task(task=task, owner=mate.user, actor=csm, now=NOW).owner == mate.user
    dropped = drop_task(task=task, actor=csm, now=NOW, reason="Solved itself")
    assert dropped.state == "dropped"
    verbs = set(TrailEntry.objects.filter(object_id=task.pk).values_list("verb", flat=True))
    assert {"plays.task_added", "plays.task_planned", "plays.task_reassigned"} <= verbs


def test_a_play_by_hand(run: Run, account: Account, csm: Actor):
    assert run.evidence["reason"] == "Started by Maya Okafor"
    with pytest.raises(AlreadyRunning):
        start_by_hand(account=account, play=run.play, actor=csm, now=NOW)
    with pytest.raises(ReasonNeeded):
        dismiss_run(run=run, actor=csm, now=NOW, reason=" ")
    dismiss_run(run=run, actor=csm, now=NOW, reason="Not theirs")
    with pytest.raises(AlreadyRunning):
        start_by_hand(account=account, play=run.play, actor=csm, now=NOW)
    settle(day=TODAY, now=NOW)
    retire(key=run.play_key, author=csm.user, now=NOW)
    with pytest.raises(PlayIsOff):
        start_by_hand(account=account, play=run.play, actor=csm, now=NOW)


def test_versions_of_a_play(account: Account, csm: Actor):
    first = put_in_force()
    with pytest.raises(NotDraft):
        publish(play=first, author=csm.user, now=NOW)
    body = BODY | {"cooldown_days": 10}
    with pytest.raises(StalePlay):
        save_draft(key=first.key, name="X", body=body, author=None, now=NOW, seen_version=0)
    with pytest.raises(InvalidPlay, match="priority"):
        save_draft(key=first.key, name="X", body=BODY | {"priority": 9}, author=None, now=NOW)
    draft = save_draft(key=first.key, name="X", body=body, author=None, now=NOW, seen_version=1)
    again = save_draft(key=first.key, name="Y", body=body, author=None, now=NOW, seen_version=2)
    assert draft == again
    publish(play=again, author=csm.user, now=NOW)
    assert list(Play.objects.order_by("version").values_list("state", flat=True)) == [
        "retired",
        "published",
    ]
    retire(key=first.key, author=csm.user, now=NOW)
    with pytest.raises(NotInForce):
        retire(key=first.key, author=csm.user, now=NOW)
