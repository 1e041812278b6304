"""A night by a worker, waited for on the ledger of jobs."""

from collections import Counter
from datetime import UTC, date, datetime, time
from time import monotonic, sleep

import pytest
from django.db.models import Avg

from health.actions.night import score_night
from health.models import Snapshot
from plays.models import Run, Task
from tenants.jobs import later, ring
from tenants.models import Job, Tenant
from tenants.scope import act_for

HEALTH, PLAYS = "health.night", "plays.evaluate"  # the first queues the second when complete
PATIENCE = 120  # seconds for both


def night(tenant: Tenant, day: date) -> tuple[Counter[str], Counter[str]]:
    """The night of a day and the plays after it: accounts by band, runs by play.

    A worker must be there. It has a clock of its own, which says today. What it was told before,
    such as the news of an import, is done first, as it would be hours before the night.
    """
    now = datetime.combine(day, time(1, 5), UTC)
    idle(tenant)
    with act_for(tenant.pk):
        later(score_night, key=day.isoformat(), now=now, day=day.isoformat())
    jobs = finished(tenant, (HEALTH, PLAYS), day.isoformat())
    with act_for(tenant.pk):
        found = Snapshot.objects.filter(day=day)
        bands = Counter(found.values_list("band", flat=True))
        runs = Run.objects.filter(evidence__day=day.isoformat())  # news begin others, as of today
        plays = Counter(runs.values_list("play_key", flat=True))
        assert jobs[HEALTH].statistics["open"] == sum(bands.values())
        assert jobs[PLAYS].statistics.get("opened", 0) == sum(plays.values())
        tasks = Task.objects.filter(run__in=runs)
        assert tasks.values("run").distinct().count() == sum(plays.values())
        print(day, bands, found.aggregate(Avg("score"), Avg("coverage")), plays)
    return bands, plays


def idle(tenant: Tenant) -> None:
    """Ring for what waits, as the clock does each minute, until no job of the tenant is open."""
    end = monotonic() + PATIENCE
    while monotonic() < end:
        with act_for(tenant.pk):
            jobs = list(Job.objects.exclude(state=Job.State.DONE))
        if not jobs:
            return
        for each in jobs:
            ring(tenant.pk, each.pk)
        sleep(1)
    pytest.fail(f"Still at work after {PATIENCE} s: {[(each.kind, each.error) for each in jobs]}")


def finished(tenant: Tenant, kinds: tuple[str, ...], key: str) -> dict[str, Job]:
    """The jobs of these kinds and key, as soon as the ledger says that all are done."""
    jobs: dict[str, Job] = {}
    end = monotonic() + PATIENCE
    while monotonic() < end:
        with act_for(tenant.pk):
            jobs = {job.kind: job for job in Job.objects.filter(kind__in=kinds, key=key)}
        errors = [job.error for job in jobs.values() if job.error]
        assert not errors, errors
        if len(jobs) == len(kinds) and {job.state for job in jobs.values()} == {Job.State.DONE}:
            return jobs
        sleep(0.05)
    pytest.fail(f"Not done in {PATIENCE} s: { ({job.kind: job.state for job in jobs.values()}) }")
