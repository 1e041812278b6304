"""Real workers and messages that are doubled, lost, or of work that nobody survives."""

import signal
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from django.utils import timezone
from kombu import Connection

from csom.celery import app
from tenants import jobs
from tenants.jobs import later
from tenants.models import DueJob, Job, Tenant, TrailEntry
from tenants.scope import act_for
from tests import make
from tests.faults import kinds
from tests.faults.site import Site, until


@pytest.fixture
def tenant(installation: Site, monkeypatch: pytest.MonkeyPatch) -> Tenant:
    monkeypatch.setattr(jobs, "ring", lambda *ids, after=0: None)  # the tests ring themselves
    return make.tenant(name="Company")


def queued(tenant: Tenant, step: Any, **arguments: Any) -> Job:
    with act_for(tenant.pk):
        later(step, key="a", now=timezone.now() - timedelta(seconds=1), **arguments)
        return Job.objects.get(kind=step.kind)


def fresh(job: Job) -> Job:
    with act_for(job.tenant_id):
        return Job.objects.get(pk=job.pk)


def made_due(job: Job) -> None:
    """The lease is over, or the delay after a failure."""
    now = timezone.now()
    with act_for(job.tenant_id):
        Job.objects.filter(pk=job.pk, state__in=["waiting", "running"]).update(due_at=now)
        DueJob.objects.filter(pk=job.pk).update(due_at=now)


def ticked(site: Site, job: Job) -> bool:
    """Whether a job is done, with a tick where it is not."""
    site.tick()
    return is_done(job)


def is_done(job: Job) -> bool:
    return fresh(job).state == "done"


def recorded(tenant: Tenant, verb: str) -> list[Any]:
    with act_for(tenant.pk):
        return list(TrailEntry.objects.filter(verb=verb).values_list("facts__step", flat=True))


@pytest.mark.case("B1", "B2")
def test_a_doubled_message_takes_effect_once_and_a_lost_one_is_rung_for_again(
    installation: Site, tenant: Tenant
) -> None:
    installation.worker()
    doubled = queued(tenant, kinds.once)
    installation.ring([doubled], 20)
    until(lambda: is_done(doubled), "the job is done")
    until(installation.is_idle, "every message is read")
    assert len(recorded(tenant, "test.done_once")) == 1
    other = make.tenant()
    lost = queued(other, kinds.once)
    installation.ring([lost])
    installation.broker.flushall()
    installation.tick()
    until(lambda: is_done(lost), "the lost job is done")
    assert len(recorded(other, "test.done_once")) == 1


@pytest.mark.case("A15", "B4", "B5")
def test_work_that_kills_or_fails_every_time_is_given_up_and_others_go_on(
    installation: Site, tenant: Tenant, tmp_path: Path
) -> None:
    installation.worker()
    marks = tmp_path / "marks"
    poison = queued(tenant, kinds.poison, path=str(marks))
    raising = queued(tenant, kinds.raises)
    starts = 0
    while fresh(poison).state != "dead" or fresh(raising).state != "dead":
        other = queued(make.tenant(), kinds.once)
        made_due(poison)
        made_due(raising)
        until(lambda other=other: ticked(installation, other), "another tenant's job is done")
        starts += 1
        assert starts < 40, (fresh(poison).error, fresh(raising).error)
    assert len(marks.read_text()) == jobs.MOST_ATTEMPTS
    assert "died" in fresh(poison).error and "no luck" in fresh(raising).error
    assert fresh(raising).attempt == jobs.MOST_ATTEMPTS
    assert installation.alive("worker")


@pytest.mark.case("B6", "B7", "B8")
def test_nonsense_in_the_queue_ends_no_worker(installation: Site, tenant: Tenant) -> None:
    installation.worker()
    with Connection(f"redis+socket://{installation.valkey.socket}") as line:
        for arguments in ([], ["x", "y"], [None, None], [str(make.some_id())] * 2, [{}, []]):
            app.send_task("tenants.run_job", args=arguments, connection=line)
        Celery().send_task("tenants.of_tomorrow", args=[1], connection=line)
    last = queued(tenant, kinds.once)
    installation.ring([last])
    until(lambda: is_done(last), "the job is done")


@pytest.mark.case("A17")
def test_a_worker_that_is_told_to_stop_ends_what_it_began(
    installation: Site, tenant: Tenant, tmp_path: Path
) -> None:
    installation.worker()
    gate = tmp_path / "gate"
    gate.touch()
    made = queued(tenant, kinds.long, steps=8, path=str(gate))
    installation.ring([made])
    until(gate.with_suffix(".begun").exists, "the job has begun")
    worker = installation.processes["worker"]
    worker.send_signal(signal.SIGTERM)
    gate.unlink()
    until(lambda: worker.poll() is not None, "the worker ends")
    assert fresh(made).state == "done", fresh(made).error
    assert sorted(recorded(tenant, "test.step_done")) == list(range(8))


@pytest.mark.case("B3")
def test_a_worker_that_lost_its_lease_writes_nothing_beside_the_new_holder(
    installation: Site, tenant: Tenant, tmp_path: Path
) -> None:
    installation.worker()
    gate = tmp_path / "gate"
    gate.touch()
    made = queued(tenant, kinds.long, steps=3, path=str(gate))
    installation.ring([made])
    until(gate.with_suffix(".begun").exists, "the first holder works")
    made_due(made)
    installation.ring([made])
    until(lambda: fresh(made).fence == 2, "a second worker holds the lease")
    gate.unlink()  # both go on now
    until(lambda: is_done(made), "the job is done")
    until(installation.is_idle, "the stale worker is done as well")
    assert sorted(recorded(tenant, "test.step_done")) == [0, 1, 2]
