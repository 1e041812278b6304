"""What a worker does with a message it cannot use, and with work that is long or stumbles."""

from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from csom.celery import app
from tenants import jobs, nights
from tenants.jobs import TURN, Broker, Work, job, later, run
from tenants.models import Job, Tenant
from tenants.scope import act_for
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)


@job("test.steps", label="A test")
def steps(work: Work, *, until: int) -> int | None:
    """As many chunks as asked for."""
    step = (work.cursor or 0) + 1
    return step if step < until else None


@job("test.stumbles", label="A test")
def stumbles(work: Work) -> int | None:
    """Four chunks, each of which fails three times before it succeeds."""
    TRIES.append(work.cursor or 0)
    if len(TRIES) % 4:
        raise ValueError("not yet")
    return (work.cursor or 0) + 1 if (work.cursor or 0) < 3 else None


TRIES: list[int] = []


@pytest.fixture
def bells(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    rung: list[Any] = []
    monkeypatch.setattr(jobs, "ring", lambda *ids, after=0: rung.append(ids))
    return rung


def queued(tenant: Tenant, step: Any, **arguments: Any) -> Job:
    with act_for(tenant.pk):
        later(step, key="a", now=NOW, **arguments)
    return fresh(tenant)


def fresh(tenant: Tenant) -> Job:
    with act_for(tenant.pk):
        return Job.objects.get()


@pytest.mark.case("B6")
def test_work_of_another_release_is_put_aside_with_a_reason(acme: Tenant, bells: list[Any]):
    made, at = queued(acme, steps, until=1), NOW
    with act_for(acme.pk):
        Job.objects.update(kind="test.of_tomorrow")
    for _ in range(jobs.MOST_ATTEMPTS):
        assert not run(acme.pk, made.pk, clock=lambda at=at: at)
        at = fresh(acme).due_at
    assert fresh(acme).state == "dead" and "of_tomorrow" in fresh(acme).error


@pytest.mark.case("B7")
def test_a_closed_tenant_works_on_nothing_until_it_is_opened_again(
    acme: Tenant, bells: list[Any], caplog: pytest.LogCaptureFixture
):
    made = queued(acme, steps, until=1)
    Tenant.objects.update(is_active=False)
    assert nights.due(NOW) == [] and nights.tick(NOW) == 0
    assert not run(acme.pk, made.pk, clock=lambda: NOW)
    assert str(acme.pk) in caplog.text
    Tenant.objects.update(is_active=True)
    assert nights.due(NOW) == [(acme.pk, made.pk)]
    assert run(acme.pk, made.pk, clock=lambda: NOW)


@pytest.mark.case("B7", "B8")
def test_a_message_that_names_nobody_or_anothers_job_is_dropped(
    acme: Tenant, rival: Tenant, bells: list[Any], caplog: pytest.LogCaptureFixture
):
    made = queued(acme, steps, until=1)
    assert not run(UUID(int=7), made.pk, clock=lambda: NOW)
    assert "gone" in caplog.text
    assert not run(rival.pk, made.pk, clock=lambda: NOW)
    assert not run(acme.pk, make.some_id(), clock=lambda: NOW)
    assert (fresh(acme).state, fresh(acme).attempt) == ("waiting", 0)


def test_long_work_lets_others_have_their_turn_and_goes_on(
    acme: Tenant, bells: list[Any], django_capture_on_commit_callbacks: Any
):
    made, minutes = queued(acme, steps, until=10), count()

    def clock() -> Any:
        return NOW + timedelta(minutes=next(minutes))

    runs = 0
    bells.clear()
    while fresh(acme).state != "done":
        with django_capture_on_commit_callbacks(execute=True):
            assert run(acme.pk, made.pk, clock=clock)
        runs += 1
        assert fresh(acme).state in {"waiting", "done"}
    assert runs == 10 // (TURN.seconds // 60 + 1) + 1
    assert bells == [(acme.pk, made.pk)] * (runs - 1), "it rings for what is left"


@pytest.mark.case("B18")
def test_work_that_gets_on_is_not_given_up_however_often_it_stumbles(
    acme: Tenant, bells: list[Any]
):
    TRIES.clear()
    made, at = queued(acme, stumbles), NOW
    while fresh(acme).state not in {"done", "dead"}:
        run(acme.pk, made.pk, clock=lambda at=at: at)
        at += timedelta(hours=1)
    assert fresh(acme).state == "done", fresh(acme).error
    assert len(TRIES) == 16


@pytest.mark.case("A10", "A12")
def test_nobody_waits_twice_for_a_broker_that_does_not_answer(
    acme: Tenant, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
):
    asked = []

    def away(*arguments: Any, **more: Any) -> None:
        asked.append(arguments)
        raise ConnectionError("nobody there")

    monkeypatch.setattr(app, "send_task", away)
    monkeypatch.setattr(Broker, "quiet_until", 0.0)
    with django_capture_on_commit_callbacks(execute=True), act_for(acme.pk):
        for key in "abc":
            with transaction.atomic():
                assert later(steps, key=key, now=NOW, until=1)
    assert len(asked) == 1
    assert nights.tick(NOW + timedelta(seconds=5)) == 3 + len(jobs.NIGHTLY)
    assert len(asked) == 2, "a tick tries again"
    with act_for(acme.pk):
        assert set(Job.objects.values_list("state", flat=True)) == {"waiting"}
