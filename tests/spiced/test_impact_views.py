"""Impact in the browser: goals set, measured and confirmed by a contact."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Account, Contact
from spiced.models import ImpactGoal, ImpactMeasurement
from tenants.actor import Actor
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make

SignIn = Callable[[Actor], Client]
HTMX = {"HX-Request": "true"}
GOAL = {
    **{"statement": "Capture discounts", "measure": "Discounts", "unit": "k€"},
    **{"baseline": 18, "target": 78, "deadline_on": "2099-03-31", "unit_value": "1000"},
}


@pytest.fixture
def account(acme: Tenant, csm: Actor) -> Account:
    with act_for(acme.pk):
        return make.account("Northwind", owner=csm.user)


@pytest.fixture
def priya(acme: Tenant, account: Account) -> Contact:
    with act_for(acme.pk):
        return make.contact(account)


@pytest.fixture
def maya(csm: Actor, sign_in: SignIn) -> Client:
    return sign_in(csm)


def new(account: Account, kind: str) -> str:
    return f"/acme/accounts/{account.pk}/goals/new/{kind}/"


@pytest.fixture
def goal(maya: Client, acme: Tenant, account: Account) -> ImpactGoal:
    assert maya.post(new(account, "rational"), GOAL, headers=HTMX).status_code == 204
    with act_for(acme.pk):
        return ImpactGoal.objects.get()


def test_a_goal_is_measured_and_confirmed(
    maya: Client, acme: Tenant, account: Account, goal: ImpactGoal, priya: Contact
):
    assert goal.unit_value_minor == 1000_00
    sent = {"value": 48, "measured_on": "2026-11-01", "evidence": "Ledger export"}
    answer = maya.post(f"/acme/goals/{goal.pk}/measure/", sent, headers=HTMX)
    assert answer.status_code == 204 and "impact:changed" in answer["HX-Trigger"]
    page = maya.get(f"/acme/accounts/{account.pk}/goals/").text
    assert "Ledger export" in page and "No confirmed measurement yet" in page
    with act_for(acme.pk):
        measurement = ImpactMeasurement.objects.get()
    confirm = f"/acme/measurements/{measurement.pk}/confirm/"
    assert "Discounts: 48" in maya.get(confirm).text
    assert maya.post(confirm, {"confirmed_by": priya.pk}).status_code == 302
    part = maya.get(f"/acme/accounts/{account.pk}/goals/", headers=HTMX).text
    assert "50% of the way" in part and "€30,000 a year confirmed by 1 goal" in part
    assert maya.post(confirm, {"confirmed_by": priya.pk}).status_code == 409


def test_an_emotional_goal_needs_a_person(
    maya: Client, acme: Tenant, account: Account, priya: Contact
):
    assert maya.post(new(account, "emotional"), {"statement": "Sleep"}).status_code == 422
    sent = {"statement": "I sleep at quarter end", "person": str(priya.pk)}
    assert maya.post(new(account, "emotional"), sent).status_code == 302
    assert "I sleep at quarter end" in maya.get(f"/acme/accounts/{account.pk}/goals/").text


def test_what_does_not_fit_is_refused(maya: Client, account: Account, goal: ImpactGoal):
    assert maya.post(new(account, "rational"), GOAL | {"unit": ""}).status_code == 422
    same = GOAL | {"target": 18}
    answer = maya.post(new(account, "rational"), same)
    assert answer.status_code == 422 and "a target other than the baseline" in answer.text
    later = {"value": 1, "measured_on": "2098-01-01"}
    assert maya.post(f"/acme/goals/{goal.pk}/measure/", later).status_code == 422
    assert maya.get(new(account, "spiritual")).status_code == 404


def test_who_may_not_and_what_is_not_theirs(
    acme: Tenant, rival: Tenant, maya: Client, account: Account, goal: ImpactGoal, sign_in: SignIn
):
    with act_for(rival.pk):
        theirs = make.account("Theirs")
        stranger = sign_in(make.member(rival, Role.CSM))
    with act_for(acme.pk):
        eve = sign_in(make.member(acme, Role.EXECUTIVE, "Eve"))
        tom = sign_in(make.member(acme, Role.CSM, "Tom"))
    assert maya.get(f"/acme/accounts/{theirs.pk}/goals/").status_code == 404
    assert maya.get(new(theirs, "rational")).status_code == 404
    assert stranger.get(f"/rival/goals/{goal.pk}/measure/").status_code == 404
    assert tom.get(f"/acme/goals/{goal.pk}/measure/").status_code == 404
    assert tom.get(f"/acme/measurements/{goal.pk}/confirm/").status_code == 404
    assert eve.get(f"/acme/accounts/{account.pk}/goals/").status_code == 200
    assert eve.get(f"/acme/goals/{goal.pk}/measure/").status_code == 403
    assert eve.get(new(account, "rational")).status_code == 403
    assert maya.post(f"/acme/accounts/{account.pk}/goals/").status_code == 405
    assert maya.put(f"/acme/goals/{goal.pk}/measure/").status_code == 405
