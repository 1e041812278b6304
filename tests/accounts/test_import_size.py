"""Large files: bounded memory, the work of a real worker, limits before anything is kept."""

import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

from accounts.actions import import_files
from accounts.models import Account, Import
from csom.celery import app
from tenants.models import Job, Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.accounts.wizard import Wizard, adds_up

ROWS = 100_000
MEGABYTE = 2**20


@pytest.fixture(autouse=True)
def uploads(settings: Any, tmp_path: Path) -> Iterator[Path]:
    settings.MEDIA_ROOT = tmp_path
    yield tmp_path


@pytest.fixture
def wizard(acme: Tenant, sign_in: Any) -> Wizard:
    return Wizard(sign_in(make.member(acme, Role.REVOPS)), acme)


def firms(count: int) -> bytes:
    head = b"id,name,industry,employees,country,segment\n"
    return head + b"".join(
        b"f%d,Firm number %d,Energy,%d,NL,mid\n" % (n, n, n % 5000) for n in range(count)
    )


@pytest.mark.case("M1")
@pytest.mark.full
def test_a_hundred_thousand_rows_stay_within_bounded_memory(wizard: Wizard):
    content = firms(ROWS)
    tracemalloc.start()
    start = perf_counter()
    item = wizard.columns(wizard.upload(content))
    read = perf_counter()
    item = wizard.check(item)
    checked = perf_counter()
    item = wizard.run(item)
    done = perf_counter()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert item.counts["new"] == ROWS and adds_up(item)
    used = (peak - 2 * len(content)) / MEGABYTE  # the test's own copies of the file
    print(
        f"{ROWS:,} rows, traced: read {read - start:.0f} s, check {checked - read:.0f} s, "
        f"run {done - checked:.0f} s, {used:.0f} MB beside the file"
    )
    assert used < 120


@pytest.mark.case("B18", "M1")
def test_batches_go_on_where_a_worker_died(wizard: Wizard, monkeypatch: pytest.MonkeyPatch):
    from accounts.actions import import_rows
    from tenants.jobs import run

    monkeypatch.setattr(import_rows, "MOST_ROWS", 20)
    item = wizard.check(wizard.columns(wizard.upload(firms(70))))
    assert item.counts["new"] == 70
    assert wizard.post(item, "run").status_code == 302
    item = wizard.item(item.pk)
    real, seen = import_rows.take, []

    def dies(*args: Any, **how: Any) -> Any:
        seen.append(args[1].lines[0][0])
        if len(seen) == 3:
            raise OSError("the machine went away")
        return real(*args, **how)

    monkeypatch.setattr("accounts.actions.import_run.take", dies)
    assert not run(wizard.tenant.pk, item.job_id)
    with act_for(wizard.tenant.pk):
        assert Account.objects.count() == 40
        job = Job.objects.get(pk=item.job_id)
        assert "the machine went away" in job.error and job.statistics["done"] == 40
    assert run(wizard.tenant.pk, item.job_id, clock=lambda: job.due_at)
    item = wizard.item(item.pk)
    assert seen == [2, 22, 42, 42, 62] and item.counts["new"] == 70 and adds_up(item)
    with act_for(wizard.tenant.pk):
        assert Account.objects.count() == 70


def test_the_workers_task_runs_an_import(wizard: Wizard):
    item = wizard.check(wizard.columns(wizard.upload(firms(5))))
    assert wizard.post(item, "run").status_code == 302
    item = wizard.item(item.pk)
    ids = [str(wizard.tenant.pk), str(item.job_id)]
    app.tasks["tenants.run_job"].apply(args=ids).get()
    app.tasks["tenants.run_job"].apply(args=ids).get()
    item = wizard.item(item.pk)
    assert item.state == "done" and item.counts["new"] == 5


def test_an_upload_beyond_the_limit_is_refused_and_not_kept(
    wizard: Wizard, uploads: Path, monkeypatch: pytest.MonkeyPatch
):
    from django.core.files.uploadedfile import SimpleUploadedFile

    monkeypatch.setattr(import_files, "FILE_LIMIT", 1000)
    sent = {"file": SimpleUploadedFile("a.csv", firms(90)), "target": "accounts", "source": "crm"}
    answer = wizard.client.post(wizard.at, sent)
    assert answer.status_code == 422 and "is larger than" in answer.text
    assert not [path for path in uploads.rglob("*") if path.is_file()]
    with act_for(wizard.tenant.pk):
        assert not Import.objects.exists()


@pytest.mark.case("M24")
def test_a_workbook_that_unpacks_to_far_too_much_is_refused(wizard: Wizard, uploads: Path):
    import io
    import zipfile

    from django.core.files.uploadedfile import SimpleUploadedFile

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("xl/worksheets/sheet1.xml", b"0" * 60 * MEGABYTE)
    file = SimpleUploadedFile("bomb.xlsx", packed.getvalue())
    answer = wizard.client.post(wizard.at, {"file": file, "target": "accounts", "source": "crm"})
    assert answer.status_code == 422
    assert not [path for path in uploads.rglob("*") if path.is_file()]


def test_a_body_that_says_it_is_too_large_is_not_read(wizard: Wizard):
    answer = wizard.client.generic(
        "POST",
        wizard.at,
        b"",
        content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(300 * MEGABYTE),
    )
    assert answer.status_code == 413 and "at most 200 MB" in answer.text
