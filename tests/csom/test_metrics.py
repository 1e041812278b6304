"""What a monitor reads: figures of the installation, for whoever holds the token."""

import os
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from csom import gunicorn, timings
from csom.pages.metrics import metrics as view
from csom.timings import BOUNDS, CLASSES, SLOTS, Timings
from tenants import jobs
from tenants.jobs import Work, job, later, run
from tenants.models import DueJob, Job, Tally, Tenant
from tenants.queries.jobs import night, standing
from tenants.scope import act_for
from tests import make

TOKEN = "a-token-of-the-monitor"
NIGHT = "health.night"
LINE = re.compile(r'^(\w+)(\{(\w+="[^"\n]*",?)*\})? (-?[\d.e+-]+)$')


@job("test.idle", label="A test")
def idle(work: Work) -> None:
    """Nothing to do."""


@pytest.fixture(autouse=True)
def token(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CSOM_METRICS_TOKEN = TOKEN
    monkeypatch.setattr(timings, "shared", Timings())
    monkeypatch.setattr("csom.pages.metrics.shared", timings.shared)
    monkeypatch.setattr(jobs, "ring", lambda *ids, after=0: None)


def scrape() -> dict[str, float]:
    """Every sample by its name and labels; the text is what the format says."""
    answer = Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/plain; version=")
    found, typed = {}, set()
    for line in answer.text.splitlines():
        if line.startswith("#"):
            typed.add(line.split()[2])
            continue
        match = LINE.match(line)
        assert match, line
        assert re.sub("_(bucket|sum|count)$", "", match[1]) in typed or match[1] in typed, line
        found[match[1] + (match[2] or "")] = float(match[4])
    return found


def opened(tenant: Tenant, at: datetime) -> Tenant:
    Tenant.objects.filter(pk=tenant.pk).update(created_at=at)
    tenant.refresh_from_db()
    return tenant


# -- who may read --


@pytest.mark.parametrize("told", ["", "Bearer", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", "é"])
def test_nobody_reads_without_the_token(db: None, told: str):
    answer = Client().get("/metrics", headers={"Authorization": told})
    assert answer.status_code == 401 and "csom_" not in answer.text
    assert answer["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("told", ["", "Bearer ", f"Bearer {TOKEN}"])
def test_there_is_no_such_address_without_a_token(db: None, settings: Any, told: str):
    settings.CSOM_METRICS_TOKEN = ""
    assert Client().get("/metrics", headers={"Authorization": told}).status_code == 404


def test_no_tenant_is_named(acme: Tenant, rival: Tenant):
    with act_for(acme.pk):
        later(idle, key="a", now=make.NOW)
    text = str(scrape()).lower()
    assert not [word for word in ("acme", "rival", str(acme.pk), str(rival.pk)) if word in text]


# -- requests --


def test_requests_are_counted_by_class_and_outcome(db: None):
    client = Client(raise_request_exception=False)
    client.get("/livez")
    client.get("/auth/login/")
    client.get("/api/v1/accounts/")
    client.get("/api/v1/nothing/")
    found = scrape()
    assert found['csom_requests_total{class="probe",outcome="ok"}'] == 1
    assert found['csom_requests_total{class="outside",outcome="ok"}'] == 1
    assert found['csom_requests_total{class="api",outcome="refused"}'] == 2
    assert found['csom_request_seconds_count{class="api"}'] == 2
    assert found['csom_request_seconds_bucket{class="api",le="+Inf"}'] == 2
    assert scrape()['csom_requests_total{class="probe",outcome="ok"}'] == 2, "and the scrape itself"


def test_a_page_and_a_part_are_told_apart(csm: Any, sign_in: Any):
    client = sign_in(csm)
    client.get("/acme/accounts/")
    client.get("/acme/accounts/", headers={"HX-Request": "true", "HX-Target": "list"})
    found = scrape()
    assert found['csom_request_seconds_count{class="page"}'] == 1
    assert found['csom_request_seconds_count{class="part"}'] == 1


def test_a_duration_stands_in_its_bucket():
    made = Timings()
    for seconds in (0.0, 0.025, 0.026, 10.0, 11.0):
        made.add("page", seconds, 200)
    made.add("page", 0.3, 503)
    timing = dict(made.read())["page"]
    assert timing.buckets == (2, 1, 0, 0, 1, 0, 0, 0, 1, 1) and len(BOUNDS) == 9
    assert timing.seconds == pytest.approx(21.351)
    assert timing.outcomes == {"ok": 5, "refused": 0, "failed": 1}
    assert all(not sum(other.buckets) for kind, other in made.read() if kind != CLASSES[0])


def test_processes_count_into_one_memory():
    made = Timings()
    for slot in (0, 1, SLOTS - 1):
        if (child := os.fork()) == 0:
            made.slot = slot
            for _ in range(1000):
                made.add("api", 0.1, 200)
            os._exit(0)
        os.waitpid(child, 0)
    assert dict(made.read())["api"].outcomes["ok"] == 3000


def test_a_new_worker_takes_a_slot_that_is_free():
    class Worker:
        slot: int

    class Server:
        WORKERS: dict[int, Worker] = {}

    for pid in (1, 2, 3):
        gunicorn.pre_fork(Server, worker := Worker())
        Server.WORKERS[pid] = worker
    del Server.WORKERS[2]
    gunicorn.pre_fork(Server, late := Worker())
    assert (Server.WORKERS[3].slot, late.slot) == (2, 1)


# -- work --


def test_what_waits_and_what_is_dead_is_counted_over_tenants(acme: Tenant, rival: Tenant):
    now = datetime.now(UTC)
    for tenant, minutes in ((acme, 90), (rival, 10)):
        with act_for(tenant.pk):
            later(idle, key="due", now=now - timedelta(minutes=minutes))
            later(idle, key="not yet", now=now, due_at=now + timedelta(hours=1))
            Job.objects.create(kind="x", key="dead", state=Job.State.DEAD, due_at=now)
    found = scrape()
    assert found["csom_jobs_waiting"] == 2 and found["csom_jobs_dead"] == 2
    assert found["csom_jobs_oldest_seconds"] == pytest.approx(5400, abs=60)
    Tenant.objects.filter(pk=acme.pk).update(is_active=False)
    found = scrape()
    assert found["csom_jobs_waiting"] == 1 and found["csom_jobs_dead"] == 1
    DueJob.objects.all().delete()
    assert scrape()["csom_jobs_oldest_seconds"] == 0


def test_a_lease_that_ran_out_is_tallied(acme: Tenant):
    with act_for(acme.pk):
        made = later(idle, key="a", now=make.NOW)
        assert made is not None and jobs._take_lease(made, make.NOW)
    assert not Tally.objects.exists(), "the first lease of a job did not run out"
    assert run(acme.pk, made, clock=lambda: make.NOW + timedelta(minutes=6))
    assert scrape()["csom_lease_expiries_total"] == 1
    assert scrape()["csom_refused_rows_total"] == 0


def test_a_night_that_did_not_come_is_late_by_kind(acme: Tenant, rival: Tenant):
    now = datetime.now(UTC)
    opened(acme, now - timedelta(days=9))
    found = scrape()
    assert found[f'csom_nights_open{{kind="{NIGHT}"}}'] == 1, "rival opened just now owes none"
    assert 2.9 * 86400 <= found[f'csom_night_late_seconds{{kind="{NIGHT}"}}'] <= 4 * 86400


@pytest.mark.parametrize(
    ("states", "late"),
    [
        ({}, "2026-11-16"),
        ({"2026-11-19": "done"}, None),
        ({"2026-11-17": "done", "2026-11-18": "done", "2026-11-19": "running"}, "2026-11-19"),
        ({"2026-11-17": "done", "2026-11-18": "dead", "2026-11-19": "waiting"}, "2026-11-18"),
        ({"2026-11-18": "dropped", "2026-11-19": "done"}, None),
        ({"2026-11-17": "done", "2026-11-19": "done"}, "2026-11-18"),
    ],
)
def test_the_oldest_night_that_is_not_done_is_the_late_one(
    acme: Tenant, states: dict[str, str], late: str | None
):
    opened(acme, datetime(2026, 1, 1, tzinfo=UTC))
    now = datetime(2026, 11, 19, 8, tzinfo=UTC)  # 09:00 in Berlin
    with act_for(acme.pk):
        for key, state in states.items():
            Job.objects.create(kind=NIGHT, key=key, state=state, due_at=now)
        found = night(acme, NIGHT, now)
        assert standing(acme, now).late.get(NIGHT) == found
    assert (str(found.day) if found else None) == late
    if late == "2026-11-19":
        assert found is not None and found.behind == timedelta(hours=8)


def test_a_scrape_asks_a_fixed_number_of_times_for_each_tenant(
    acme: Tenant, django_assert_max_num_queries: Any
):
    make.tenant("third")
    with django_assert_max_num_queries(20):
        scrape()


def test_the_view_is_open_and_guards_itself():
    assert view.needs is None
