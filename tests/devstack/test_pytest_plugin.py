"""The tests themselves: which role they run as, what they may skip, and their real workers."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import ProgrammingError, connection
from django.utils import timezone

from csom.celery import app
from csom.devstack.postgres import APP_ROLE, OWNER
from csom.devstack.pytest_plugin import as_owner, lacking
from csom.devstack.valkey import Valkey
from tenants.checks import refuse_wrong_role
from tenants.jobs import ring
from tenants.models import Job
from tenants.scope import act_for
from tests import make

WHO = "select current_user, usesuper or usebypassrls from pg_user where usename = current_user"


def ask(sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()


@pytest.mark.django_db
def test_tests_run_as_the_application() -> None:
    assert ask(WHO) == (APP_ROLE, False)
    with pytest.raises(ProgrammingError, match="permission denied"):
        ask("create table mine ()")


@pytest.mark.django_db(transaction=True)
def test_the_owner_is_at_hand_and_leaves_no_trace() -> None:
    with as_owner():
        assert ask(WHO) == (OWNER, False)
    assert ask(WHO) == (APP_ROLE, False)


@pytest.mark.parametrize("round", [1, 2])
@pytest.mark.django_db(transaction=True)
def test_committed_rows_are_gone_after_the_test(round: int) -> None:
    assert ask("select count(*) from tenants_tenant") == (0,)
    make.tenant("acme")


def test_what_is_lacking_is_skipped_but_not_in_a_build(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "")
    with pytest.raises(pytest.skip.Exception, match="no browser"):
        lacking("no browser")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no browser"):
        lacking("no browser")


@pytest.mark.django_db(transaction=True)
def test_a_real_worker_works_on_the_test_database_until_it_is_killed(
    celery_worker_process: Callable[..., subprocess.Popen[bytes]], broker: Valkey
) -> None:
    tenant = make.tenant("acme")
    with act_for(tenant.pk):
        job = Job.objects.create(kind="of nobody", key="1", arguments={}, due_at=timezone.now())
    worker = celery_worker_process("--concurrency=1")
    ring(tenant.pk, job.pk)
    end = time.monotonic() + 20
    while not job.error and time.monotonic() < end:
        time.sleep(0.1)
        with act_for(tenant.pk):
            job.refresh_from_db()
    assert job.error == "UnknownKind: no worker of this release does “of nobody”"
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
    assert not app.control.ping(timeout=0.5)


@pytest.mark.case("H17")
@pytest.mark.django_db(transaction=True)
def test_the_web_server_refuses_to_start_as_the_owner() -> None:
    with as_owner(), pytest.raises(ImproperlyConfigured, match="row-level security"):
        refuse_wrong_role()
    refuse_wrong_role()
