"""From an imported fact to a person's task: the night scores, then the playbook looks."""

import json
from datetime import date, timedelta
from typing import Any

import pytest

import charter.actions
import health.actions.models
from health.actions.night import score_night
from plays.actions.definitions import install_defaults
from plays.actions.evaluate import evaluate, evaluate_changed
from plays.actions.runs import start_by_hand
from plays.models import Play, Run, Task
from plays.queries.definitions import in_force
from pulse.actions.activities import log_activity
from pulse.models import Ticket
from tenants import jobs
from tenants.actor import Actor
from tenants.jobs import later, run
from tenants.models import Job, Tenant
from tenants.scope import act_for
from tests import make
from tests.make import NOW, TODAY


@pytest.fixture(autouse=True)
def bells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "ring", lambda *ids, after=0: None)


def work_off(tenant: Tenant, kind: str) -> Job:
    """Run the one due job of a kind as a worker does."""
    with act_for(tenant.pk):
        queued = Job.objects.get(kind=kind)
    assert run(tenant.pk, queued.pk, clock=lambda: NOW)
    with act_for(tenant.pk):
        return Job.objects.get(pk=queued.pk)


def test_a_ticket_becomes_a_task_overnight(acme: Tenant, csm: Actor):
    with act_for(acme.pk):
        for install in (
            charter.actions.install_defaults,
            health.actions.models.install_defaults,
            install_defaults,
        ):
            install(author=None, now=NOW)
        account = make.account(
            "Northwind", owner=csm.user, stage="first_impact", customer_since=date(2025, 1, 1)
        )
        Ticket.objects.create(
            account=account,
            external_id="t-1",
            priority=1,
            opened_at=NOW - timedelta(hours=20),
            recorded_at=NOW - timedelta(hours=20),
        )
        later(score_night, key="night", now=NOW, day=TODAY.isoformat())
    assert work_off(acme, "health.night").state == Job.State.DONE
    done = work_off(acme, "plays.evaluate")
    assert (done.state, done.arguments) == (Job.State.DONE, {"day": TODAY.isoformat()})
    with act_for(acme.pk):
        opened = Run.objects.get(play_key="sev1_open")
        assert opened.evidence["reason"] == "Tickets of priority 1 open: 1"
        assert done.statistics["opened"] == Run.objects.count()
        first = Task.objects.get(run=opened, step=0)
        assert (first.owner, first.has_clock) == (csm.user, True)
        assert later(evaluate, key=TODAY.isoformat(), now=NOW, day=TODAY.isoformat()) is None


def test_a_logged_call_stamps_the_first_action_with_the_news(acme: Tenant, csm: Actor):
    with act_for(acme.pk):
        charter.actions.install_defaults(author=None, now=NOW)
        install_defaults(author=None, now=NOW)
        account = make.account("Northwind", owner=csm.user)
        play = Play.objects.get(key="sev1_open")
        started = start_by_hand(account=account, play=play, actor=csm, now=NOW)
        said: dict[str, Any] = {"account": account, "actor": csm, "purpose": "Say what we know"}
        soon = NOW + timedelta(minutes=5)
        log_activity(**said, kind="note", now=soon)
        evaluate_changed(since=NOW - timedelta(days=3650), now=soon)
        started.refresh_from_db()
        assert started.first_action_at is None
        log_activity(**said, kind="call", now=soon)
        evaluate_changed(since=NOW - timedelta(days=3650), now=soon)
        started.refresh_from_db()
        assert started.first_action_at == soon


def test_a_play_switched_off_in_the_midst_of_a_night_hides_no_other(acme: Tenant, csm: Actor):
    with act_for(acme.pk):
        install_defaults(author=None, now=NOW)
        work = jobs.Work(acme.pk, acme.pk, None, NOW)
        order = [[body.priority, play.key] for play, body in in_force()]
        seen = []
        while (cursor := evaluate(work, day=TODAY.isoformat())) is not None:
            work.cursor = json.loads(json.dumps(cursor))
            seen.append(work.cursor)
            if len(seen) == 4:
                Play.objects.filter(key__in=[key for _, key in order[:2]]).update(state="retired")
    assert [place for *place, _ in seen[1:]] == order
