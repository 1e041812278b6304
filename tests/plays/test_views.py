"""Today, tasks and the playbook in the browser: who may, what is refused, what is undone."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

import charter.actions
from accounts.models import Account
from plays.actions.definitions import install_defaults as install_plays
from plays.actions.runs import start_by_hand
from plays.actions.tasks import add_task
from plays.models import Held, Play, Run, Task
from spiced.actions.renewals import enter_renewals
from spiced.models import CriticalEvent
from tenants.actor import Actor
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.make import TODAY
from tests.plays.conftest import put_in_force

SignIn = Callable[[Actor], Client]


@pytest.fixture
def account(acme: Tenant, csm: Actor) -> Account:
    with act_for(acme.pk):
        charter.actions.install_defaults(author=None, now=make.NOW)
        return make.account("Northwind", owner=csm.user, arr_minor=164_000_00, stage="live")


@pytest.fixture
def run(acme: Tenant, account: Account, csm: Actor) -> Run:
    with act_for(acme.pk):
        play = put_in_force()
        return start_by_hand(account=account, play=play, actor=csm, now=timezone.now())


@pytest.fixture
def task(acme: Tenant, run: Run) -> Task:
    with act_for(acme.pk):
        return Task.objects.get(run=run, step=0)


@pytest.fixture
def maya(csm: Actor, sign_in: SignIn) -> Client:
    return sign_in(csm)


def add(acme: Tenant, by: Actor, **fields: Any) -> Task:
    with act_for(acme.pk):
        wanted = {"account": None, "owner": by.user, "title": "Call them", "minutes": 30}
        return add_task(actor=by, now=timezone.now(), **wanted | fields)


def test_today_shows_the_next_step_its_reason_and_rank(maya: Client, task: Task):
    page = maya.get("/acme/today/").text
    assert "Call the champion" in page
    assert "Started by Maya Okafor" in page
    assert "Agree the way back" not in page
    assert "Rank 1 of 1" in page
    assert "no record yet" in page
    assert "Most impact at stake" in page


def test_what_people_wrote_is_text_in_the_queue(maya: Client, acme: Tenant, csm: Actor):
    with act_for(acme.pk):
        odd = make.account("<i>Odd</i> & Sons", owner=csm.user)
    add(acme, csm, account=odd, title="<script>Call</script>", due_at=timezone.now())
    page = maya.get("/acme/today/").text
    assert "<b>&lt;i&gt;Odd&lt;/i&gt; &amp; Sons</b>" in page
    assert ">&lt;script&gt;Call&lt;/script&gt;</a>" in page
    assert "<script>Call" not in page


def test_today_without_anything_says_so(maya: Client, acme: Tenant):
    assert "Nothing to do today" in maya.get("/acme/today/").text


def test_tasks_stand_in_their_groups(maya: Client, acme: Tenant, csm: Actor):
    soon = timezone.now() + timedelta(minutes=1)
    add(acme, csm, title="Promised", has_clock=True, due_at=soon)
    add(acme, csm, title="Mine", planned_on=TODAY)
    add(acme, csm, title="Short", minutes=5)
    add(acme, csm, title="Reactive one", is_proactive=False, due_at=soon)
    add(acme, csm, title="Far", due_at=soon + timedelta(days=30))
    page = maya.get("/acme/today/").text
    for words in ("Clock running", "Planned for today", "Ten-minute jobs", "Most impact at stake"):
        assert words in page
    assert "1 task due after the coming week" in page
    assert "Far" in maya.get("/acme/today/?show=later").text


def test_today_is_not_for_executives(acme: Tenant, sign_in: SignIn):
    assert sign_in(make.member(acme, Role.EXECUTIVE)).get("/acme/today/").status_code == 403


def test_another_tenant_does_not_see_it(rival: Tenant, sign_in: SignIn, task: Task):
    stranger = sign_in(make.member(rival))
    assert stranger.get("/acme/today/").status_code == 404
    assert stranger.post(f"/rival/tasks/{task.pk}/done/").status_code == 404
    assert stranger.get(f"/rival/today/{task.pk}/").status_code == 404


@pytest.mark.parametrize("who", ["team", "someone"])
def test_a_csm_looks_into_nobody_elses_queue(maya: Client, acme: Tenant, who: str):
    assert maya.get(f"/acme/today/?who={who}").status_code == 404
    assert maya.get("/acme/today/?show=nothing").status_code == 404


def test_a_manager_sees_the_team_and_each_person(
    acme: Tenant, csm: Actor, task: Task, sign_in: SignIn
):
    lead = sign_in(make.member(acme, Role.MANAGER))
    assert "Call the champion" in lead.get("/acme/today/?who=team").text
    assert "Call the champion" in lead.get(f"/acme/today/?who={csm.user_id}").text
    assert "Call the champion" not in lead.get("/acme/today/").text
    other = make.member(acme, Role.CSM, team="West")
    assert lead.get(f"/acme/today/?who={other.user_id}").status_code == 404
    team = lead.get("/acme/today/?who=team").text
    assert 'Maya Okafor <span class="c-dim num">1</span>' in team


def test_the_rail_counts_along(maya: Client, acme: Tenant, csm: Actor):
    task = add(acme, csm)
    assert 'id="count-t" class="nav__n">1<' in maya.get("/acme/today/").text
    htmx = {"HX-Request": "true"}
    part = maya.get("/acme/today/", headers=htmx).text
    assert '<span id="count-t" hx-swap-oob="innerHTML">1</span>' in part
    maya.post(f"/acme/tasks/{task.pk}/drop/", headers=htmx)
    part = maya.get("/acme/today/", headers=htmx).text
    assert '<span id="count-t" hx-swap-oob="innerHTML"></span>' in part


def test_what_started_a_play_stands_once_and_with_its_day(
    maya: Client, acme: Tenant, run: Run, task: Task
):
    fact = {"name": "Time to renewal", "key": "days_to_renewal", "shown": "30 days", "value": 30}
    with act_for(acme.pk):
        run.evidence |= {"facts": [fact, fact]}
        run.save()
    page = maya.get("/acme/today/").text
    assert page.count("30 days") == 1
    assert re.search(r"\d+ \w{3}: Started by Maya Okafor\.", page)


def test_done_answers_with_undo_and_undo_works(maya: Client, acme: Tenant, task: Task):
    url = f"/acme/tasks/{task.pk}"
    answer = maya.post(f"{url}/done/", {"version": 1}, headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert f"{url}/reopen/" in answer["HX-Trigger"]
    assert "Agree the way back" in maya.get("/acme/today/").text
    assert "Call the champion" in maya.get("/acme/today/?show=done").text
    again = maya.post(f"{url}/done/", headers={"HX-Request": "true"})
    assert again.status_code == 409
    assert maya.post(f"{url}/reopen/").status_code == 302
    assert maya.post(f"{url}/done/", {"version": 1}).status_code == 409


def test_snooze_by_preset_and_by_date(maya: Client, acme: Tenant, task: Task):
    url = f"/acme/tasks/{task.pk}/snooze/"
    assert "Tomorrow" in maya.get(url).text
    assert maya.post(url, {}).status_code == 422
    assert maya.post(url, {"until": "2020-01-01"}).status_code == 422
    answer = maya.post(url, {"days": 1, "reason": "Away"}, headers={"HX-Request": "true"})
    assert "Snoozed until" in answer["HX-Trigger"]
    assert "Away" in maya.get("/acme/today/?show=snoozed").text
    assert "Nothing to do today" in maya.get("/acme/today/").text
    maya.post(f"/acme/tasks/{task.pk}/wake/")
    assert "Call the champion" in maya.get("/acme/today/").text


def test_plan_drop_and_reassign(maya: Client, acme: Tenant, csm: Actor, task: Task):
    url = f"/acme/tasks/{task.pk}"
    today, friday = timezone.now().date(), timezone.now().date() + timedelta(days=9)
    for _ in range(2):  # pressed twice is the same as once
        maya.post(f"{url}/plan/", {"on": today.isoformat()})
    assert "Planned for today" in maya.get("/acme/today/").text
    told = maya.post(f"{url}/plan/", {"on": friday.isoformat()}, headers={"HX-Request": "true"})
    undo = json.loads(told["HX-Trigger"])["toast"]["undo"]
    assert undo.endswith(f"/plan/?on={today.isoformat()}")
    maya.post(undo)
    with act_for(acme.pk):
        task.refresh_from_db()
    assert task.planned_on == today
    assert maya.post(f"{url}/plan/", {"on": "soon"}).status_code == 422
    assert maya.post(f"{url}/reassign/", {"owner": str(make.some_id())}).status_code == 422
    assert maya.post(f"{url}/reassign/", {"owner": str(csm.user_id)}).status_code == 302
    maya.post(f"{url}/drop/")
    assert maya.post(f"{url}/drop/").status_code == 409


@pytest.mark.parametrize("verb", ["done", "reopen", "drop", "plan", "wake"])
def test_reading_changes_nothing(maya: Client, task: Task, verb: str):
    assert maya.get(f"/acme/tasks/{task.pk}/{verb}/").status_code == 405


def test_a_task_of_somebody_elses_account_is_out_of_reach(
    acme: Tenant, task: Task, sign_in: SignIn
):
    other = sign_in(make.member(acme, Role.CSM, team="West"))
    assert other.post(f"/acme/tasks/{task.pk}/done/").status_code == 404
    admin = sign_in(make.member(acme, Role.ADMIN))
    assert admin.post(f"/acme/tasks/{task.pk}/done/").status_code == 403


def test_a_new_task(maya: Client, acme: Tenant, account: Account, csm: Actor):
    url = f"/acme/tasks/new/?account={account.pk}"
    assert "For Northwind." in maya.get(url).text
    form = {"title": "Send the deck", "owner": str(csm.user_id), "kind": "email", "minutes": 10}
    assert maya.post(url, form | {"minutes": 0}).status_code == 422
    assert maya.get("/acme/tasks/new/?account=nonsense").status_code == 404
    assert maya.post(url, form | {"due_on": "2030-01-02"}).status_code == 302
    with act_for(acme.pk):
        made = Task.objects.get()
    assert (made.account_id, made.owner, made.minutes) == (account.pk, csm.user, 10)


def test_the_panel_of_an_account(maya: Client, acme: Tenant, account: Account, run: Run):
    url = f"/acme/accounts/{account.pk}/plays/"
    page = maya.get(url).text
    assert "Falling use" in page
    assert "Agree the way back" in page
    dismiss = f"/acme/runs/{run.pk}/dismiss/"
    assert "does not fit" in maya.get(dismiss).text
    assert maya.post(dismiss, {"reason": ""}).status_code == 422
    assert maya.post(dismiss, {"reason": "Planned migration"}).status_code == 302
    assert maya.post(dismiss, {"reason": "Again"}).status_code == 409
    page = maya.get(url, headers={"HX-Request": "true"}).text
    assert "No play is at work here" in page
    assert "Planned migration" in page
    assert "<html" not in page


def test_start_a_play_by_hand(maya: Client, acme: Tenant, account: Account):
    with act_for(acme.pk):
        play = put_in_force()
    url = f"/acme/accounts/{account.pk}/plays/start/"
    assert maya.post(url, {"play": "nothing"}).status_code == 422
    assert maya.post(url, {"play": str(play.pk)}).status_code == 302
    assert maya.post(url, {"play": str(play.pk)}).status_code == 409
    assert maya.get(f"/acme/accounts/{make.some_id()}/plays/start/").status_code == 404


def test_the_playbook_reads_as_sentences(maya: Client, run: Run):
    page = maya.get("/acme/plays/").text
    assert "When usage trend is at most −30%" in page
    assert "n = 0" in page
    assert maya.get("/acme/plays/none/").status_code == 404


def test_an_empty_playbook_says_so(maya: Client, acme: Tenant):
    assert "No plays yet" in maya.get("/acme/plays/").text


def test_a_play_tells_what_it_did_and_why_not(
    maya: Client, acme: Tenant, account: Account, run: Run
):
    with act_for(acme.pk):
        make.snapshot(account, TODAY, usage_trend=-0.1)
        Held.objects.create(
            play_key="usage_drop",
            account=account,
            day=TODAY,
            cause="cooldown",
            facts={"words": "rests until 2026-12-01", "episode_on": "2026-11-19"},
            recorded_at=make.NOW,
        )
    page = maya.get(f"/acme/plays/usage_drop/?account=north&day={TODAY}").text
    assert "did not meet the condition" in page
    assert "was −10%" in page
    assert "At rest" in page
    assert "Started by Maya Okafor" in page
    early = maya.get("/acme/plays/usage_drop/?account=north&day=2020-01-01").text
    assert "Nothing is stored of Northwind" in early
    with act_for(acme.pk):
        near = make.account("Northsea")
    several = maya.get("/acme/plays/usage_drop/?account=north&day=2026-11-19").text
    assert "Which account?" in several and "Nothing is stored" not in several
    assert f"?account={near.pk}&amp;day=2026-11-19#why" in several
    exact = maya.get("/acme/plays/usage_drop/?account=northwind&day=2020-01-01").text
    assert "Nothing is stored of Northwind" in exact
    wrong = maya.get("/acme/plays/usage_drop/?account=nobody&day=2026-11-19")
    assert wrong.status_code == 422
    assert "There is no such account" in wrong.text
    assert maya.get("/acme/plays/usage_drop/?state=odd").status_code == 404


def test_a_play_changes_as_a_draft_and_is_published(
    acme: Tenant, run: Run, maya: Client, sign_in: SignIn
):
    revops = sign_in(make.member(acme, Role.REVOPS))
    url = "/acme/plays/usage_drop/edit/"
    assert maya.get(url).status_code == 403
    assert "Usage trend is at most (0.1 is 10%)" in revops.get(url).text
    form = {
        "seen_version": 1,
        "name": "Falling use",
        "value-0": -0.4,
        "value-1": -0.1,
        "priority": 1,
        "first_action_hours": 4,
        "cooldown_days": 10,
        "success_days": 20,
        "step-0": "Call the champion",
        "due-0": 4,
        "step-1": "Agree the way back",
        "due-1": 16,
    }
    assert revops.post(url, form | {"priority": 9}).status_code == 422
    assert revops.post(url, form | {"seen_version": 0}).status_code == 409
    assert revops.post(url, form).status_code == 302
    assert "Publish version 2" in revops.get("/acme/plays/usage_drop/").text
    assert revops.post(url, form | {"seen_version": 2, "publish": 1}).status_code == 302
    with act_for(acme.pk):
        now = Play.objects.get(state=Play.State.PUBLISHED)
        assert (now.version, now.body["when"]["value"], now.body["priority"]) == (3, -0.4, 1)
    off = "/acme/plays/usage_drop/off/"
    assert revops.get(off).status_code == 405
    assert maya.post(off).status_code == 403
    assert revops.post(off).status_code == 302
    assert revops.post(off).status_code == 409
    on = revops.post("/acme/plays/usage_drop/on/", {"seen_version": 3})
    assert on.status_code == 302
    with act_for(acme.pk):
        assert Play.objects.get(state=Play.State.PUBLISHED).version == 4


def test_the_task_that_asks_for_a_consequence_leads_to_where_it_is_written(
    maya: Client, acme: Tenant, account: Account, csm: Actor, sign_in: SignIn
):
    with act_for(acme.pk):
        install_plays(author=None, now=make.NOW)
        account.renews_on = timezone.localdate() + timedelta(days=100)
        account.save()
        enter_renewals(today=timezone.localdate(), now=make.NOW)
        play = Play.objects.get(key="renewal_consequence", state=Play.State.PUBLISHED)
        start_by_hand(account=account, play=play, actor=csm, now=timezone.now())
        event = CriticalEvent.objects.get(is_renewal=True)
    page = maya.get("/acme/today/?show=later").text + maya.get("/acme/today/").text
    task = re.search(r"/acme/today/\?item=[0-9a-f-]+", page)
    there = f"/acme/events/{event.pk}/consequence/"
    assert task and there in maya.get(task[0]).text
    maya.post(there, {"consequence": "The old system goes off"})
    assert there not in maya.get(task[0]).text
