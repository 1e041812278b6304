"""Impact in the browser: goals set, measured and confirmed by a contact."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Account, Contact
from spiced.models import CriticalEvent, ImpactGoal, ImpactMeasurement
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
    maya.post(f"/acme/goals/{goal.pk}/measure/", sent | {"value": 50.5}, headers=HTMX)
    part = maya.get(f"/acme/accounts/{account.pk}/goals/", headers=HTMX).text
    assert ">50.5<" in part and ">48<" in part


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


@pytest.fixture
def event(acme: Tenant, csm: Actor, account: Account, priya: Contact) -> CriticalEvent:
    with act_for(acme.pk):
        make.whole_note(account, csm, priya)
        return CriticalEvent.objects.get()


def test_a_goal_is_retired_with_a_reason_and_taken_up_again(
    maya: Client, account: Account, goal: ImpactGoal
):
    retire = f"/acme/goals/{goal.pk}/retire/"
    assert "Capture discounts" in maya.get(retire).text
    assert maya.post(retire, {"reason": " "}, headers=HTMX).status_code == 422
    answer = maya.post(retire, {"reason": "Sold the unit"}, headers=HTMX)
    assert answer.status_code == 204 and f"/acme/goals/{goal.pk}/restore/" in answer["HX-Trigger"]
    page = maya.get(f"/acme/accounts/{account.pk}/goals/").text
    assert "Take up again" in page and "Retire</a>" not in page
    assert "0 goals, 1 retired" in page and 'tag--line">retired<' in page
    assert "Sold the unit" in maya.get(f"/acme/accounts/{account.pk}/timeline/").text
    assert maya.post(f"/acme/goals/{goal.pk}/restore/").status_code == 302
    again = maya.post(f"/acme/goals/{goal.pk}/restore/", headers=HTMX)
    assert again.status_code == 409 and "not retired" in again["HX-Trigger"]
    page = maya.post(f"/acme/goals/{goal.pk}/restore/")
    assert page.status_code == 409 and "Back to Impact" in page.text


def test_a_date_is_moved_twice_and_that_is_seen(
    maya: Client, account: Account, event: CriticalEvent
):
    url = f"/acme/events/{event.pk}/move/"
    assert "now on 15 Dec 2026" in maya.get(url).text
    for n, on in enumerate(("2027-01-15", "2027-02-15")):
        sent = {"on": on, "reason": "Auditor ill", "seen_moves": n}
        answer = maya.post(url, sent, headers=HTMX)
        assert answer.status_code == 204 and "take-back" in answer["HX-Trigger"]
    stale = {"on": "2027-03-15", "reason": "Auditor ill", "seen_moves": 1}
    answer = maya.post(url, stale, headers=HTMX)
    assert answer.status_code == 409 and "moved this event meanwhile" in answer.text
    assert maya.post(url, {"on": "soon", "reason": "", "seen_moves": 2}).status_code == 422
    for page in (f"/acme/accounts/{account.pk}/goals/", f"/acme/accounts/{account.pk}/"):
        assert "moved twice" in maya.get(page).text
    told = maya.get(f"/acme/accounts/{account.pk}/timeline/").text
    assert "moved from 15 Jan 2027 to 15 Feb 2027" in told
    assert maya.post(f"/acme/events/{event.pk}/take-back/", headers=HTMX).status_code == 204
    assert "moved once" in maya.get(f"/acme/accounts/{account.pk}/").text


def test_an_event_is_closed_and_opened_again(maya: Client, account: Account, event: CriticalEvent):
    url = f"/acme/events/{event.pk}/close/"
    assert maya.post(url, {"status": "moved", "reason": "x"}, headers=HTMX).status_code == 422
    sent = {"status": "missed", "reason": "Nobody came"}
    assert maya.post(url, sent, headers=HTMX).status_code == 204
    assert maya.post(url, sent, headers=HTMX).status_code == 409
    assert "Reopen" in maya.get(f"/acme/accounts/{account.pk}/goals/").text
    assert maya.post(f"/acme/events/{event.pk}/reopen/").status_code == 302
    assert "Close</a>" in maya.get(f"/acme/accounts/{account.pk}/goals/").text


def test_who_may_not_move_or_close(
    acme: Tenant, account: Account, goal: ImpactGoal, event: CriticalEvent, sign_in: SignIn
):
    with act_for(acme.pk):
        eve = sign_in(make.member(acme, Role.EXECUTIVE, "Eve"))
        tom = sign_in(make.member(acme, Role.CSM, "Tom"))
    shown = eve.get(f"/acme/accounts/{account.pk}/goals/").text
    assert "Move date" not in shown and "Retire</a>" not in shown
    assert "Move date" not in eve.get(f"/acme/accounts/{account.pk}/").text
    for url in (
        f"goals/{goal.pk}/retire/",
        f"events/{event.pk}/move/",
        f"events/{event.pk}/close/",
    ):
        assert (eve.get(f"/acme/{url}").status_code, tom.get(f"/acme/{url}").status_code) == (
            403, 404,
        )  # fmt: skip
    for url in (
        f"goals/{goal.pk}/restore/", f"events/{event.pk}/reopen/", f"events/{event.pk}/take-back/",
    ):  # fmt: skip
        assert (eve.post(f"/acme/{url}").status_code, tom.post(f"/acme/{url}").status_code) == (
            403, 404,
        )  # fmt: skip
