"""Goals, measurements and critical events: what the actions refuse and what follows from them."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.db import connection

from accounts.models import Account
from spiced.actions import endings, events, goals, holding, measurements, moves
from spiced.models import CriticalEvent, ImpactGoal, Note
from spiced.queries.events import events_of
from spiced.queries.notes import current_note, elements_of
from tenants.models import TrailEntry
from tenants.scope import act_for
from tests import make
from tests.make import NOW, TODAY

HOURS = {
    "statement": "Answer faster", "measure": "Response time", "unit": "h", "baseline": 8.0,
    "target": 2.0, "deadline_on": date(2027, 3, 31),
}  # fmt: skip


@pytest.fixture
def account(inside, csm):
    return make.account(owner=csm.user)


@pytest.fixture
def priya(account):
    return make.contact(account)


def rational(account, csm, **changes):
    return goals.save_rational_goal(account=account, actor=csm, now=NOW, **HOURS | changes)


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("measure", " ", "a measure"),
        ("unit", "", "a unit"),
        ("baseline", None, "a baseline"),
        ("target", None, "a target"),
        ("target", 8.0, "a target other than the baseline"),
        ("deadline_on", None, "a date"),
    ],
)
def test_a_rational_goal_without_a_from_and_a_to_is_refused(account, csm, field, value, named):
    with pytest.raises(goals.IncompleteGoal, match=named):
        rational(account, csm, **{field: value})
    assert not ImpactGoal.objects.exists()


def test_an_emotional_goal_needs_a_person_of_the_account_and_their_words(account, csm, priya):
    keep = {"account": account, "actor": csm, "now": NOW}
    with pytest.raises(goals.IncompleteGoal, match="a person"):
        goals.save_emotional_goal(**keep, statement="I sleep")
    with pytest.raises(goals.IncompleteGoal, match="their words"):
        goals.save_emotional_goal(**keep, statement=" ", person=priya)
    stranger = make.contact(make.account("Initech"), "Sam Lee")
    with pytest.raises(holding.NotOfAccount):
        goals.save_emotional_goal(**keep, statement="I sleep", person=stranger)
    assert goals.save_emotional_goal(**keep, statement="I sleep", person=priya).target == 4


def test_only_a_confirmed_measurement_achieves_a_goal(account, csm, priya):
    goal = rational(account, csm)
    reading = measurements.measure_goal(goal=goal, actor=csm, now=NOW, value=2.0, measured_on=TODAY)
    goal.refresh_from_db()
    assert goal.status == "active"
    measurements.confirm_measurement(measurement=reading, actor=csm, now=NOW, confirmed_by=priya)
    goal.refresh_from_db()
    assert goal.status == "achieved"
    with pytest.raises(measurements.AlreadyConfirmed):
        measurements.confirm_measurement(
            measurement=reading, actor=csm, now=NOW, confirmed_by=priya
        )


def test_a_retired_goal_takes_no_more_measurements(account, csm):
    goal = endings.retire_goal(goal=rational(account, csm), actor=csm, now=NOW)
    with pytest.raises(goals.ClosedGoal):
        measurements.measure_goal(goal=goal, actor=csm, now=NOW, value=2.0, measured_on=TODAY)


def test_an_event_that_moves_twice_is_only_compelling_and_the_note_follows(account, csm, priya):
    make.whole_note(account, csm, priya)
    event = CriticalEvent.objects.get()
    for days in (10, 20):
        event.refresh_from_db()
        moves.move_event(
            event=event, actor=csm, now=NOW, on=TODAY + timedelta(days=days), reason="Auditor ill"
        )
    event.refresh_from_db()
    assert (event.times_moved, event.level) == (2, "compelling")
    assert elements_of(current_note(account))["CE"].details["on"] == event.on.isoformat()
    assert elements_of(Note.objects.get(version=1))["CE"].details["on"] == "2026-12-15"


def test_a_confirmed_date_that_the_note_changes_has_moved(account, csm, priya):
    make.whole_note(account, csm, priya)
    events.confirm_event(event=CriticalEvent.objects.get(), actor=csm, now=NOW, confirmed_by=priya)
    make.note(account, csm, CE={"on": "2027-01-15"})
    event = CriticalEvent.objects.get()
    assert (event.times_moved, event.confirmed_at) == (1, None)


def test_a_date_alone_cannot_be_confirmed_as_critical(account, csm, priya):
    event = events.save_event(
        account=account, actor=csm, now=NOW, statement="Renewal", on=date(2027, 2, 28)
    )
    assert event.level == "compelling"
    with pytest.raises(events.NotCritical):
        events.confirm_event(event=event, actor=csm, now=NOW, confirmed_by=priya)
    endings.close_event(event=event, actor=csm, now=NOW, status="met")
    with pytest.raises(events.ClosedEvent):
        moves.move_event(event=event, actor=csm, now=NOW, on=TODAY, reason="")


def test_an_event_needs_a_date_or_a_condition(account, csm):
    with pytest.raises(events.NoDate):
        events.save_event(account=account, actor=csm, now=NOW, statement="Audit")
    event = events.save_event(
        account=account, actor=csm, now=NOW, statement="Scale", condition="A million users",
        consequence="We pay a fine",
    )  # fmt: skip
    assert event.level == "critical"


def test_a_measurement_confirmed_from_a_page_left_open_takes_no_goal_out_of_retirement(
    account, csm, priya
):
    goal = rational(account, csm)
    reading = measurements.measure_goal(goal=goal, actor=csm, now=NOW, value=2.0, measured_on=TODAY)
    endings.retire_goal(goal=ImpactGoal.objects.get(), actor=csm, now=NOW, reason="Sold")
    with pytest.raises(goals.ClosedGoal):
        measurements.confirm_measurement(
            measurement=reading, actor=csm, now=NOW, confirmed_by=priya
        )
    with pytest.raises(goals.ClosedGoal):
        measurements.measure_goal(goal=goal, actor=csm, now=NOW, value=3.0, measured_on=TODAY)
    assert ImpactGoal.objects.get().status == "retired"


def test_a_date_moved_and_a_note_saved_at_once_do_not_wait_for_each_other(
    transactional_db, acme, csm
):
    with act_for(acme.pk):
        account = make.account(owner=csm.user)
        make.whole_note(account, csm, make.contact(account))
        event = CriticalEvent.objects.get()
    begun = threading.Event()

    def move() -> None:
        try:
            with act_for(acme.pk):
                begun.set()
                moves.move_event(
                    event=event, actor=csm, now=NOW, on=TODAY + timedelta(days=9), reason="Ill"
                )
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with act_for(acme.pk):
            Account.objects.select_for_update().get(pk=account.pk)  # as whoever saves a note
            mover = pool.submit(move)
            assert begun.wait(10)
            time.sleep(0.5)
            CriticalEvent.objects.filter(pk=event.pk).update(consequence="We pay more")
        mover.result()
    with act_for(acme.pk):
        event.refresh_from_db()
        assert (event.times_moved, event.on) == (1, TODAY + timedelta(days=9))


def test_a_retired_goal_is_taken_up_again_as_it_was(account, csm, priya):
    make.whole_note(account, csm, priya)
    goal = ImpactGoal.objects.get(kind="rational")
    ImpactGoal.objects.filter(pk=goal.pk).update(status="achieved")
    endings.retire_goal(goal=goal, actor=csm, now=NOW, reason="Sold the unit")
    with pytest.raises(goals.ClosedGoal):
        endings.retire_goal(goal=goal, actor=csm, now=NOW, reason="Again")
    goal = endings.restore_goal(goal=goal, actor=csm, now=NOW)
    assert (goal.status, goal.is_in_note) == ("achieved", True)
    with pytest.raises(endings.StillOpen):
        endings.restore_goal(goal=goal, actor=csm, now=NOW)
    verbs = TrailEntry.objects.filter(object_id=goal.pk).order_by("id").values_list("verb", "facts")
    assert [verb for verb, _ in verbs][-2:] == ["spiced.goal_retired", "spiced.goal_restored"]
    assert dict(verbs)["spiced.goal_retired"]["reason"] == "Sold the unit"


def test_a_goal_comes_back_beside_the_one_the_note_speaks_of_by_now(account, csm, priya):
    make.whole_note(account, csm, priya)
    goal = ImpactGoal.objects.get(kind="rational")
    endings.retire_goal(goal=goal, actor=csm, now=NOW, reason="Sold the unit")
    make.note(account, csm, I={"target": 90})
    assert not endings.restore_goal(goal=goal, actor=csm, now=NOW).is_in_note


def test_a_move_taken_back_never_was(account, csm, priya):
    make.whole_note(account, csm, priya)
    event = CriticalEvent.objects.get()
    event = events.confirm_event(event=event, actor=csm, now=NOW, confirmed_by=priya)
    moves.move_event(event=event, actor=csm, now=NOW, on=date(2027, 1, 10), reason="Auditor ill")
    event = moves.take_back_move(event=event, actor=csm, now=NOW)
    assert (event.on, event.times_moved) == (date(2026, 12, 15), 0)
    assert (event.confirmed_by, event.confirmed_at) == (priya, NOW)
    assert elements_of(current_note(account))["CE"].details["on"] == "2026-12-15"
    with pytest.raises(moves.NoMove):
        moves.take_back_move(event=event, actor=csm, now=NOW)


def test_the_moves_of_an_event_are_told_without_those_taken_back(account, csm):
    event = events.save_event(
        account=account, actor=csm, now=NOW, statement="Audit", on=TODAY, consequence="A fine"
    )
    for days, reason in ((1, "Ill"), (2, "A slip"), (3, "Ill still")):
        moves.move_event(
            event=event, actor=csm, now=NOW, on=TODAY + timedelta(days=days), reason=reason
        )
        if days == 2:
            moves.take_back_move(event=event, actor=csm, now=NOW)
    (dated,) = events_of(account)
    assert [move.reason for move in dated.moves] == ["Ill", "Ill still"]
    assert (dated.moved, dated.event.level, dated.may_be_taken_back) == (
        "moved twice", "compelling", True,
    )  # fmt: skip


def test_an_event_moves_to_another_date_and_past_nobodys_back(account, csm):
    event = events.save_event(account=account, actor=csm, now=NOW, statement="Audit", on=TODAY)
    with pytest.raises(moves.SameDate):
        moves.move_event(event=event, actor=csm, now=NOW, on=TODAY, reason="None")
    later = TODAY + timedelta(days=5)
    moves.move_event(event=event, actor=csm, now=NOW, on=later, reason="Ill", seen_moves=0)
    with pytest.raises(moves.EventMoved):
        moves.move_event(
            event=event, actor=csm, now=NOW, on=TODAY + timedelta(days=9), reason="Ill",
            seen_moves=0,
        )  # fmt: skip


def test_a_closed_event_is_opened_again(account, csm, priya):
    make.whole_note(account, csm, priya)
    event = CriticalEvent.objects.get()
    endings.close_event(event=event, actor=csm, now=NOW, status="met", reason="Passed")
    event = endings.reopen_event(event=event, actor=csm, now=NOW)
    assert (event.status, event.is_in_note) == ("open", True)
    with pytest.raises(endings.StillOpen):
        endings.reopen_event(event=event, actor=csm, now=NOW)
    entry = TrailEntry.objects.get(verb="spiced.event_closed")
    assert (entry.facts["status"], entry.facts["reason"]) == ("it was met", "Passed")
