"""Two who change one goal or event at the same time: the second reads what the first wrote."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.db import connection

from accounts.models import Account
from spiced.actions import endings, events, goals, measurements, moves
from spiced.models import CriticalEvent, ImpactGoal
from tenants.actor import Actor
from tenants.errors import Refused
from tenants.models import Tenant
from tenants.scope import act_for
from tests import make
from tests.make import NOW, TODAY

pytestmark = pytest.mark.django_db(transaction=True)
HOURS = {
    "statement": "Answer faster", "measure": "Response time", "unit": "h", "baseline": 8.0,
    "target": 2.0, "deadline_on": date(2027, 3, 31),
}  # fmt: skip


def one_after_another(
    tenant: Tenant, first: Callable[[], object], second: Callable[[], object]
) -> str:
    """Do the second while the first has not ended; "done", or the code of its refusal."""
    begun = threading.Event()

    def late() -> str:
        try:
            with act_for(tenant.pk):
                begun.set()
                second()
            return "done"
        except Refused as refused:
            return refused.code
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with act_for(tenant.pk):
            first()
            told = pool.submit(late)
            assert begun.wait(10)
            time.sleep(0.5)
        return told.result()


@pytest.fixture
def globex(acme: Tenant, csm: Actor) -> Account:
    with act_for(acme.pk):
        return make.account(owner=csm.user)


@pytest.fixture
def event(acme: Tenant, csm: Actor, globex: Account) -> CriticalEvent:
    with act_for(acme.pk):
        return events.save_event(
            account=globex, actor=csm, now=NOW, statement="Audit", on=TODAY, consequence="A fine"
        )


@pytest.fixture
def goal(acme: Tenant, csm: Actor, globex: Account) -> ImpactGoal:
    with act_for(acme.pk):
        return goals.save_rational_goal(account=globex, actor=csm, now=NOW, **HOURS)


def test_a_consequence_does_not_take_a_move_back(acme: Tenant, csm: Actor, event: CriticalEvent):
    later = TODAY + timedelta(days=9)
    told = {"actor": csm, "now": NOW}
    assert (
        one_after_another(
            acme,
            lambda: moves.move_event(event=event, **told, on=later, reason="Ill"),
            lambda: events.change_event(event=event, **told, given={"consequence": "We pay"}),
        )
        == "done"
    )
    with act_for(acme.pk):
        event.refresh_from_db()
        assert (event.on, event.times_moved, event.consequence) == (later, 1, "We pay")


def test_what_was_closed_a_moment_ago_is_not_saved_open(
    acme: Tenant, csm: Actor, globex: Account, event: CriticalEvent
):
    told = {"actor": csm, "now": NOW}
    said = {"statement": "Audit", "on": TODAY, "consequence": "We pay"}
    assert (
        one_after_another(
            acme,
            lambda: endings.close_event(event=event, **told, status="met", reason="Passed"),
            lambda: events.save_event(account=globex, event=event, **told, **said),
        )
        == "closed_event"
    )
    with act_for(acme.pk):
        event.refresh_from_db()
        assert (event.status, event.consequence) == ("met", "A fine")


def test_a_goal_that_was_achieved_a_moment_ago_stays_achieved(
    acme: Tenant, csm: Actor, globex: Account, goal: ImpactGoal
):
    with act_for(acme.pk):
        priya = make.contact(globex)
    told = {"actor": csm, "now": NOW}
    assert (
        one_after_another(
            acme,
            lambda: measurements.measure_goal(
                goal=goal, **told, value=2.0, measured_on=TODAY, confirmed_by=priya
            ),
            lambda: goals.save_rational_goal(
                account=globex, goal=goal, **told, **HOURS | {"unit_value_minor": 5}
            ),
        )
        == "done"
    )
    with act_for(acme.pk):
        goal.refresh_from_db()
        assert (goal.status, goal.unit_value_minor) == ("achieved", 5)


def test_a_feeling_retired_a_moment_ago_is_not_taken_up_by_saving(
    acme: Tenant, csm: Actor, globex: Account
):
    told = {"actor": csm, "now": NOW}
    with act_for(acme.pk):
        priya = make.contact(globex)
        felt = goals.save_emotional_goal(
            account=globex, **told, statement="I sleep again", person=priya
        )
    assert (
        one_after_another(
            acme,
            lambda: endings.retire_goal(goal=felt, **told, reason="She left"),
            lambda: goals.save_emotional_goal(
                account=globex, goal=felt, **told, statement="I sleep well", person=priya
            ),
        )
        == "closed_goal"
    )
    with act_for(acme.pk):
        felt.refresh_from_db()
        assert (felt.status, felt.statement) == ("retired", "I sleep again")
