"""Impact goals written over the API: the refusals of the screens, as plain errors."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, Contact
from spiced.models import ImpactGoal, ImpactMeasurement
from tenants.actor import Actor
from tenants.models import Tenant, TrailEntry
from tenants.roles import Role
from tenants.scope import act_for
from tests import make

Call = Callable[..., Any]
HOURS: dict[str, Any] = {
    **{"kind": "rational", "statement": "Sooner", "measure": "Response time", "unit": "h"},
    **{"baseline": 8, "baseline_on": "2026-09-01", "target": 2, "deadline_on": "2099-03-31"},
    **{"unit_value_minor": 3_000_000, "category": "time"},
}


@pytest.fixture
def account(acme: Tenant, csm: Actor) -> Account:
    with act_for(acme.pk):
        return make.account("Globex", owner=csm.user)


@pytest.fixture
def priya(acme: Tenant, account: Account) -> Contact:
    with act_for(acme.pk):
        return make.contact(account)


def caller(tenant: Tenant, **key: Any) -> Call:
    with act_for(tenant.pk):
        secret = make.api_key(make.member(tenant, Role.ADMIN), **key)
    client = Client(headers={"Authorization": f"Bearer {secret}"})

    def send(path: str, body: Any = None, **more: Any) -> Any:
        at = f"/api/v1/{path}"
        if body is None:
            return client.get(at)
        return client.post(at, body, "application/json", **more)

    return send


@pytest.fixture
def call(acme: Tenant) -> Call:
    return caller(acme)


@pytest.fixture
def goal(call: Call, account: Account) -> dict[str, Any]:
    made = call("impacts/", HOURS | {"account_id": str(account.pk)})
    assert made.status_code == 201, made.content
    return dict(made.json())


def test_a_goal_is_set_measured_confirmed_and_achieved(
    call: Call, acme: Tenant, goal: dict[str, Any], priya: Contact
):
    at = f"impacts/{goal['id']}/"
    assert (goal["status"], goal["standing"], goal["category"]) == ("active", "promised", "time")
    sent = {"value": 4, "measured_on": "2026-11-01", "evidence": "Help desk"}
    made = call(f"{at}measurements/", sent)
    assert made.status_code == 201 and made.json()["confirmed_at"] is None
    confirm = f"measurements/{made.json()['id']}/confirm/"
    told = call(confirm, {"contact_id": str(priya.pk), "channel": "call"})
    assert (told.json()["confirmed_by_id"], told.json()["channel"]) == (str(priya.pk), "call")
    assert call(at).json()["realised_minor"] == 12_000_000
    again = call(confirm, {"contact_id": str(priya.pk)})
    assert again.status_code == 409 and again.json()["code"] == "already_confirmed"
    whole = {"value": 2, "measured_on": "2026-11-02", "contact_id": str(priya.pk)}
    assert call(f"{at}measurements/", whole).json()["confirmed_by_id"] == str(priya.pk)
    assert call(at).json()["status"] == "achieved"
    values = [each["value"] for each in call(f"{at}measurements/").json()["data"]]
    assert values == [2, 4]


@pytest.mark.parametrize("lacking", ["measure", "unit", "baseline", "target", "deadline_on"])
def test_a_rational_goal_needs_its_numbers(
    call: Call, acme: Tenant, account: Account, lacking: str
):
    sent = {key: value for key, value in HOURS.items() if key != lacking}
    answer = call("impacts/", sent | {"account_id": str(account.pk)})
    assert answer.status_code == 422 and answer.json()["code"] == "incomplete_goal"
    assert len(answer.json()["missing"]) == 1
    with act_for(acme.pk):
        assert not ImpactGoal.objects.exists()


def test_an_emotional_goal_needs_a_contact_of_the_account(
    call: Call, acme: Tenant, account: Account, priya: Contact
):
    sent = {"account_id": str(account.pk), "kind": "emotional", "statement": "I sleep"}
    answer = call("impacts/", sent)
    assert answer.status_code == 422 and answer.json()["missing"] == ["a person"]
    with act_for(acme.pk):
        stranger = make.contact(make.account("Initech"), "Sam")
    assert call("impacts/", sent | {"person_id": str(stranger.pk)}).status_code == 422
    made = call("impacts/", sent | {"person_id": str(priya.pk)})
    assert made.status_code == 201 and made.json()["target"] == 4
    odd = call("impacts/", sent | {"person_id": str(priya.pk), "unit": "h"})
    assert odd.status_code == 422 and "unit" in odd.text


def test_a_goal_is_changed_retired_and_taken_up_again(
    call: Call, acme: Tenant, goal: dict[str, Any]
):
    at = f"impacts/{goal['id']}/"
    changed = call(at, {"target": 3}).json()
    assert (changed["target"], changed["measure"]) == (3, "Response time")
    with act_for(acme.pk):
        told = TrailEntry.objects.get(verb="spiced.goal_changed").facts["changes"]
    assert told == {"target": [2.0, 3.0]}
    wrong = call(at, {"deadline_on": "2026-08-01"})
    assert wrong.status_code == 422 and wrong.json()["code"] == "wrong_dates"
    assert call(f"{at}retire/", {"reason": "Sold"}).json()["status"] == "retired"
    assert call(at, {"target": 4}).json()["code"] == "closed_goal"
    late = call(f"{at}measurements/", {"value": 1, "measured_on": "2026-11-01"})
    assert late.status_code == 409 and late.json()["code"] == "closed_goal"
    assert call(f"{at}restore/", {}).json()["status"] == "active"
    assert call(f"{at}restore/", {}).json()["code"] == "still_open"


def test_what_is_no_value_is_refused_by_name(call: Call, acme: Tenant, goal: dict[str, Any]):
    at = f"impacts/{goal['id']}/"
    for sent, name in (
        ({"target": "much"}, "target"),
        ({"colour": "red"}, "colour"),
        ({"measure_every_days": 0}, "measure_every_days"),
        ({"category": "luck"}, "category"),
        ({"baseline_on": "1066-10-14"}, "baseline_on"),
    ):
        answer = call(at, sent)
        assert answer.status_code == 422 and name in answer.text, sent
    ahead = call(f"{at}measurements/", {"value": 1, "measured_on": "2098-01-01"})
    assert ahead.status_code == 422 and "has not happened" in ahead.text
    with act_for(acme.pk):
        assert not ImpactMeasurement.objects.exists()


def test_the_same_call_sent_again_makes_one_goal(call: Call, acme: Tenant, account: Account):
    sent = HOURS | {"account_id": str(account.pk)}
    first, second = (
        call("impacts/", sent, headers={"Idempotency-Key": "goal-1"}) for _ in range(2)
    )
    assert first.json()["id"] == second.json()["id"]
    with act_for(acme.pk):
        assert ImpactGoal.objects.count() == 1


def test_other_tenants_and_keys_that_may_only_read_reach_nothing(
    acme: Tenant, rival: Tenant, goal: dict[str, Any], account: Account
):
    theirs, reader = caller(rival), caller(acme, scopes=["spiced:read"])
    at = f"impacts/{goal['id']}/"
    assert theirs(at).status_code == 404 and theirs(at, {"target": 3}).status_code == 404
    assert theirs("impacts/", HOURS | {"account_id": str(account.pk)}).status_code == 422
    assert reader(at).status_code == 200 and reader(at, {"target": 3}).status_code == 403
