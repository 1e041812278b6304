"""Goals changed with their history, judged by the date they were agreed, and what they return."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account, Contact
from spiced.actions.goals import (
    GoalChanged,
    IncompleteGoal,
    WrongDates,
    change_goal,
    save_emotional_goal,
    save_rational_goal,
)
from spiced.actions.measurements import measure_goal
from spiced.models import ImpactGoal, ImpactMeasurement
from spiced.queries.impact import progress
from spiced.rules.impact import is_missed, measure_on, won, wrong_number
from tenants.actor import Actor
from tenants.models import Tenant
from tenants.scope import act_for
from tests import make
from tests.make import NOW, TODAY

SignIn = Callable[[Actor], Client]
HTMX = {"HX-Request": "true"}
DAY = timedelta(days=1)
HOURS: dict[str, Any] = {
    **{"statement": "Cases are answered sooner", "measure": "Response time", "unit": "h"},
    **{"baseline": 8.0, "target": 2.0, "deadline_on": date(2099, 3, 31)},
}


@pytest.fixture
def account(acme: Tenant, csm: Actor) -> Account:
    with act_for(acme.pk):
        return make.account("Northwind", owner=csm.user, stage="live", arr_minor=40_000_00)


@pytest.fixture
def priya(acme: Tenant, account: Account) -> Contact:
    with act_for(acme.pk):
        return make.contact(account)


@pytest.fixture
def maya(csm: Actor, sign_in: SignIn) -> Client:
    return sign_in(csm)


@pytest.fixture
def goal(acme: Tenant, csm: Actor, account: Account) -> ImpactGoal:
    with act_for(acme.pk):
        return save_rational_goal(account=account, actor=csm, now=NOW, **HOURS)


def form_of(goal: ImpactGoal, **more: object) -> dict[str, object]:
    held = {
        name: getattr(goal, name)
        for name in ("statement", "measure", "unit", "baseline", "target", "deadline_on")
    }
    return held | {"seen": goal.recorded_at.isoformat()} | more


def stored(acme: Tenant, goal: ImpactGoal) -> ImpactGoal:
    with act_for(acme.pk):
        return ImpactGoal.objects.get(pk=goal.pk)


def test_a_goal_is_changed_and_what_it_was_stays_readable(
    maya: Client, acme: Tenant, account: Account, goal: ImpactGoal
):
    edit, goals = f"/acme/goals/{goal.pk}/edit/", f"/acme/accounts/{account.pk}/goals/"
    assert edit in maya.get(goals).text and 'value="8.0"' in maya.get(edit).text
    sent = form_of(goal, target=1.5, category="time", method="Median of the help desk",
                   baseline_on="2026-09-01", measure_every_days=30)  # fmt: skip
    assert maya.post(edit, sent, headers=HTMX).status_code == 204
    changed = stored(acme, goal)
    assert (changed.target, changed.category, changed.measure_every_days) == (1.5, "time", 30)
    assert changed.baseline_on == date(2026, 9, 1)
    page = maya.get(goals).text
    assert "Changed 1 time" in page and "Maya Okafor" in page
    assert (
        "To from <del>2</del> to 1.5" in page and "Category from <del>nothing</del> to time" in page
    )
    assert "Median of the help desk" in page
    assert maya.post(edit, form_of(changed, target=1, category="time")).status_code == 302
    page = maya.get(goals).text
    assert "Changed 2 times" in page and "To from <del>1.5</del> to 1" in page


def test_a_text_somebody_else_overtook_is_refused_and_stays_in_the_form(
    maya: Client, acme: Tenant, csm: Actor, goal: ImpactGoal
):
    sent = form_of(goal, statement="My words")
    with act_for(acme.pk):
        change_goal(goal=goal, actor=csm, now=NOW + DAY, given={"target": 3.0})
        with pytest.raises(GoalChanged):
            change_goal(goal=goal, actor=csm, now=NOW, given={}, seen=NOW)
    answer = maya.post(f"/acme/goals/{goal.pk}/edit/", sent, headers=HTMX)
    assert answer.status_code == 409 and "My words" in answer.text
    assert stored(acme, goal).target == 3.0


def test_what_the_note_says_of_a_goal_is_changed_in_the_note(
    maya: Client, acme: Tenant, csm: Actor, account: Account, priya: Contact
):
    with act_for(acme.pk):
        make.whole_note(account, csm, priya)
        goal = ImpactGoal.objects.get(kind="rational")
    edit = f"/acme/goals/{goal.pk}/edit/"
    page = maya.get(edit).text
    assert "is changed in the note" in page and 'name="target"' not in page
    sent = {"unit_value": "500", "category": "revenue", "baseline_on": "2026-10-01"}
    assert maya.post(edit, sent).status_code == 302
    changed = stored(acme, goal)
    assert (changed.unit_value_minor, changed.target) == (500_00, 78)
    with act_for(acme.pk):
        with pytest.raises(Exception, match="Change there"):
            change_goal(goal=changed, actor=csm, now=NOW, given={"target": 90.0})
        make.note(account, csm, I={"target": 90})
    assert "To from <del>78</del> to 90" in maya.get(f"/acme/accounts/{account.pk}/goals/").text


def test_what_a_person_feels_is_changed_too(
    maya: Client, acme: Tenant, csm: Actor, account: Account, priya: Contact
):
    with act_for(acme.pk):
        sam = make.contact(account, "Sam Lee")
        goal = save_emotional_goal(
            account=account, actor=csm, now=NOW, statement="I sleep", person=priya
        )
    sent = {"person": str(sam.pk), "statement": "I sleep well", "target": "5"}
    assert maya.post(f"/acme/goals/{goal.pk}/edit/", sent).status_code == 302
    changed = stored(acme, goal)
    assert (changed.person_id, changed.target, changed.baseline) == (sam.pk, 5, 1)
    page = maya.get(f"/acme/accounts/{account.pk}/goals/").text
    assert "Whose from <del>Priya Raman</del> to Sam Lee" in page


def test_expected_counts_from_the_day_the_baseline_was_true(
    acme: Tenant, csm: Actor, account: Account, priya: Contact
):
    with act_for(acme.pk):
        goal = save_rational_goal(
            account=account, actor=csm, now=NOW,
            **HOURS | {"deadline_on": TODAY + 100 * DAY, "baseline_on": TODAY - 100 * DAY},
        )  # fmt: skip
        measure_goal(
            goal=goal, actor=csm, now=NOW, value=4, measured_on=TODAY, confirmed_by=priya,
            channel="call",
        )  # fmt: skip
        found = progress(account, TODAY)[0]
        assert (found.due, found.track) == (0.5, "on_track")
        assert ImpactMeasurement.objects.get().channel == "call"
        keep: dict[str, Any] = {"goal": goal, "actor": csm, "now": NOW}
        with pytest.raises(WrongDates, match="has not come"):
            change_goal(**keep, given={"baseline_on": TODAY + DAY})
        with pytest.raises(WrongDates, match="comes after"):
            change_goal(**keep, given={"deadline_on": TODAY - 100 * DAY})


def test_a_goal_whose_date_passed_is_missed_and_one_that_is_reached_is_not(
    maya: Client, acme: Tenant, csm: Actor, account: Account, priya: Contact
):
    today = timezone.localdate()
    late: dict[str, Any] = HOURS | {"deadline_on": today - DAY, "baseline_on": today - 90 * DAY}
    with act_for(acme.pk):
        goal = save_rational_goal(account=account, actor=csm, now=timezone.now(), **late)
        assert [each.standing for each in progress(account, today)] == ["missed"]
        assert not progress(account, today - DAY)[0].is_missed
    assert ">missed<" in maya.get(f"/acme/accounts/{account.pk}/goals/").text
    assert ">missed<" in maya.get("/acme/impact/").text
    with act_for(acme.pk):
        measure_goal(goal=goal, actor=csm, now=timezone.now(), value=2, measured_on=today,
                     confirmed_by=priya)  # fmt: skip
        assert progress(account, today)[0].standing == "achieved"
        harder = change_goal(goal=goal, actor=csm, now=timezone.now(), given={"target": 1.0})
        assert harder.status == ImpactGoal.Status.ACTIVE
        assert progress(account, today)[0].standing == "missed"


def test_too_few_and_too_many_goals_are_named(
    maya: Client, acme: Tenant, csm: Actor, account: Account, goal: ImpactGoal
):
    goals = f"/acme/accounts/{account.pk}/goals/"
    assert "1 active goal: an account has 2 to 4, so ask for one more." in maya.get(goals).text
    for n in (2, 3, 4, 5):
        with act_for(acme.pk):
            save_rational_goal(account=account, actor=csm, now=NOW, **HOURS)
        is_told = "an account has 2 to 4" in maya.get(goals).text
        assert is_told is (n > 4)
    assert wrong_number(0) == ""


def test_a_goal_says_when_it_is_to_be_measured_again(
    maya: Client, acme: Tenant, csm: Actor, account: Account
):
    today = timezone.localdate()
    with act_for(acme.pk):
        save_rational_goal(
            account=account, actor=csm, now=timezone.now(), baseline_on=today - 31 * DAY,
            measure_every_days=30, **HOURS,
        )  # fmt: skip
        found = progress(account, today)[0]
    assert found.measure_on == today - DAY and found.is_measure_due
    assert "measure since" in maya.get(f"/acme/accounts/{account.pk}/goals/").text


def test_the_return_is_that_of_the_worked_example(
    maya: Client, acme: Tenant, csm: Actor, account: Account, priya: Contact
):
    """4 h saved on 6,000 cases at 5 an hour is 120,000; of 40,000 ARR that is 3.0 times."""
    with act_for(acme.pk):
        goal = save_rational_goal(
            account=account, actor=csm, now=NOW, unit_value_minor=6_000 * 5_00, **HOURS
        )
        measure_goal(goal=goal, actor=csm, now=NOW, value=4, measured_on=TODAY, confirmed_by=priya)
        save_rational_goal(account=account, actor=csm, now=NOW, **HOURS)
    page = maya.get(f"/acme/accounts/{account.pk}/goals/").text
    assert "Return <b>3.0×</b>: €120,000 a year of €40,000 ARR" in page
    assert ">4 h<" in page and ">€30,000<" in page and "4 on 19 Nov" in page
    register = maya.get("/acme/impact/").text
    assert "€120,000" in register and "3.0× of ARR" in register
    sheet = maya.get(f"/acme/accounts/{account.pk}/spiced/worksheet/").text
    assert "Return 3.0×: €120,000 a year, confirmed, of €40,000 (4 h at €30,000)." in sheet


def test_without_arr_there_is_no_multiple(
    maya: Client, acme: Tenant, csm: Actor, account: Account, priya: Contact
):
    with act_for(acme.pk):
        Account.objects.update(arr_minor=0)
        goal = save_rational_goal(account=account, actor=csm, now=NOW, unit_value_minor=1, **HOURS)
        measure_goal(goal=goal, actor=csm, now=NOW, value=4, measured_on=TODAY, confirmed_by=priya)
    page = maya.get(f"/acme/accounts/{account.pk}/goals/").text
    assert "No return: the account has no ARR" in page
    assert "× of ARR" not in maya.get("/acme/impact/").text


def test_rules_of_time_and_units():
    assert won(8, 2, 4) == 4 and won(2, 8, 4) == 2 and won(None, 2, 4) is None
    assert is_missed(TODAY, 0.99, TODAY + DAY) and not is_missed(TODAY, 1.0, TODAY + DAY)
    assert not is_missed(TODAY, None, TODAY) and not is_missed(None, None, TODAY)
    assert measure_on(TODAY, None, 90) == TODAY + 90 * DAY and measure_on(None, None, 90) is None


def test_an_agreement_beyond_the_scale_is_refused(inside: Tenant, csm: Actor):
    account = make.account()
    with pytest.raises(IncompleteGoal, match="a target from 2 to 5"):
        save_emotional_goal(
            account=account, actor=csm, now=NOW, statement="I sleep",
            person=make.contact(account), target=7,
        )  # fmt: skip
