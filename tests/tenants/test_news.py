"""News: told within seconds, once for what came together, and never missed."""

import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from tenants import jobs, news, trail
from tenants.jobs import run
from tenants.models import Job, Tenant, TrailEntry
from tenants.nights import due
from tenants.scope import act_for
from tests.tenants.test_joining import run_at_once

MOST = news.EVERY + news.SETTLES
heard: list[datetime] = []


def listen(*, since: datetime, now: datetime) -> None:
    heard.extend(
        TrailEntry.objects.filter(recorded_at__gte=since).values_list("recorded_at", flat=True)
    )


@pytest.fixture(autouse=True)
def listening(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    heard.clear()
    monkeypatch.setattr(news, "LISTENERS", [listen])
    monkeypatch.setattr(jobs, "ring", lambda *_, after=0: None)
    yield
    heard.clear()


def tell(now: datetime) -> int:
    """Run what is due by a moment. Returns how many jobs ran."""
    waiting = due(now)
    for tenant_id, job_id in waiting:
        assert run(tenant_id, job_id, clock=lambda: now)
    return len(waiting)


def test_what_comes_together_is_told_once_and_within_seconds(acme: Tenant):
    start = timezone.now()
    with act_for(acme.pk):
        for _ in range(3):
            trail.record("spiced.note_saved", at=start)
        assert Job.objects.filter(kind="tenants.news").count() <= 2
        latest = max(Job.objects.values_list("due_at", flat=True))
    assert latest <= timezone.now() + MOST <= timezone.now() + timedelta(seconds=10)
    tell(latest)
    assert len(set(heard)) == 3


def test_a_telling_reads_all_that_was_recorded_however_late_it_comes(acme: Tenant):
    with act_for(acme.pk):
        line = trail.record("spiced.note_saved", at=timezone.now())
    assert tell(line.recorded_at + timedelta(hours=3)) == 1
    assert heard == [line.recorded_at]


def test_news_are_not_read_again_by_the_next_telling(acme: Tenant):
    with act_for(acme.pk):
        first = trail.record("spiced.note_saved", at=timezone.now())
    tell(first.recorded_at + MOST)
    with act_for(acme.pk):
        news.queue_news(first.recorded_at + news.EVERY)
    assert tell(first.recorded_at + news.EVERY + MOST) == 1
    assert heard == [first.recorded_at]


@pytest.mark.django_db(transaction=True)
def test_a_telling_waits_for_who_has_yet_to_commit(acme: Tenant):
    """Nothing is left to what a process would do after its commit: it may be killed there."""
    now = timezone.now()
    recorded, told = threading.Event(), threading.Event()
    with act_for(acme.pk):
        news.queue_news(now)  # somebody else's, already committed

    def slow() -> None:
        with act_for(acme.pk):
            news.queue_news(now)
            TrailEntry.objects.create(verb="spiced.note_saved", at=now)
            recorded.set()
            assert not told.wait(0.5)
        connection.close()

    def teller() -> None:
        assert recorded.wait(5)
        tell(now + MOST)
        told.set()
        connection.close()

    run_at_once(slow, teller)
    assert told.is_set() and len(heard) == 1


@pytest.mark.django_db(transaction=True)
def test_who_records_never_waits_for_who_begins_the_telling(acme: Tenant):
    """Whoever begins it may hold, or want, the rows of who records: they would wait for ever."""
    now = timezone.now()
    begun, recorded = threading.Event(), threading.Event()
    with act_for(acme.pk):
        news.queue_news(now)

    def begins() -> None:
        with act_for(acme.pk):
            Job.objects.select_for_update(no_key=True).get(kind=news.KIND)
            begun.set()
            assert recorded.wait(3)
        connection.close()

    def records() -> None:
        assert begun.wait(3)
        with act_for(acme.pk):
            news.queue_news(now)
        recorded.set()
        connection.close()

    run_at_once(begins, records)
    with act_for(acme.pk):
        assert Job.objects.filter(kind=news.KIND).count() == 2, "told again"


def test_what_is_recorded_after_its_telling_is_told_again(acme: Tenant):
    now = timezone.now()
    with act_for(acme.pk):
        news.queue_news(now)
    assert tell(now + MOST) == 1
    with act_for(acme.pk):
        news.queue_news(now)  # a clock that lags behind
        line = TrailEntry.objects.create(verb="spiced.note_saved", at=now)
    tell(now + 2 * MOST)
    assert set(heard) == {line.recorded_at}


def test_tellings_that_queued_up_are_done_with_the_first(acme: Tenant):
    now = timezone.now()
    with act_for(acme.pk):
        for ago in range(0, 600, 5):
            news.queue_news(now - timedelta(seconds=ago))
        line = TrailEntry.objects.create(verb="spiced.note_saved", at=now)
    waiting = due(now)
    assert len(waiting) > 100
    assert [run(*each, clock=lambda: now) for each in waiting] == [True] + [False] * (
        len(waiting) - 1
    )
    assert heard == [line.recorded_at] and not due(now)


@pytest.mark.django_db(transaction=True)
def test_two_tellings_of_a_company_never_overlap(acme: Tenant, monkeypatch: pytest.MonkeyPatch):
    """Listeners lock rows of several apps; two at once could wait for each other for ever."""
    told: list[str] = []

    def slow(*, since: datetime, now: datetime) -> None:
        told.append("begins")
        time.sleep(0.2)
        told.append("ends")

    monkeypatch.setattr(news, "LISTENERS", [slow])
    start = timezone.now()
    with act_for(acme.pk):
        for ago in (60, 120):
            news.queue_news(start - timedelta(seconds=ago))
    first, second = due(start)

    def early() -> None:
        run(*first, clock=lambda: start - timedelta(seconds=100))  # when only this one is due
        connection.close()

    def late() -> None:
        while not told:
            time.sleep(0.01)
        run(*second, clock=lambda: start)
        connection.close()

    run_at_once(early, late)
    assert told == ["begins", "ends"] * 2
