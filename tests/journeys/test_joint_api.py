"""A joint plan over the API: begun, edited, agreed to by both, and what refuses a call."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Account
from charter.actions import install_defaults
from journeys.models import JointAgreement, JointPlan, JointStep
from spiced.models import CriticalEvent
from tenants.actor import Actor
from tenants.models import Tenant, TrailEntry
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.journeys.calls import Call, key_of, refused

pytestmark = pytest.mark.django_db
ON = (timezone.localdate() + timedelta(days=200)).isoformat()


class Planned:
    """An account with a champion, its CSM, and a plan begun over the API."""

    def __init__(self, tenant: Tenant, csm: Actor) -> None:
        self.tenant, self.csm, self.call = tenant, csm, key_of(tenant)
        with act_for(tenant.pk):
            install_defaults(author=None, now=timezone.now())
            self.account = make.account("Northwind", owner=csm.user)
            self.priya = make.contact(self.account, roles=["champion"])
        self.day = {"anchor": "day", "name": "Year end", "on": ON}
        made = self.call("joint-plans/", {"account_id": str(self.account.pk)} | self.day)
        assert made.status_code == 201, made.content
        self.plan = made.json()
        self.at = f"joint-plans/{self.plan['id']}/"

    @property
    def us(self) -> dict[str, Any]:
        assert self.csm.user is not None
        return {"side": "us", "user": self.csm.user.email}

    @property
    def them(self) -> dict[str, Any]:
        return {"side": "them", "contact_id": str(self.priya.pk)}

    def agree(self, terms: int, **said: Any) -> Any:
        return self.call(f"{self.at}agree/", {"seen_terms": terms} | said)


@pytest.fixture
def planned(acme: Tenant, csm: Actor) -> Planned:
    return Planned(acme, csm)


def test_a_plan_is_begun_agreed_by_both_and_changed_which_asks_both_again(planned: Planned):
    assert planned.plan["standing"] == "on time" and len(planned.plan["steps"]) == 6
    assert planned.plan["agreement"] == "not agreed yet"
    assert planned.agree(1, **planned.us).json()["agreement"] == "waits for them"
    whole = planned.agree(1, **planned.them).json()
    assert whole["agreement"] == "agreed"
    assert [each["is_own_word"] for each in whole["agreements"]] == [False, False]
    step = whole["steps"][2]
    longer = {"seen_terms": 1, "days": step["days"] + 5}
    changed = planned.call(f"joint-steps/{step['id']}/", longer).json()
    assert (changed["terms"], changed["agreement"]) == (2, "changed since agreed")
    third = next(each for each in changed["steps"] if each["id"] == step["id"])
    assert third["days"] == step["days"] + 5 and third["label"] == step["label"]
    assert (third["owner"], third["contact_id"]) == (step["owner"], step["contact_id"])
    with act_for(planned.tenant.pk):
        told = TrailEntry.objects.filter(verb="journeys.joint_plan_agreed").order_by("id")
        assert [each.facts["name"] for each in told] == ["Maya Okafor", "Priya Raman"]
        assert all(each.key_id and not each.facts["is_own_word"] for each in told)


def test_steps_are_added_and_taken_out_and_the_day_moves(planned: Planned):
    new = {"seen_terms": 1, "label": "Data loaded", "days": 3, "after": ["step_1"]}
    owners = {"owner": planned.us["user"], "contact_id": str(planned.priya.pk)}
    whole = planned.call(f"{planned.at}steps/", new | owners)
    assert whole.status_code == 201
    made = next(each for each in whole.json()["steps"] if each["label"] == "Data loaded")
    assert (made["owner"], made["contact_id"]) == (owners["owner"], owners["contact_id"])
    cleared = {"seen_terms": 2, "owner": None}
    whole = planned.call(f"joint-steps/{made['id']}/", cleared).json()
    assert next(each for each in whole["steps"] if each["id"] == made["id"])["owner"] is None
    assert refused(planned.agree(3, **planned.us), 409, "not_joint")
    whole = planned.call(f"joint-steps/{made['id']}/remove/", {"seen_terms": 3}).json()
    assert made["id"] not in {each["id"] for each in whole["steps"]} and whole["terms"] == 4
    soon = (timezone.localdate() + timedelta(days=20)).isoformat()
    moved = planned.call(f"{planned.at}anchor/", planned.day | {"on": soon, "seen_terms": 4})
    assert moved.json()["standing"] == "infeasible" and moved.json()["anchor_on"] == soon
    done = planned.call(f"{planned.at}end/", {"outcome": "achieved"}).json()
    assert done["outcome"] == "achieved" and done["ended_at"]
    for act, body in (
        ("agree/", {"seen_terms": 5} | planned.us), ("end/", {"outcome": "achieved"}),
        ("steps/", new | {"seen_terms": 5}), ("anchor/", planned.day | {"seen_terms": 5}),
    ):  # fmt: skip
        assert refused(planned.call(planned.at + act, body), 409, "joint_plan_over")


def test_nobody_changes_or_agrees_to_what_they_did_not_read(planned: Planned):
    first = planned.plan["steps"][0]["id"]
    assert planned.call(f"joint-steps/{first}/", {"seen_terms": 1, "days": 7}).status_code == 200
    for address, body in (
        (f"joint-steps/{first}/", {"days": 9}),
        (f"joint-steps/{first}/remove/", {}),
        (f"{planned.at}steps/", {"label": "More", "days": 1}),
        (f"{planned.at}anchor/", planned.day),
        (f"{planned.at}agree/", planned.us),
    ):
        assert refused(planned.call(address, body | {"seen_terms": 1}), 409, "stale_joint_plan")
        assert planned.call(address, body).json()["errors"]["seen_terms"]
    with act_for(planned.tenant.pk):
        assert JointPlan.objects.get().terms == 2 and not JointAgreement.objects.exists()


def test_a_side_agrees_once_through_a_person_of_its_own(planned: Planned):
    with act_for(planned.tenant.pk):
        stranger = make.contact(make.account("Initech"))
        gone = make.contact(planned.account, "Gone Away", departed_on=timezone.localdate())
    assert planned.agree(1, side="us", user="nobody@example.com").status_code == 422
    assert refused(planned.agree(1, side="us"), 422, "no_such_person")
    for contact in (None, str(stranger.pk)):
        answer = planned.agree(1, side="them", contact_id=contact)
        assert answer.status_code == 422 and answer.json()["errors"]["contact_id"]
    left = planned.agree(1, side="them", contact_id=str(gone.pk))
    assert refused(left, 422, "no_such_person")
    assert planned.agree(1, **planned.us).status_code == 200
    assert refused(planned.agree(1, **planned.us), 409, "already_agreed")


def test_what_is_wrong_with_a_step_is_said(planned: Planned):
    add, first = f"{planned.at}steps/", planned.plan["steps"][0]
    good = {"seen_terms": 1, "label": "More", "days": 1}
    circle = {"seen_terms": 1, "after": ["step_5"]}
    assert refused(planned.call(f"joint-steps/{first['id']}/", circle), 422, "circle_of_steps")
    assert refused(planned.call(add, good | {"after": ["step_99"]}), 422, "bad_joint_step")
    with act_for(planned.tenant.pk):
        stranger = make.contact(make.account("Initech"))
    strange = planned.call(add, good | {"contact_id": str(stranger.pk)})
    assert refused(strange, 422, "stranger_on_joint_plan")
    for wrong in ({"days": 251}, {"days": -1}, {"label": ""}, {"owner": "x"}, {"key": "step_0"}):
        assert planned.call(add, good | wrong).status_code == 422
    planned.call(f"joint-steps/{first['id']}/state/", {"state": "done"})
    done = planned.call(f"joint-steps/{first['id']}/", {"seen_terms": 1, "days": 2})
    assert refused(done, 409, "joint_step_done")


def test_a_plan_begins_from_an_open_event_of_the_account_once(planned: Planned):
    with act_for(planned.tenant.pk):
        account = make.account("Globex", owner=planned.csm.user)
        other = make.account("Initech")
        event, foreign = (
            CriticalEvent.objects.create(
                account=of, statement="Audit", on=ON, recorded_at=timezone.now()
            )
            for of in (account, other)
        )
    body = {"account_id": str(account.pk), "anchor": "event"}
    for event_id in (None, str(foreign.pk)):
        assert refused(
            planned.call("joint-plans/", body | {"event_id": event_id}), 422, "no_anchor"
        )
    assert refused(planned.call("joint-plans/", body | {"anchor": "renewal"}), 422, "no_anchor")
    past = planned.day | {"account_id": str(account.pk), "on": "2026-01-01"}
    assert refused(planned.call("joint-plans/", past), 422, "anchor_passed")
    made = planned.call("joint-plans/", body | {"event_id": str(event.pk), "is_usual": False})
    assert made.status_code == 201 and made.json()["event_id"] == str(event.pk)
    assert made.json()["steps"] == [] and made.json()["anchor_name"] == "Audit"
    again = planned.call("joint-plans/", body | {"event_id": str(event.pk)})
    assert refused(again, 409, "already_planned")
    unknown = planned.call("joint-plans/", planned.day | {"account_id": str(make.some_id())})
    assert unknown.status_code == 422


def test_a_key_that_only_reads_changes_nothing(planned: Planned):
    reader = key_of(planned.tenant, scopes=["spiced:read"])
    assert reader(planned.at).status_code == 200
    step = f"joint-steps/{planned.plan['steps'][0]['id']}/"
    addresses = [f"{planned.at}{act}/" for act in ("anchor", "agree", "end", "steps")]
    for address in ("joint-plans/", step, f"{step}remove/", f"{step}state/", *addresses):
        assert reader(address, {}).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_two_who_change_a_step_at_once_change_it_once(acme: Tenant):
    planned = Planned(acme, make.member(acme, Role.CSM, "Maya Okafor"))
    calls = [key_of(acme) for _ in range(3)]
    at = f"joint-steps/{planned.plan['steps'][0]['id']}/"

    def change(told: tuple[int, Call]) -> str:
        days, call = told
        try:
            answer = call(at, {"seen_terms": 1, "days": days})
            return str(answer.json().get("code", "done"))
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        found = sorted(pool.map(change, zip((7, 8, 9), calls, strict=True)))
    assert found == ["done", "stale_joint_plan", "stale_joint_plan"]
    with act_for(acme.pk):
        assert JointPlan.objects.get().terms == 2
        assert JointStep.objects.get(key="step_0").days in (7, 8, 9)
        assert Account.objects.count() == 1
