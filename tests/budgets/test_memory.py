"""What a worker holds at its fullest does not depend on how much there is to do."""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Account
from tenants.models import Job, Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.accounts.wizard import Wizard

MOST_MB = 200
LINES = 100_000
PATIENCE = 900  # seconds

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
