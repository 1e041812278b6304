"""What a joint plan is for, how often both sides meet, and its risks: written, shown, agreed to."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from journeys.actions.joint_frame import (
    BadCadence,
    BadRisk,
    RiskMoved,
    StrangeGoal,
    frame_joint_plan,
    note_joint_risk,
    set_joint_risk,
)
from journeys.actions.joint_holding import JointPlanOver, StaleJointPlan
from journeys.actions.joint_plans import Anchor, begin_joint_plan, end_joint_plan
from journeys.actions.joint_steps import StrangerOnJointPlan
from journeys.models import JointGoal, JointPlan, JointRisk
from journeys.queries.joint import changes_since, goals_of, risks_of
from journeys.queries.shared_joint import shared_joint
from spiced.models import ImpactGoal
from tenants.actor import Actor
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.journeys.calls import key_of, refused
from tests.journeys.test_joint import Joint, joint  # noqa: F401
from tests.make import NOW, TODAY

pytestmark = pytest.mark.django_db


def goal(of: Any, statement: str = "Close in five days", **fields: Any) -> ImpactGoal:
    values = {"kind": "rational", "status": "active", "recorded_at": NOW, "measure": "Days"}
    return ImpactGoal.objects.create(account=of, statement=statement, **(values | fields))


def frame(joint: Joint, *goals: ImpactGoal, cadence: str = "", **more: Any) -> JointPlan:  # noqa: F811
    return frame_joint_plan(
        plan=joint.plan, actor=joint.csm.user, now=NOW, goal_ids=[each.pk for each in goals],
        cadence=cadence, **more,
    )  # fmt: skip


def test_goals_and_cadence_are_terms_that_both_agree_to(joint: Joint):  # noqa: F811
    joint.both_agree()
    first, second = goal(joint.account), goal(joint.account, "No late fees")
    plan = frame(joint, first, second, cadence="weekly")
    assert (plan.terms, joint.case().accord.word) == (2, "changed since agreed")
    assert changes_since(plan, 1) == [
        "for Close in five days and No late fees",
        "meeting every week instead of at no set time",
    ]
    assert [each.goal for each in goals_of(plan, TODAY)] == [first, second]
    same = frame(joint, second, first, cadence="weekly", seen_terms=2)
    assert same.terms == 2, "the same again asks nobody"
    less = frame(joint, second, cadence="weekly")
    assert changes_since(less, 2) == ["no longer for Close in five days"]
    with pytest.raises(StaleJointPlan):
        frame(joint, first, seen_terms=2)


def test_only_goals_of_the_account_that_stand_are_linked(joint: Joint):  # noqa: F811
    mine = goal(joint.account)
    retired = goal(joint.account, "Gone", status="retired")
    foreign = goal(make.account("Initech"), "Theirs")
    for strange in (retired, foreign):
        with pytest.raises(StrangeGoal):
            frame(joint, mine, strange)
    with pytest.raises(BadCadence):
        frame(joint, cadence="daily")
    assert not JointGoal.objects.exists() and JointPlan.objects.get().terms == 1
    frame(joint, mine)
    ImpactGoal.objects.filter(pk=mine.pk).update(status="retired")
    kept = frame(joint, mine, cadence="monthly")
    assert JointGoal.objects.count() == 1 and kept.cadence == "monthly", "one linked before stays"


def test_a_risk_has_an_owner_and_is_closed_once(joint: Joint):  # noqa: F811
    told = {"plan": joint.plan, "actor": joint.csm.user, "now": NOW}
    risk = note_joint_risk(**told, text=" A freeze in December ", owner_id=joint.csm.user_id)
    assert (risk.text, risk.owner) == ("A freeze in December", joint.csm.user)
    assert JointPlan.objects.get().terms == 1, "a risk asks nobody to agree again"
    with pytest.raises(BadRisk):
        note_joint_risk(**told, text=" ", owner_id=joint.csm.user_id)
    with pytest.raises(BadRisk):
        note_joint_risk(**told, text="A freeze", owner_id=None)
    with pytest.raises(StrangerOnJointPlan):
        note_joint_risk(**told, text="A freeze", owner_id=make.user().pk)
    act = {"risk": risk, "actor": joint.csm.user}
    closed = set_joint_risk(**act, now=NOW + timedelta(days=1), is_closed=True)
    assert closed.closed_by == joint.csm.user
    with pytest.raises(RiskMoved):
        set_joint_risk(**act, now=NOW, is_closed=True)
    later = note_joint_risk(**told, text="Another", owner_id=joint.csm.user_id)
    assert risks_of(joint.plan) == [later, risk], "open ones stand first"
    assert set_joint_risk(**act, now=NOW, is_closed=False).closed_at is None
    end_joint_plan(plan=joint.plan, actor=None, now=NOW, outcome="achieved")
    with pytest.raises(JointPlanOver):
        set_joint_risk(**act, now=NOW, is_closed=True)


def test_the_account_sees_what_it_agrees_to_and_no_risk(joint: Joint):  # noqa: F811
    gone = goal(joint.account, "Retired since")
    frame(joint, goal(joint.account), gone, cadence="fortnightly")
    ImpactGoal.objects.filter(pk=gone.pk).update(status="retired")
    JointPlan.objects.update(shown_at=NOW)
    note_joint_risk(
        plan=joint.plan, actor=None, now=NOW, text="Secret doubt", owner_id=joint.csm.user_id
    )
    shown = shared_joint(joint.account.pk, NOW, TODAY)
    assert shown is not None
    assert (shown.goals, shown.cadence) == (("Close in five days",), "every two weeks")
    assert "Secret doubt" not in repr(shown)


@pytest.fixture
def planned(acme: Tenant, csm: Actor) -> JointPlan:
    with act_for(acme.pk):
        account = make.account("Northwind", owner=csm.user)
        on = timezone.localdate() + timedelta(days=200)
        return begin_joint_plan(
            account=account, actor=csm.user, now=timezone.now(), buffer=5,
            anchor=Anchor("day", "Year end", on),
        )  # fmt: skip


def test_the_page_frames_a_plan_and_keeps_its_risks(
    acme: Tenant, csm: Actor, planned: JointPlan, sign_in: Callable[[Actor], Client]
):
    with act_for(acme.pk):
        mine = goal(planned.account)
    client, tab = sign_in(csm), f"/acme/accounts/{planned.account_id}/plan/"
    page = client.get(tab).text
    assert "No meetings are agreed" in page and "No goal is linked yet" in page
    at = f"/acme/joint-plans/{planned.pk}/"
    assert "Close in five days" in client.get(f"{at}frame/").text
    said = {"goals": [str(mine.pk)], "cadence": "monthly", "terms": 1}
    assert client.post(f"{at}frame/", said).status_code == 302
    assert client.post(f"{at}frame/", said).status_code == 409, "read before it changed"
    assert client.post(f"{at}frame/", said | {"goals": ["x"]}).status_code == 422
    page = client.get(tab).text
    assert "Both sides meet every month" in page and "Close in five days" in page
    risk = {"text": "A freeze in December", "owner": str(csm.user_id)}
    assert client.post(f"{at}risks/new/", risk).status_code == 302
    assert client.post(f"{at}risks/new/", risk | {"owner": ""}).status_code == 422
    assert "A freeze in December" in client.get(tab).text
    with act_for(acme.pk):
        found = JointRisk.objects.get()
    state = f"/acme/joint-plans/risks/{found.pk}/state/"
    assert client.post(state, {"state": "closed"}).status_code == 302
    assert client.post(state, {"state": "closed"}).status_code == 409
    assert "Open again" in client.get(tab).text
    stranger = sign_in(make.member(acme, Role.CSM, "Nobody Near", team="APAC"))
    for address in (f"{at}frame/", f"{at}risks/new/", state):
        assert stranger.post(address, said).status_code == 404


def test_the_api_frames_a_plan_and_keeps_its_risks(acme: Tenant, csm: Actor, planned: JointPlan):
    assert csm.user is not None
    with act_for(acme.pk):
        mine, foreign = goal(planned.account), goal(make.account("Initech"))
    call, at = key_of(acme), f"joint-plans/{planned.pk}/"
    said = {"seen_terms": 1, "goals": [str(mine.pk)], "cadence": "weekly"}
    whole = call(f"{at}frame/", said).json()
    assert (whole["goals"], whole["cadence"], whole["terms"]) == ([str(mine.pk)], "weekly", 2)
    assert refused(call(f"{at}frame/", said), 409, "stale_joint_plan")
    strange = said | {"seen_terms": 2, "goals": [str(foreign.pk)]}
    assert refused(call(f"{at}frame/", strange), 422, "strange_goal")
    risk = {"text": "A freeze", "owner": csm.user.email}
    (noted,) = call(f"{at}risks/", risk).json()["risks"]
    assert noted["owner"] == csm.user.email
    assert call(f"{at}risks/", risk | {"owner": "nobody@example.com"}).status_code == 422
    state = f"joint-risks/{noted['id']}/state/"
    assert call(state, {"is_closed": True}).json()["closed_at"]
    assert refused(call(state, {"is_closed": True}), 409, "risk_moved")
    assert call(state, {"is_closed": 1}).status_code == 422
