"""Work is done once, goes on where it stopped, and is never lost."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tenants import jobs, nights
from tenants.jobs import Work, job, later, run
from tenants.models import DueJob, Job, Tenant
from tenants.scope import act_for
from tests.make import NOW

SEEN: list[Any] = []


@job("test.count", label="A test")
def count(work: Work, *, until: int) -> int | None:
    SEEN.append(work.cursor or 0)
    step = (work.cursor or 0) + 1
    work.statistics["steps"] = step
    return step if step < until else None


@job("test.fail", label="A test")
def fail(work: Work) -> None:
    raise ValueError("no luck")


@pytest.fixture(autouse=True)
def bells(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    SEEN.clear()
    rung: list[Any] = []
    monkeypatch.setattr(jobs, "ring", lambda *ids, after=0: rung.append(ids))
    return rung


def clock(at: datetime) -> Callable[[], datetime]:
    return lambda: at


def queue(tenant: Tenant, step: Callable[..., Any], key: str = "a", **arguments: Any) -> Job:
    with act_for(tenant.pk):
        later(step, key=key, now=NOW, **arguments)
        return Job.objects.get(kind=step.kind, key=key)


@pytest.mark.case("B16")
def test_the_same_key_queues_once(acme: Tenant):
    first = queue(acme, count, until=1)
    assert queue(acme, count, until=1) == first
    assert DueJob.objects.count() == 1


def test_a_job_runs_its_chunks_and_is_done(acme: Tenant):
    made = queue(acme, count, until=3)
    assert run(acme.pk, made.pk, clock=clock(NOW))
    assert SEEN == [0, 1, 2]
    with act_for(acme.pk):
        made.refresh_from_db()
        assert (made.state, made.statistics) == ("done", {"steps": 3})
    assert not run(acme.pk, made.pk, clock=clock(NOW)), "a done job runs again"
    assert nights.due(NOW) == []


@pytest.mark.case("B4")
def test_a_failed_job_is_due_again_later_and_dead_after_five(acme: Tenant):
    made, at = queue(acme, fail), NOW
    for attempt in range(1, 6):
        assert not run(acme.pk, made.pk, clock=clock(at))
        with act_for(acme.pk):
            made.refresh_from_db()
        assert made.attempt == attempt and "no luck" in made.error
        at = made.due_at
    assert made.state == "dead"
    assert DueJob.objects.count() == 0


@pytest.mark.case("B3")
def test_a_worker_that_lost_its_lease_writes_nothing(acme: Tenant):
    @job("test.slow", label="A test")
    def slow(work: Work) -> int | None:
        if work.cursor is None:
            with act_for(acme.pk):
                Job.objects.filter(pk=work.job_id).update(fence=99)
        return 1 if work.cursor is None else None

    made = queue(acme, slow)
    assert not run(acme.pk, made.pk, clock=clock(NOW))
    with act_for(acme.pk):
        made.refresh_from_db()
        assert made.cursor is None


@pytest.mark.case("B1")
def test_a_leased_job_is_not_taken_twice_and_comes_back(acme: Tenant):
    made = queue(acme, count, until=1)
    with act_for(acme.pk):
        assert jobs._take_lease(made.pk, NOW)
        assert jobs._take_lease(made.pk, NOW) is None
    assert nights.due(NOW) == []
    assert nights.due(NOW + timedelta(minutes=6)) == [(acme.pk, made.pk)]


@pytest.mark.case("B9")
def test_tenants_take_turns(acme: Tenant, rival: Tenant):
    for key in "abc":
        queue(acme, count, key, until=1)
    queue(rival, count, until=1)
    assert [tenant for tenant, _ in nights.due(NOW)][:2] in (
        [acme.pk, rival.pk],
        [rival.pk, acme.pk],
    )


@pytest.mark.case("B14")
@pytest.mark.parametrize(
    ("zone", "now", "last"),
    [
        ("Europe/Berlin", datetime(2026, 11, 19, 0, 59, tzinfo=UTC), "2026-11-18"),
        ("Europe/Berlin", datetime(2026, 11, 19, 1, 0, tzinfo=UTC), "2026-11-19"),
        ("Africa/Cairo", datetime(2026, 4, 23, 23, 0, tzinfo=UTC), "2026-04-24"),
        ("Pacific/Kiritimati", datetime(2026, 11, 18, 13, 0, tzinfo=UTC), "2026-11-19"),
    ],
)
def test_a_night_begins_at_the_tenants_own_hour(zone: str, now: datetime, last: str):
    days = list(nights.nights(time(2), ZoneInfo(zone), now))
    assert days[-1].isoformat() == last
    assert days == sorted(set(days))


def test_what_is_due_within_a_tick_is_rung_for_its_moment(
    acme: Tenant, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
):
    rung: list[float] = []
    monkeypatch.setattr(jobs, "ring", lambda *ids, after=0: rung.append(after))
    with django_capture_on_commit_callbacks(execute=True), act_for(acme.pk):
        for seconds in (-5, 0, 20, 3600):
            due_at = NOW + timedelta(seconds=seconds)
            later(count, key=str(seconds), now=NOW, due_at=due_at, until=1)
    assert rung == [0, 0, 20]


def test_a_tenant_has_no_nights_from_before_its_first(
    acme: Tenant, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(nights, "NIGHTLY", {count.kind: time(1)})
    queued = []
    for at in (NOW, NOW + timedelta(minutes=1), NOW + timedelta(days=2)):
        nights.queue_nights(acme, at)
        with act_for(acme.pk):
            queued.append(Job.objects.filter(kind=count.kind).count())
    assert queued == [1, 1, 3], "the first night alone; later each one that was missed"
