"""Work that was given up is looked at, tried again or dropped for a reason, by administrators."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tenants import jobs
from tenants.actor import Actor
from tenants.jobs import Work, job, later, run
from tenants.models import DueJob, Job, Tenant, TrailEntry
from tenants.roles import PEOPLE, Role
from tenants.scope import act_for
from tenants.secrets import LEFT_OUT, hidden
from tests import make

SignIn = Callable[[Actor], Client]
LIST = "/acme/settings/jobs/"


@job("test.dies", label="A work that dies")
def dies(work: Work, *, day: str, api_key: str) -> None:
    raise ValueError("could not reach https://reader:hunter2@files.example/x")


@pytest.fixture
def admin(acme: Tenant) -> Actor:
    return make.member(acme, Role.ADMIN, "Ada Lund")


@pytest.fixture
def dead(acme: Tenant, monkeypatch: pytest.MonkeyPatch) -> Job:
    """A job that failed until it was given up."""
    monkeypatch.setattr(jobs, "ring", lambda *ids, after=0: None)
    with act_for(acme.pk):
        made = later(dies, key="k-1", now=make.NOW, day="2026-11-18", api_key="csom_hush")
        found = Job.objects.get(pk=made)
    while found.state != Job.State.DEAD:
        at = found.due_at
        run(acme.pk, found.pk, clock=lambda: at)  # noqa: B023
        with act_for(acme.pk):
            found.refresh_from_db()
    return found


def state_of(job: Job) -> str:
    with act_for(job.tenant_id):
        return Job.objects.values_list("state", flat=True).get(pk=job.pk)


def test_a_dead_job_is_shown_with_what_it_was_asked(admin: Actor, dead: Job, sign_in: SignIn):
    page = sign_in(admin).get(f"{LIST}{dead.pk}/").text
    for words in ("A work that dies", "Why it was given up", "5 of 5 times", "k-1", "2026-11-18"):
        assert words in page, words
    assert "hunter2" not in page and "csom_hush" not in page and LEFT_OUT in page
    listed = sign_in(admin).get(LIST).text
    assert f'href="{LIST}{dead.pk}/"' in listed and "hunter2" not in listed


def test_states_that_are_open_are_counted(admin: Actor, dead: Job, sign_in: SignIn):
    with act_for(dead.tenant_id):
        for key in "ab":
            Job.objects.create(kind="x", key=key, state=Job.State.WAITING, due_at=make.NOW)
    text = re.sub(r"<[^>]+>| +", " ", sign_in(admin).get(f"{LIST}?state=done").text)
    assert re.search(r"Dead\s+1\s+Running\s+0\s+Waiting\s+2\s+Done\s+Dropped", text)


def test_dropping_takes_a_reason_and_is_recorded(admin: Actor, dead: Job, sign_in: SignIn):
    client, address = sign_in(admin), f"{LIST}{dead.pk}/drop/"
    assert "Why it may stay undone" in client.get(address).text
    for reason in ("", "   ", "x" * 301):
        answer = client.post(address, {"reason": reason})
        assert answer.status_code == 422 and reason.strip() in answer.text
        assert state_of(dead) == "dead"
    assert client.post(address, {"reason": "The file is gone"})["Location"] == LIST
    assert state_of(dead) == "dropped"
    with act_for(dead.tenant_id):
        entry = TrailEntry.objects.get(verb="tenants.job_dropped")
    assert (entry.actor_id, entry.object_id) == (admin.user_id, dead.pk)
    assert entry.facts == {"kind": "test.dies", "key": "k-1", "reason": "The file is gone"}
    page = client.get(f"{LIST}{dead.pk}/").text
    assert "Ada Lund dropped: A work that dies" in page and "The file is gone" in page
    assert (
        "Try again" not in page and "Ada Lund dropped" in client.get("/acme/settings/audit/").text
    )


def test_what_is_dropped_is_neither_dropped_nor_tried_again(
    admin: Actor, dead: Job, sign_in: SignIn
):
    client = sign_in(admin)
    client.post(f"{LIST}{dead.pk}/drop/", {"reason": "Not needed"})
    answer = client.post(f"{LIST}{dead.pk}/drop/", {"reason": "Again"})
    assert answer.status_code == 409 and "Again" in answer.text
    page = client.post(f"{LIST}{dead.pk}/retry/", follow=True).text
    assert "not given up" in page and state_of(dead) == "dropped"
    with act_for(dead.tenant_id):
        assert TrailEntry.objects.filter(object_id=dead.pk).count() == 1


def test_a_dead_job_is_tried_again(admin: Actor, dead: Job, sign_in: SignIn):
    page = sign_in(admin).post(f"{LIST}{dead.pk}/retry/", follow=True).text
    assert "is queued again" in page and state_of(dead) == "waiting"
    assert DueJob.objects.filter(job_id=dead.pk).exists()


def test_a_job_that_waits_is_not_dropped(admin: Actor, sign_in: SignIn):
    with act_for(admin.tenant.pk):
        made = Job.objects.create(kind="x", key="a", due_at=make.NOW)
    answer = sign_in(admin).post(f"{LIST}{made.pk}/drop/", {"reason": "No"})
    assert answer.status_code == 409 and state_of(made) == "waiting"


@pytest.mark.parametrize("role", [role for role in PEOPLE if role is not Role.ADMIN])
def test_nobody_else_sees_or_drops_jobs(acme: Tenant, dead: Job, sign_in: SignIn, role: Role):
    client = sign_in(make.member(acme, role))
    assert client.get(f"{LIST}{dead.pk}/").status_code == 403
    assert client.post(f"{LIST}{dead.pk}/drop/", {"reason": "Mine"}).status_code == 403
    assert state_of(dead) == "dead"


def test_the_jobs_of_another_company_do_not_exist(rival: Tenant, dead: Job, sign_in: SignIn):
    client = sign_in(make.member(rival, Role.ADMIN))
    for method, more in (("get", ""), ("get", "drop/"), ("post", "drop/"), ("post", "retry/")):
        address = f"/rival/settings/jobs/{dead.pk}/{more}"
        assert getattr(client, method)(address, {"reason": "x"}).status_code == 404
    assert state_of(dead) == "dead"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"day": "2026-11-18", "n": 3}, {"day": "2026-11-18", "n": 3}),
        (
            {"password": "a", "x": {"apiKey": "b"}},
            {"password": LEFT_OUT, "x": {"apiKey": LEFT_OUT}},
        ),
        ({"tokens": ["a", "b"], "token": ""}, {"tokens": LEFT_OUT, "token": ""}),
        ("postgres://csom:pw@db/x failed", f"postgres://{LEFT_OUT}@db/x failed"),
        ('password="a b" and token: c', f"password={LEFT_OUT} and token: {LEFT_OUT}"),
        ("Authorization: Bearer abc.def", f"Authorization: Bearer {LEFT_OUT}"),
        (["plain words", 1, None], ["plain words", 1, None]),
    ],
)
def test_secrets_are_left_out(value: Any, shown: Any):
    assert hidden(value) == shown
