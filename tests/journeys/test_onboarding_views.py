"""The board, the plan, the report and the templates, as people and programs use them."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account, Contract
from bowtie.models import Stay
from charter.actions import install_defaults as install_charter
from journeys.actions.onboardings import begin_onboarding
from journeys.actions.templates import install_defaults
from journeys.models import Onboarding, OnboardingTemplate, PlanTask
from journeys.queries.reports import share_within, ways
from journeys.queries.templates import template_for
from tenants.actor import Actor
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make

pytestmark = pytest.mark.django_db
SignIn = Callable[[Actor], Client]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def plan(acme: Tenant, csm: Actor) -> Onboarding:
    now = timezone.now()
    with act_for(acme.pk):
        install_charter(author=None, now=now)
        install_defaults(author=None, now=now)
        account = make.account("Northwind", owner=csm.user, stage="onboarding", touch_model="high")
        template = template_for("high")
        assert template is not None
        return begin_onboarding(
            account=account, template=template, actor=csm.user, now=now,
            anchor_on=timezone.localdate(now),
        )  # fmt: skip


def task(acme: Tenant, key: str) -> PlanTask:
    with act_for(acme.pk):
        return PlanTask.objects.get(key=key)


def test_the_board_shows_each_account_in_its_phase_and_narrows(
    acme: Tenant, csm: Actor, plan: Onboarding, sign_in: SignIn
):
    page = sign_in(csm).get("/acme/onboarding/")
    assert "Northwind" in page.text and "day 0 of" in page.text
    for show in ("stuck", "late", "them"):
        assert "Northwind" not in sign_in(csm).get(f"/acme/onboarding/?show={show}").text
    other = make.member(acme, Role.REVOPS)
    assert "No open onboarding" in sign_in(other).get("/acme/onboarding/?whose=mine").text
    assert "Northwind" in sign_in(other).get("/acme/onboarding/?whose=all").text
    assert "Northwind" in sign_in(other).get(f"/acme/onboarding/?whose={csm.user_id}").text
    assert sign_in(other).get("/acme/onboarding/?whose=nonsense&show=x").status_code == 200


def test_a_task_is_done_on_the_plan_with_an_undo(
    acme: Tenant, csm: Actor, plan: Onboarding, sign_in: SignIn
):
    client, first = sign_in(csm), task(acme, "handoff_accepted")
    done = client.post(f"/acme/onboarding/tasks/{first.pk}/done/", {"version": 1}, headers=HTMX)
    assert done.status_code == 204 and "reopen" in done["HX-Trigger"]
    assert task(acme, "handoff_accepted").state == "done"
    client.post(f"/acme/onboarding/tasks/{first.pk}/reopen/", headers=HTMX)
    assert task(acme, "handoff_accepted").state == "open"
    late = task(acme, "kickoff_held")
    refused = client.post(f"/acme/onboarding/tasks/{late.pk}/done/", headers=HTMX)
    assert refused.status_code == 409 and "First comes" in refused["HX-Trigger"]
    assert "First comes" in client.post(f"/acme/onboarding/tasks/{late.pk}/done/").text


def test_dialogs_say_what_is_wrong_and_lose_nothing(
    acme: Tenant, csm: Actor, plan: Onboarding, sign_in: SignIn
):
    client, first = sign_in(csm), task(acme, "kickoff_booked")
    at = f"/acme/onboarding/tasks/{first.pk}"
    assert client.post(f"{at}/skip/", {"reason": ""}).status_code == 422
    assert client.post(f"{at}/wait/", {"on": "them", "reason": "Dates"}).status_code == 302
    assert task(acme, "kickoff_booked").waiting_on == "them"
    circle = client.post(
        f"{at}/change/", {"due_on": "2099-01-04", "after": ["kickoff_held"]}, headers=HTMX
    )
    assert circle.status_code == 422 and "wait for each other" in circle.text
    past = client.post(f"{at}/change/", {"due_on": "2001-01-01"}, headers=HTMX)
    assert past.status_code == 422 and "That day is over" in past.text
    assert client.post(f"{at}/change/", {"due_on": "2099-01-05"}, headers=HTMX).status_code == 204
    assert task(acme, "kickoff_held").due_on > date(2099, 1, 5)
    whole = f"/acme/onboarding/{plan.pk}"
    ended = client.post(f"{whole}/end/", headers=HTMX)
    assert ended.status_code == 409 and "not with its tasks" in ended.text
    assert client.post(f"{whole}/agree/", {"on": "2001-01-01"}).status_code == 422
    added = {"label": "Works council", "phase": "kickoff", "who": "them:champion",
             "due_on": "2099-02-02"}  # fmt: skip
    assert client.post(f"{whole}/tasks/new/", added, headers=HTMX).status_code == 204
    assert "Works council" in client.get(f"{whole}/").text
    assert client.post(f"{whole}/leave/", {"reason": "Left"}, headers=HTMX).status_code == 204


def test_a_plan_begins_by_hand_on_the_page_of_the_account(
    acme: Tenant, csm: Actor, plan: Onboarding, sign_in: SignIn
):
    with act_for(acme.pk):
        account = make.account("Second", owner=csm.user, stage="live", touch_model="mid")
        template = OnboardingTemplate.objects.get(key="mid_60")
    client = sign_in(csm)
    assert "Begin onboarding" in client.get(f"/acme/accounts/{account.pk}/onboarding/").text
    begin = f"/acme/accounts/{account.pk}/onboarding/begin/"
    assert "Mid touch, 60 days" in client.get(begin).text
    past = client.post(begin, {"template": template.pk, "anchor_on": "2001-01-01"})
    assert past.status_code == 422 and "anchor lies in the past" in past.text
    assert client.post(begin, {"template": "x", "anchor_on": "2099-01-01"}).status_code == 422
    good = client.post(begin, {"template": template.pk, "anchor_on": "2099-01-05"}, headers=HTMX)
    assert good.status_code == 204
    assert "Hold the kickoff" in client.get(f"/acme/accounts/{account.pk}/onboarding/").text


def way(acme: Tenant, name: str, ago: int, took: int | None, contract_after: int = 0) -> Account:
    now = timezone.now()
    committed = now - timedelta(days=ago)
    account = make.account(name)
    Stay.objects.create(
        account=account, stage="committed", entered_at=committed, recorded_at=committed,
        left_at=now,
    )  # fmt: skip
    if took is not None:
        at = committed + timedelta(days=took)
        Stay.objects.create(account=account, stage="first_impact", entered_at=at, recorded_at=at)
    if contract_after:
        starts = timezone.localdate(committed) + timedelta(days=contract_after)
        Contract.objects.create(
            account=account, external_id=name, starts_on=starts, arr_minor=1, currency="EUR",
            ends_on=starts + timedelta(days=365),
        )  # fmt: skip
    return account


def test_the_share_within_90_days_is_what_one_counts_by_hand(
    acme: Tenant, csm: Actor, sign_in: SignIn
):
    with act_for(acme.pk):
        way(acme, "In time", 200, 90)
        way(acme, "A day late", 200, 91)
        way(acme, "Never", 120, None)
        way(acme, "Contract later", 200, 120, contract_after=31)  # 89 days from there
        way(acme, "Contract a bit later", 200, 100, contract_after=30)
        way(acme, "Too young to judge", 20, 10)
        way(acme, "Too long ago", 500, 10)
        found = share_within(timezone.now())
        assert (found.met, found.n) == (2, 5)
        assert found.is_low_n and found.is_under
        took = {each.name: each.took for each in ways(date(2000, 1, 1), timezone.now())}
        assert took["Contract later"] == 89
        assert took["Contract a bit later"] == 100
    page = sign_in(csm).get("/acme/onboarding/report/?cohort=judged")
    assert "40.0%" in page.text and "2 of 5" in page.text
    for name in ("In time", "A day late", "Never", "Contract later", "Contract a bit later"):
        assert name in page.text
    assert "Too young" not in page.text and "Too long" not in page.text
    within = sign_in(csm).get("/acme/onboarding/report/?cohort=judged&of=within").text
    assert "In time" in within and "A day late" not in within
    assert sign_in(csm).get("/acme/onboarding/report/?cohort=1999-q1").status_code == 404
    assert sign_in(csm).get("/acme/onboarding/report/?of=x").status_code == 404


def rows_of(page: str) -> dict[str, str]:
    """What the form of a template would send, as it came."""
    sent: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", page):
        said = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if said.get("type") == "checkbox" and "checked" not in tag:
            continue
        if name := said.get("name"):
            sent[name] = said.get("value", "on" if said.get("type") == "checkbox" else "")
    for name, inside in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', page, re.S):
        options = re.findall(r'value="([^"]*)"( selected)?', inside)
        sent[name] = next((value for value, chosen in options if chosen), options[0][0])
    return sent


def test_revops_changes_a_template_in_the_browser_and_publishes_it(
    acme: Tenant, csm: Actor, plan: Onboarding, sign_in: SignIn
):
    revops = sign_in(make.member(acme, Role.REVOPS))
    at = "/acme/onboarding/templates/high_90"
    assert sign_in(csm).get(f"{at}/edit/").status_code == 403
    sent = rows_of(revops.get(f"{at}/edit/").text)
    circle = revops.post(f"{at}/edit/", sent | {"form-0-after": "4"})
    assert circle.status_code == 422 and "wait for each other" in circle.text
    unknown = revops.post(f"{at}/edit/", sent | {"form-3-after": "55"})
    assert unknown.status_code == 422 and "No task of this template" in unknown.text
    assert revops.post(f"{at}/edit/", sent | {"form-3-after": "x"}).status_code == 422
    assert revops.post(f"{at}/edit/", sent | {"form-3-who": "us:king"}).status_code == 422
    assert revops.post(f"{at}/edit/", sent | {"form-3-days": "-1"}).status_code == 422
    saved = revops.post(f"{at}/edit/", sent | {"form-3-days": "9", "form-13-label": "Say thanks"})
    assert saved.status_code == 302
    stale = revops.post(f"{at}/edit/", sent)
    assert stale.status_code == 409 and "Somebody saved" in stale.text
    assert "Say thanks" in revops.get(f"{at}/?version=2").text
    assert revops.post(f"{at}/publish/", {"seen_version": "1"}).status_code == 409
    assert revops.post(f"{at}/publish/", {"seen_version": "2"}).status_code == 302
    with act_for(acme.pk):
        (live,) = OnboardingTemplate.objects.filter(key="high_90", state="published")
    assert live.version == 2
    assert [t["days"] for t in live.body["tasks"] if t["key"] == "kickoff_held"] == [9]
    assert revops.post(f"{at}/retire/").status_code == 302
    assert revops.post(f"{at}/retire/").status_code == 409


def test_a_program_reads_a_plan_and_says_what_becomes_of_a_task(acme: Tenant, plan: Onboarding):
    with act_for(acme.pk):
        secret = make.api_key(make.member(acme, Role.ADMIN))
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    (row,) = client.get("/api/v1/onboardings/?state=open").json()["data"]
    assert row["template"] == "high_90"
    whole = client.get(f"/api/v1/onboardings/{plan.pk}/").json()
    assert whole["phase"] == "handoff" and len(whole["tasks"]) == 12
    first = whole["tasks"][0]
    at = f"/api/v1/plan-tasks/{first['id']}/state/"

    def say(**body):
        return client.post(at, body, content_type="application/json")

    assert say(state="waiting", waiting_on="them").json()["waiting_on"] == "them"
    assert say(state="open").json()["waiting_on"] == ""
    assert say(state="skipped").json()["code"] == "no_reason"
    assert say(state="done", seen_version=99).json()["code"] == "stale_plan_task"
    assert say(state="done").json()["state"] == "done"
    assert say(state="done").json()["code"] == "plan_task_is_closed"
    assert say(state="lost").status_code == 422


def test_a_company_without_any_template_is_offered_the_defaults(
    acme: Tenant, csm: Actor, sign_in: Callable[[Actor], Client]
):
    with act_for(acme.pk):
        account = make.account("Globex", owner=csm.user, stage="committed")
    pages = ("/acme/onboarding/", f"/acme/accounts/{account.pk}/onboarding/")
    maya = sign_in(csm)
    for page in pages:
        told = maya.get(page).text
        assert "RevOps or an administrator brings in" in told and "with the defaults" not in told
        assert "Begin onboarding" not in told
    revops = sign_in(make.member(acme, Role.REVOPS, "Rui Costa"))
    assert "Begin with the defaults" in revops.get(pages[0]).text
    assert "Begin with the defaults" in revops.get(pages[1]).text
    answer = revops.post("/acme/onboarding/templates/defaults/", follow=True)
    assert "3 templates" in answer.text
    assert "No template" not in maya.get(pages[0]).text
    assert "Begin onboarding" in maya.get(pages[1]).text
    with act_for(acme.pk):
        OnboardingTemplate.objects.update(state="retired")
    told = revops.get(pages[0]).text
    assert "No template is in force" in told and "Begin with the defaults" not in told
