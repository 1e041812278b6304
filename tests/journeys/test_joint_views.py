"""The joint plan on the account page, on the customer's own page, and by the API."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account, Contact
from charter.actions import install_defaults
from journeys.actions.joint_plans import Anchor, begin_joint_plan, show_joint_plan
from journeys.actions.joint_steps import StepSaid, change_joint_step
from journeys.actions.links import make_link
from journeys.models import JointAgreement, JointPlan, JointStep
from tenants.actor import Actor
from tenants.models import Tenant, TrailEntry
from tenants.roles import Role
from tenants.scope import act_for
from tests import make

pytestmark = pytest.mark.django_db
SignIn = Callable[[Actor], Client]
HTMX = {"HX-Request": "true"}


@dataclass
class Shown:
    """A plan that the account sees by the link of one contact."""

    tenant: Tenant
    csm: Actor
    account: Account
    priya: Contact
    plan: JointPlan
    address: str

    def step(self, at: int) -> JointStep:
        with act_for(self.tenant.pk):
            return JointStep.objects.get(plan=self.plan, key=f"step_{at}")

    def lengthen(self) -> None:
        step = self.step(2)
        with act_for(self.tenant.pk):
            said = StepSaid(step.label, 18, step.owner_id, step.contact_id, tuple(step.after))
            change_joint_step(step=step, actor=self.csm.user, now=timezone.now(), said=said)

    def say(self, terms: Any = 1, plan: Any = None) -> Any:
        at = f"{self.address}plan/{plan or self.plan.pk}/"
        return Client().post(at, {"terms": terms})


@pytest.fixture
def shown(acme: Tenant, csm: Actor) -> Shown:
    now = timezone.now()
    with act_for(acme.pk):
        install_defaults(author=None, now=now)
        account = make.account("Northwind", owner=csm.user)
        priya = make.contact(account, roles=["champion"], email="priya@northwind.example")
        anchor = Anchor("day", "Year end close", timezone.localdate(now) + timedelta(days=200))
        plan = begin_joint_plan(account=account, actor=csm.user, now=now, anchor=anchor, buffer=5)
        show_joint_plan(plan=plan, actor=csm.user, now=now, is_shown=True)
        _, token = make_link(account=account, contact=priya, actor=csm, now=now, days=30)
    return Shown(acme, csm, account, priya, plan, f"/s/{token}/")


def test_the_account_page_begins_a_plan_and_keeps_what_was_typed(
    acme: Tenant, csm: Actor, sign_in: SignIn
):
    with act_for(acme.pk):
        install_defaults(author=None, now=timezone.now())
        account = make.account("Northwind", owner=csm.user)
    client, at = sign_in(csm), f"/acme/accounts/{account.pk}/plan/begin/"
    assert "No joint plan yet" in client.get(f"/acme/accounts/{account.pk}/plan/").text
    assert "Another day" in client.get(at, headers=HTMX).text
    said = {"anchor": "day", "name": "Board meets", "on": "2020-01-02", "buffer": "5"}
    past = client.post(at, said, headers=HTMX)
    assert past.status_code == 422 and "not ahead" in past.text and "Board meets" in past.text
    nameless = client.post(at, said | {"name": "", "on": ""}, headers=HTMX)
    assert nameless.status_code == 422 and "Choose the day" in nameless.text
    for wrong in ({"buffer": "-1"}, {"buffer": "9" * 30}, {"anchor": "event:x"}, {"on": "soon"}):
        assert client.post(at, said | wrong, headers=HTMX).status_code == 422
    on = (timezone.localdate() + timedelta(days=20)).isoformat()
    begun = client.post(at, said | {"on": on, "is_usual": "on"})
    assert begun.status_code == 302
    page = client.get(f"/acme/accounts/{account.pk}/plan/").text
    assert "Infeasible" in page and "had to start by" in page and "Kickoff held" in page
    assert client.post(at, said | {"on": on}, headers=HTMX).status_code == 409


def test_steps_are_worked_on_the_page_and_stale_or_circular_ones_refused(
    shown: Shown, sign_in: SignIn
):
    client, first = sign_in(shown.csm), shown.step(0)
    at = f"/acme/joint-plans/steps/{first.pk}"
    done = client.post(f"{at}/state/", {"state": "done"}, headers=HTMX)
    assert done.status_code == 204 and "joint:changed" in done["HX-Trigger"]
    late = client.post(
        f"/acme/joint-plans/steps/{shown.step(4).pk}/state/", {"state": "done"}, headers=HTMX
    )
    assert late.status_code == 409 and "First comes" in late["HX-Trigger"]
    assert client.post(f"{at}/state/", {"state": "x"}).status_code == 422
    said = {"label": "Config", "days": "7", "owner": "", "contact": "", "terms": "1"}
    second = f"/acme/joint-plans/steps/{shown.step(1).pk}"
    circle = client.post(f"{second}/change/", said | {"after": ["step_5"]}, headers=HTMX)
    assert circle.status_code == 422 and "wait for each other" in circle.text
    assert client.post(f"{second}/change/", said | {"after": ["step_0"]}).status_code == 302
    stale = client.post(f"{second}/change/", said | {"label": "Mine"}, headers=HTMX)
    assert stale.status_code == 409 and "meanwhile" in stale.text and "Mine" in stale.text
    page = client.get(f"/acme/accounts/{shown.account.pk}/plan/").text
    assert "Not joint yet: Config" in page
    plan = f"/acme/joint-plans/{shown.plan.pk}"
    alone = client.post(f"{plan}/agree/", {"terms": "2"}, headers=HTMX)
    assert alone.status_code == 409 and "both sides" in alone["HX-Trigger"]
    added = client.post(f"{plan}/steps/new/", said | {"label": "Extra", "terms": "2"})
    assert added.status_code == 302
    out = client.post(f"/acme/joint-plans/steps/{shown.step(6).pk}/remove/", {"terms": "3"})
    assert out.status_code == 302
    assert client.post(f"{plan}/end/", {"outcome": "left"}).status_code == 422
    assert client.post(f"{plan}/end/", {"outcome": "achieved"}).status_code == 302
    assert "Earlier plans" in client.get(f"/acme/accounts/{shown.account.pk}/plan/").text


def test_both_sides_agree_and_a_change_says_so_loudly(shown: Shown, sign_in: SignIn):
    client, plan = sign_in(shown.csm), f"/acme/joint-plans/{shown.plan.pk}"
    assert client.post(f"{plan}/agree/", {"terms": "1"}).status_code == 302
    again = client.post(f"{plan}/agree/", {"terms": "1"}, headers=HTMX)
    assert again.status_code == 409 and "already" in again["HX-Trigger"]
    assert "They agreed" in client.get(f"{plan}/agreed/", headers=HTMX).text
    said = {"contact": str(shown.priya.pk), "terms": "1"}
    assert client.post(f"{plan}/agreed/", said).status_code == 302
    assert client.post(f"{plan}/agreed/", said, headers=HTMX).status_code == 409
    wrong = client.post(f"{plan}/agreed/", {"contact": str(make.some_id())}, headers=HTMX)
    assert wrong.status_code == 422
    at = f"/acme/accounts/{shown.account.pk}/plan/"
    assert "recorded by Maya Okafor" in client.get(at).text
    shown.lengthen()
    page = client.get(at).text
    assert "Changed since agreed" in page
    assert "Users enabled takes 18 working days instead of 15" in page
    assert client.post(f"{plan}/show/", {"show": "no"}).status_code == 302
    assert "They do not see it yet" in client.get(at).text


def test_who_may_not_plan_reads_and_does_nothing(shown: Shown, sign_in: SignIn):
    reader = sign_in(make.member(shown.tenant, Role.EXECUTIVE))
    page = reader.get(f"/acme/accounts/{shown.account.pk}/plan/").text
    assert "Kickoff held" in page and "Agree for us" not in page
    assert reader.post(f"/acme/joint-plans/{shown.plan.pk}/agree/").status_code == 403


def test_the_account_reads_its_plan_and_agrees_once(shown: Shown):
    page = Client().get(shown.address).text
    assert "Our joint plan" in page and "Kickoff held" in page and "Year end close" in page
    assert "The plan below waits for your word" in page
    assert shown.say().status_code == 302
    with act_for(shown.tenant.pk):
        said = JointAgreement.objects.get()
        told = TrailEntry.objects.get(verb="journeys.joint_plan_agreed")
    assert (said.side, said.contact_id, said.recorded_by_id) == ("them", shown.priya.pk, None)
    assert told.actor_id is None and told.facts["is_own_word"] is True
    assert "Priya Raman agreed on" in Client().get(shown.address).text
    assert shown.say().status_code == 409, "said twice"
    with act_for(shown.tenant.pk):
        assert JointAgreement.objects.count() == 1


def test_what_changed_under_their_eyes_is_not_agreed(shown: Shown):
    assert shown.say().status_code == 302
    shown.lengthen()
    page = Client().get(shown.address).text
    assert "changed since it was agreed" in page and "Agree</button>" in page
    stale = shown.say(terms=1)
    assert stale.status_code == 409 and "changed while you were reading" in stale.text
    for wrong in ("", "two", "1" * 40, "-1"):
        assert shown.say(terms=wrong).status_code == 422
    assert shown.say(plan=make.some_id()).status_code == 409
    with act_for(shown.tenant.pk):
        assert JointAgreement.objects.count() == 1
    assert shown.say(terms=2).status_code == 302


def test_a_plan_not_shown_or_of_another_account_answers_nothing(shown: Shown):
    with act_for(shown.tenant.pk):
        other = begin_joint_plan(
            account=make.account("Globex"), actor=None, now=timezone.now(), buffer=0,
            anchor=Anchor("day", "Secret day", timezone.localdate() + timedelta(days=90)),
        )  # fmt: skip
        show_joint_plan(plan=other, actor=None, now=timezone.now(), is_shown=True)
    assert "Secret day" not in Client().get(shown.address).text
    theirs = shown.say(plan=other.pk)
    assert theirs.status_code == 409 and "answered meanwhile" in theirs.text
    with act_for(shown.tenant.pk):
        show_joint_plan(plan=shown.plan, actor=None, now=timezone.now(), is_shown=False)
    assert "Our joint plan" not in Client().get(shown.address).text
    assert shown.say().status_code == 409


def test_the_api_reads_a_plan_and_moves_a_step(shown: Shown):
    with act_for(shown.tenant.pk):
        secret = make.api_key(make.member(shown.tenant, Role.ADMIN))
    asked = Client(headers={"Authorization": f"Bearer {secret}"})
    (listed,) = asked.get("/api/v1/joint-plans/").json()["data"]
    assert listed["id"] == str(shown.plan.pk) and listed["anchor_name"] == "Year end close"
    assert shown.say().status_code == 302
    whole = asked.get(f"/api/v1/joint-plans/{shown.plan.pk}/").json()
    assert whole["standing"] == "on time" and whole["agreement"] == "waits for us"
    assert [each["side"] for each in whole["agreements"]] == ["them"]
    first = whole["steps"][0]
    assert first["slack_days"] == whole["slack_days"] and first["owner"] == shown.csm.user.email  # type: ignore[union-attr]
    at = f"/api/v1/joint-steps/{first['id']}/state/"
    done = asked.post(at, {"state": "done"}, content_type="application/json")
    assert done.status_code == 200 and done.json()["slack_days"] is None
    last = f"/api/v1/joint-steps/{whole['steps'][-1]['id']}/state/"
    refused = asked.post(last, {"state": "done"}, content_type="application/json")
    assert refused.status_code == 409 and refused.json()["code"] == "steps_ahead"
    wrong = asked.post(at, {"state": "x"}, content_type="application/json")
    assert wrong.status_code in (400, 422)
