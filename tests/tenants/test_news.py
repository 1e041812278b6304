"""News: told within seconds, once for what came together, and never missed."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
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


@pytest.mark.parametrize(("seconds", "tellings"), [(0, 0), (60, 1)])
def test_what_is_committed_after_its_telling_is_told_again(
    acme: Tenant,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
    seconds: int,
    tellings: int,
):
    now = timezone.now()
    with act_for(acme.pk):
        news.queue_news(now)  # somebody else's, already committed
    with django_capture_on_commit_callbacks(execute=False) as at_commit, act_for(acme.pk):
        for _ in range(3):
            news.queue_news(now)
        trail_at = TrailEntry.objects.create(verb="spiced.note_saved", at=now).recorded_at
    tell(now + MOST)
    heard.clear()
    monkeypatch.setattr(news.timezone, "now", lambda: now + timedelta(seconds=seconds))
    with transaction.atomic():
        for hook in at_commit:
            hook()
    assert tell(now + timedelta(seconds=seconds) + MOST) == tellings
    assert heard == [trail_at] * tellings


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
    (a, b) = due(start)

    def telling(which: tuple[UUID, UUID]) -> None:
        run(*which, clock=lambda: start)
        connection.close()

    run_at_once(lambda: telling(a), lambda: telling(b))
    assert told == ["begins", "ends"] * 2
