"""One line for each request and job: ids and numbers, and nothing that somebody wrote."""

import json
import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, utils
from django.test import Client

from csom.logs import Json, Plain, logging_config
from tenants import jobs
from tenants.actor import Actor
from tenants.jobs import Work, job, later, run
from tenants.models import Job, Tally, Tenant, TrailEntry
from tenants.scope import act_for
from tenants.traces import tracing
from tests import make

SignIn = Callable[[Actor], Client]
WORDS = "zqxsecret@acme.example"


@job("test.told", label="A test")
def told(work: Work) -> None:
    make.account("From a job")
    jobs.log.info("inside")


@job("test.broken", label="A test")
def broken(work: Work) -> None:
    raise ValueError(WORDS)


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What is logged meanwhile, as JSON and as a machine reads it."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Json())
    logging.getLogger().addHandler(handler)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logging.getLogger().removeHandler(handler)


def record(name: str, message: str, *args: Any, **more: Any) -> logging.LogRecord:
    made = logging.LogRecord(name, logging.WARNING, "", 1, message, args, more.pop("exc", None))
    made.__dict__.update(more)
    return made


# -- requests --


def test_a_request_leaves_one_line(csm: Actor, sign_in: SignIn, lines: Any):
    with act_for(csm.tenant.pk):
        account = make.account("Northwind", owner=csm.user)
    client, before = sign_in(csm), datetime.now(UTC)
    answer = client.get(
        f"/acme/accounts/{account.pk}/?q={WORDS}", headers={"X-Request-ID": "proxy-1234"}
    )
    assert answer["X-Request-Id"] == "proxy-1234"
    (line,) = [each for each in lines() if each["logger"] == "csom.access"]
    assert datetime.fromisoformat(line["time"]) >= before.replace(microsecond=0)
    assert line["time"].endswith("+00:00")
    assert line | {"time": 0, "duration_ms": 0, "queries": 0} == {
        "time": 0, "level": "INFO", "logger": "csom.access", "message": "request",
        "request_id": "proxy-1234", "tenant": str(csm.tenant.pk), "actor_id": str(csm.user_id),
        "method": "GET", "route": "/<tenant>/accounts/<uuid:account_id>/", "status": 200,
        "duration_ms": 0, "queries": 0,
    }  # fmt: skip
    assert 5 < line["queries"] < 100 and line["duration_ms"] >= 0


@pytest.mark.parametrize(
    "sent", ["short", "x" * 65, "with space 12", "a\nb-12345678", "é" * 10, ""]
)
def test_an_id_that_is_none_is_replaced(db: None, sent: str):
    answer = Client().get("/livez", headers={"X-Request-ID": sent})
    assert len(answer["X-Request-Id"]) == 32 and answer["X-Request-Id"] != sent


def test_answers_from_before_any_view_have_an_id_too(db: None, lines: Any):
    answer = Client().get("/x%00y", headers={"X-Request-ID": "nul-in-address"})
    assert (answer.status_code, answer["X-Request-Id"]) == (400, "nul-in-address")
    assert [each["status"] for each in lines()] == [400]


def test_tokens_addresses_and_bodies_are_not_in_the_log(csm: Actor, sign_in: SignIn, lines: Any):
    client = sign_in(csm)
    client.raise_request_exception = False
    for send in (
        lambda: client.get(f"/join/{WORDS}/"),
        lambda: client.get(f"/acme/{WORDS}/"),
        lambda: client.get(f"/acme/accounts/?q={WORDS}"),
        lambda: client.post("/auth/login/", {"login": WORDS, "password": WORDS}),
        lambda: client.get("/livez", headers={"Authorization": f"Bearer {WORDS}"}),
        lambda: client.get("/api/v1/accounts/", headers={"Authorization": f"Bearer {WORDS}"}),
    ):
        send()
    assert len(lines()) >= 6
    assert WORDS not in json.dumps(lines()) and "Maya" not in json.dumps(lines())


# -- jobs --


def test_a_job_goes_on_under_the_id_of_its_request(acme: Tenant, lines: Any):
    with tracing("request-77"), act_for(acme.pk):
        later(told, key="a", now=make.NOW)
    with act_for(acme.pk):
        queued = Job.objects.get(kind="test.told")
    assert run(acme.pk, queued.pk, clock=lambda: make.NOW)
    ours = [each for each in lines() if each["logger"] == "csom.jobs"]
    assert [each["message"] for each in ours] == ["inside", "job done"]
    assert {each["request_id"] for each in ours} == {"request-77"}
    assert {each["tenant"] for each in ours} == {str(acme.pk)}
    assert ours[-1]["job"] == "test.told" and ours[-1]["queries"] > 3
    with act_for(acme.pk):
        entries = TrailEntry.objects.filter(request_id="request-77")
        assert entries.count() == TrailEntry.objects.count()


def test_a_failed_job_is_told_without_the_words_of_its_error(acme: Tenant, lines: Any):
    with act_for(acme.pk):
        made = later(broken, key="a", now=make.NOW)
    assert made is not None and not run(acme.pk, made, clock=lambda: make.NOW)
    failed, ended = lines()
    assert (failed["error"], ended["outcome"]) == ("ValueError", "put back")
    assert any("broken" in place for place in failed["places"])
    assert WORDS not in json.dumps([failed, ended])
    assert failed["request_id"] == ended["request_id"] == made.hex


# -- what is rare --


def test_a_refused_row_is_told_and_tallied(acme: Tenant, rival: Tenant, lines: Any):
    with act_for(acme.pk):
        account = make.account()
    with (
        tracing("refused-1"),
        pytest.raises(utils.ProgrammingError),
        act_for(acme.pk),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE accounts_account SET tenant_id = %s", [rival.pk])
    assert account.pk and Tally.objects.get(pk="refused_rows").n == 1
    (line,) = [each for each in lines() if each["logger"] == "csom.isolation"]
    assert (line["level"], line["request_id"]) == ("ERROR", "refused-1")


# -- lines --


def test_a_line_is_one_line_whatever_is_in_it():
    for message in ("two\nlines", "\r\n", "\u2028", '"quoted"', "\x1b[31m"):
        line = Json().format(record("csom.x", message))
        assert len(line.splitlines()) == 1 and line.isascii()
        assert json.loads(line)["message"] == message


def test_of_other_libraries_the_words_alone_are_kept():
    line = json.loads(Json().format(record("django.request", "Failed: %s after %d", WORDS, 3)))
    assert line["message"] == "Failed: … after 3"
    try:
        raise utils.IntegrityError(f"Key (email)=({WORDS})")
    except utils.IntegrityError:
        failed = record("django.request", "x", exc=sys.exc_info())
    line = json.loads(Json().format(failed))
    assert (line["error"], WORDS in str(line)) == ("IntegrityError", False)


def test_people_read_a_short_line():
    plain = Plain("%(levelname)s %(name)s %(message)s")
    assert plain.format(record("csom.access", "request", line="200 GET '/' 3 ms")) == (
        "200 GET '/' 3 ms"
    )
    assert plain.format(record("csom.jobs", "odd")) == "WARNING csom.jobs odd"


def test_a_style_that_does_not_exist_stops_the_start():
    with pytest.raises(ImproperlyConfigured, match="CSOM_LOG"):
        logging_config("xml")


@pytest.mark.case("A24")
def test_a_request_does_not_notice_that_nobody_takes_its_log(
    csm: Actor, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
):
    """Whoever read the pipe is gone, also for what the handler itself would complain about."""
    ours, theirs = os.pipe()
    os.close(ours)
    with os.fdopen(theirs, "w", buffering=1) as gone:
        handler = logging.StreamHandler(gone)
        monkeypatch.setattr(sys, "stderr", gone)
        logging.getLogger("csom").addHandler(handler)
        try:
            with pytest.raises(BrokenPipeError):
                print("said", file=gone)
            assert sign_in(csm).get("/acme/today/").status_code == 200
        finally:
            logging.getLogger("csom").removeHandler(handler)
            with suppress(BrokenPipeError):
                gone.close()
