"""A deleted tenant leaves no row, file, key or login; others keep every one of theirs."""

import io
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection
from django.test import Client

from accounts.actions.import_files import keep_file, relative_name
from csom.deletion import NotTheOwner, delete_tenant
from csom.devstack.pytest_plugin import as_owner
from csom.devstack.services import ROOT
from tenants import jobs
from tenants.models import DueJob, Membership, Tenant, User
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.tenants.world import CANARY, digest, fill

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def full(acme: Tenant, rival: Tenant, settings, tmp_path: Path) -> Iterator[Tenant]:  # type: ignore[no-untyped-def]
    """The rival with a row of every table, a file, a key, a session; acme beside it."""
    settings.MEDIA_ROOT = tmp_path
    stranger = make.member(rival, Role.ADMIN, CANARY)
    client = Client()
    client.post("/auth/login/", {"login": stranger.user.email, "password": make.PASSWORD})
    both = make.member(rival, Role.CSM, "Both")
    for tenant, by in ((acme, make.member(acme, Role.ADMIN)), (rival, stranger)):
        Membership.objects.get_or_create(tenant=tenant, user=both.user, role=Role.CSM)
        with act_for(tenant.pk):
            fill(by.user, CANARY if tenant == rival else "ours")
            make.api_key(by)
            keep_file(relative_name(make.some_id()), [CANARY.encode()])
    yield rival


def everywhere(needle: str) -> list[str]:
    """The tables of the whole database in which a text stands, as their owner sees them."""
    found = []
    with as_owner() as owner, owner.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') "
                       "AND relnamespace = 'public'::regnamespace")  # fmt: skip
        for (table,) in cursor.fetchall():
            cursor.execute(
                f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s', [f"%{needle}%"]
            )
            found += [table] if cursor.fetchone()[0] else []
    return found


def delete(tenant: Tenant) -> dict[str, int]:
    with as_owner():
        return delete_tenant(tenant)


@pytest.mark.case("H13")
def test_nothing_of_a_deleted_tenant_is_left(full: Tenant, acme: Tenant, settings):  # type: ignore[no-untyped-def]
    stranger = User.objects.get(name=CANARY)
    before = (
        digest(acme.pk),
        sorted(User.objects.filter(memberships__tenant=acme).values_list("pk")),
    )
    assert len(everywhere(str(full.pk))) > 40 and len(everywhere(CANARY)) > 30
    gone = delete(full)
    assert gone["tenants_tenant"] == 1 and len(gone) > 40
    for trace in (str(full.pk), CANARY, str(stranger.pk), stranger.email):
        assert everywhere(trace) == [], trace
    assert not [path for path in Path(settings.MEDIA_ROOT).rglob("*") if str(full.pk) in str(path)]
    after = digest(acme.pk), sorted(User.objects.filter(memberships__tenant=acme).values_list("pk"))
    assert after == before
    assert [
        path.parent.name for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()
    ] == [str(acme.pk)]


@pytest.mark.case("H13")
def test_work_waiting_for_a_deleted_tenant_finds_nothing(full: Tenant):
    due = list(DueJob.objects.filter(tenant=full).values_list("tenant_id", "job_id"))
    delete(full)
    assert due
    assert [jobs.run(*one) for one in due] == [False] * len(due)
    assert everywhere(str(full.pk)) == []


@pytest.mark.case("H13")
def test_what_is_being_written_while_a_tenant_goes_is_refused(full: Tenant):
    written, is_gone = threading.Event(), threading.Event()
    came: list[str] = []

    def write() -> None:
        try:
            with act_for(full.pk):
                make.account("Late")
                written.set()
                is_gone.wait(60)
            came.append("kept")
        except IntegrityError:
            came.append("refused")
        finally:
            connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert written.wait(60)
        done = subprocess.run(
            [sys.executable, "manage.py", "delete_tenant", "rival", "--confirm", "rival"],
            cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=120,
        )  # fmt: skip
    finally:
        is_gone.set()
        writer.join()
    assert done.returncode == 0, done.stderr
    assert "no longer exists" in done.stdout and "tenant deleted" in done.stderr
    assert came == ["refused"]
    assert everywhere(str(full.pk)) == []


def environment() -> dict[str, str]:
    """What leads another process to the database of this test, and its owner."""
    name = connection.settings_dict["NAME"]
    urls = {}
    for key in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        head, _, query = os.environ[key].partition("?")
        urls[key] = f"{head.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")
    return {**os.environ, **urls}


def test_the_application_itself_cannot_delete_a_tenant(full: Tenant):
    before = digest(full.pk)
    with pytest.raises(NotTheOwner):
        delete_tenant(full)
    with pytest.raises(CommandError, match="DATABASE_OWNER_URL"):
        call_command("delete_tenant", "rival", confirm="rival", stdout=io.StringIO())
    full.refresh_from_db()
    assert full.is_active and digest(full.pk) == before


@pytest.mark.parametrize("typed", ["", "Rival", "acme", "yes"])
def test_another_word_than_the_address_deletes_nothing(
    full: Tenant, monkeypatch: pytest.MonkeyPatch, typed: str
):
    monkeypatch.setattr("builtins.input", lambda _: typed)
    with as_owner(), pytest.raises(CommandError, match="Nothing was deleted"):
        call_command("delete_tenant", "rival", stdout=io.StringIO())
    full.refresh_from_db()
    assert full.is_active
