"""Backups hold every tenant, restores are all or nothing, and an empty dump is refused."""

import contextlib
import os
import re
import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest

from csom.devstack import backup
from csom.devstack.postgres import binaries
from csom.devstack.pytest_plugin import TEMPLATE

INSERT = """
insert into tenants_tenant
  (id, slug, name, currency, time_zone, is_active, has_sample_data, created_at)
values (%s, %s, %s, 'EUR', 'UTC', true, false, now())
"""


def run(url: str, sql: str, values: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    with contextlib.closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall() if cursor.description else []


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[bool], str]]:
    """A migrated or an empty database of its own, which the commands then work on."""
    server = os.environ["DATABASE_OWNER_URL"]
    made: list[str] = []

    def make(is_migrated: bool) -> str:
        if is_migrated and TEMPLATE not in os.environ:
            pytest.skip("needs the template of the embedded server")
        name = f"test_backup_{uuid.uuid4().hex[:8]}"
        source = f'template "{os.environ[TEMPLATE]}"' if is_migrated else ""
        run(at("postgres"), f'create database "{name}" {source}')
        made.append(name)
        monkeypatch.setenv("DATABASE_OWNER_URL", at(name))
        return at(name)

    def at(name: str) -> str:
        return re.sub(r"(://[^/]*)/[^?]*", rf"\1/{name}", server)

    yield make
    for name in made:
        run(at("postgres"), f'drop database if exists "{name}" with (force)')


@pytest.fixture
def full(database: Callable[[bool], str]) -> str:
    url = database(True)
    for slug in ("acme", "rival"):
        run(url, INSERT, (str(uuid.uuid4()), slug, f"{slug}\twith a tab\nand a line"))
    return url


def slugs(url: str) -> list[object]:
    return [slug for (slug,) in run(url, "select slug from tenants_tenant order by slug")]


def test_a_backup_comes_back_into_an_empty_database(
    full: str, database: Callable[[bool], str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "csom.dump"
    assert backup.save([str(file)]) == 0
    assert "2 tenants" in capsys.readouterr().out
    assert file.stat().st_mode & 0o077 == 0
    empty = database(False)
    assert backup.load([str(file)]) == 0
    assert slugs(empty) == ["acme", "rival"]
    grants = "select has_table_privilege('csom_app', 'tenants_tenant', 'insert')"
    assert run(empty, grants) == [(True,)]
    policies = "select count(*) from pg_policies"
    assert run(empty, policies) == run(full, policies)


def test_a_full_database_is_replaced_only_on_demand(full: str, tmp_path: Path) -> None:
    file = tmp_path / "csom.dump"
    backup.save([str(file)])
    run(full, INSERT, (str(uuid.uuid4()), "newcomer", "Later"))
    assert backup.load([str(file)]) == 1
    assert slugs(full) == ["acme", "newcomer", "rival"]
    assert backup.load([str(file), "--replace"]) == 0
    assert slugs(full) == ["acme", "rival"]


def test_a_damaged_file_changes_nothing(full: str, tmp_path: Path) -> None:
    file = tmp_path / "csom.dump"
    backup.save([str(file)])
    whole = file.read_bytes()
    for share in (0.3, 0.6, 0.9):
        file.write_bytes(whole[: int(len(whole) * share)])
        assert backup.load([str(file), "--replace"]) == 1
        assert slugs(full) == ["acme", "rival"]
    file.write_text("this is no dump")
    assert backup.load([str(file), "--replace"]) == 1


def test_a_backup_without_tenants_is_not_written(
    database: Callable[[bool], str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database(True)
    assert backup.save([str(tmp_path / "csom.dump")]) == 1
    assert "there is no tenant in it" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.case("H15")
def test_a_dump_by_the_application_role_is_refused(full: str, tmp_path: Path) -> None:
    as_app = full.replace("csom_owner@", "csom_app@")
    done = subprocess.run([binaries() / "pg_dump", "-Fc", "-f", tmp_path / "x", as_app])
    assert done.returncode, "the policies hold pg_dump as they hold everybody"
