"""What a worker holds at its fullest does not depend on how much there is to do."""

import subprocess
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

import charter.actions
from accounts.models import Account
from plays.actions.evaluate import evaluate
from plays.models import Run
from tenants.jobs import later
from tenants.models import Job, Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.accounts.wizard import Wizard
from tests.plays.conftest import put_in_force

MOST_MB = 200
LINES = 100_000
ACCOUNTS = 20_000
PATIENCE = 900  # seconds
MANY = """
    INSERT INTO accounts_account
    SELECT (jsonb_populate_record(a, jsonb_build_object(
        'id', gen_random_uuid(), 'external_id', 'many-' || n
    ))).* FROM accounts_account a, generate_series(2, %s) n
"""
OF_ALL = """
    INSERT INTO {0} SELECT (jsonb_populate_record(r, jsonb_build_object('account_id', a.id))).*
    FROM {0} r, accounts_account a WHERE a.id <> r.account_id
"""

Start = Callable[..., subprocess.Popen[bytes]]
pytestmark = [pytest.mark.full, pytest.mark.django_db(transaction=True)]


class Watched(Wizard):
    """A wizard whose jobs are left to the worker."""

    def work(self) -> None:
        wait_for_jobs(self.tenant)


def wait_for_jobs(tenant: Tenant) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with act_for(tenant.pk):
            jobs = list(Job.objects.values_list("kind", "state", "error"))
        assert not [error for _, _, error in jobs if error]
        if not {state for _, state, _ in jobs} & {Job.State.WAITING, Job.State.RUNNING}:
            return
        time.sleep(1)
    pytest.fail(f"after {PATIENCE} s there are still jobs: {jobs}")


def peak_mb(process: int) -> float:
    """The most a process or one it started has held, in megabytes."""
    own = Path(f"/proc/{process}/status").read_text().partition("VmHWM:")[2].split()[0]
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return max([int(own) / 1024, *(peak_mb(int(child)) for child in children)])


@pytest.fixture
def uploads(monkeypatch: pytest.MonkeyPatch, settings: Any, reachable_path: Path) -> Path:
    """Where this process and the workers it starts later keep files."""
    settings.MEDIA_ROOT = reachable_path
    monkeypatch.setenv("CSOM_UPLOADS", str(reachable_path))
    return reachable_path


@pytest.fixture
def worker(uploads: Path, celery_worker_process: Start) -> int:
    """A worker that never begins anew, so that its peak is of all it did."""
    return celery_worker_process("--concurrency=1", "--max-tasks-per-child=100000").pid


def test_a_file_of_a_hundred_thousand_lines(worker: int, acme: Tenant, sign_in: Any) -> None:
    wizard = Watched(sign_in(make.member(acme, Role.REVOPS)), acme)
    head = b"id,name,industry,employees,country,segment\n"
    lines = (b"f%d,Firm number %d,Energy,%d,NL,mid\n" % (n, n, n % 5000) for n in range(LINES))
    wizard.run(wizard.check(wizard.columns(wizard.upload(head + b"".join(lines)))))
    with act_for(acme.pk):
        assert Account.objects.count() == LINES
    assert peak_mb(worker) <= MOST_MB


def test_plays_that_start_and_end_on_all_of_many_accounts(worker: int, acme: Tenant) -> None:
    now = timezone.now()
    today = now.date()
    with act_for(acme.pk), connection.cursor() as cursor:
        charter.actions.install_defaults(author=None, now=now)
        account = make.account("Northwind", owner=make.member(acme, Role.CSM).user)
        make.row(account)
        for day, trend in ((today, -0.4), (today + timedelta(days=1), 0.1)):
            make.snapshot(account, day, usage_trend=trend)
        cursor.execute(MANY, [ACCOUNTS])
        for table in ("health_snapshot", "health_accountrow"):
            cursor.execute(OF_ALL.format(table))
        for key in ("one", "two"):
            put_in_force(key)
    for day in (today, today + timedelta(days=1)):
        with act_for(acme.pk):
            later(evaluate, key=day.isoformat(), now=timezone.now(), day=day.isoformat())
        wait_for_jobs(acme)
    with act_for(acme.pk):
        assert Run.objects.filter(outcome="success").count() == 2 * ACCOUNTS
    assert peak_mb(worker) <= MOST_MB
