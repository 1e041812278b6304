"""Each fence is broken on purpose, one at a time: the test meant for it must turn red."""

import inspect
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection, transaction

from csom.devstack.pytest_plugin import TEMPLATE, as_owner
from csom.devstack.services import ROOT
from tests.tenants import test_inventory as inventory
from tests.tenants.defects import DEFECTS, TENANTS, Defect
from tests.tenants.defects import IN_TABLES as REACHED

IN_TABLES = {
    # what an owner could do to the tables -> the check of the catalogue that must see it
    "DROP POLICY tenant_isolation ON accounts_account":
        "test_every_tenant_table_has_exactly_one_policy",
    "ALTER TABLE accounts_account DISABLE ROW LEVEL SECURITY":
        "test_every_table_has_the_policy_or_stands_on_the_list",
    "ALTER POLICY tenant_isolation ON spiced_note USING (true)":
        "test_every_policy_is_the_canonical_one",
    "ALTER POLICY tenant_isolation ON spiced_note WITH CHECK (true)":
        "test_every_policy_is_the_canonical_one",
    "CREATE POLICY also ON plays_task USING (true)":
        "test_every_tenant_table_has_exactly_one_policy",
    "DROP POLICY tenant_isolation ON plays_task; CREATE POLICY tenant_isolation ON plays_task "
    "FOR SELECT USING (tenant_id = (SELECT current_setting('csom.tenant')::uuid))":
        "test_every_policy_is_the_canonical_one",
    "ALTER POLICY tenant_isolation ON plays_task USING "
    "(tenant_id = (SELECT nullif(current_setting('csom.tenant', true), '')::uuid))":
        "test_every_policy_is_the_canonical_one",
    "ALTER TABLE accounts_contact DROP CONSTRAINT accounts_contact_account_id_tenant, "
    "ADD FOREIGN KEY (account_id) REFERENCES accounts_account (id)":
        "test_no_plain_reference_between_tenant_tables",
    "ALTER TABLE accounts_contact DROP CONSTRAINT accounts_contact_account_id_tenant":
        "test_references_between_tenant_tables_carry_the_tenant",
    "CREATE UNIQUE INDEX ON accounts_account (external_id)":
        "test_unique_keys_begin_with_the_tenant",
    "CREATE VIEW everybodys AS SELECT * FROM accounts_account":
        "test_no_views_definer_functions_or_triggers",
    "CREATE MATERIALIZED VIEW everybodys AS SELECT * FROM accounts_account":
        "test_no_views_definer_functions_or_triggers",
    "CREATE FUNCTION everybodys() RETURNS SETOF accounts_account LANGUAGE sql SECURITY DEFINER "
    "AS 'SELECT * FROM accounts_account'":
        "test_no_views_definer_functions_or_triggers",
    "CREATE RULE twice AS ON INSERT TO accounts_account DO ALSO SELECT 1":
        "test_no_views_definer_functions_or_triggers",
    "ALTER TABLE accounts_account ALTER tenant_id DROP NOT NULL":
        "test_tenant_columns_are_never_null",
    "CREATE TABLE forgotten (tenant_id uuid NOT NULL, words text)":
        "test_every_table_has_the_policy_or_stands_on_the_list",
    "GRANT TRUNCATE ON accounts_account TO csom_app":
        "test_the_application_role_may_not_go_around_the_policies",
    "GRANT CREATE ON SCHEMA public TO csom_app":
        "test_the_application_role_may_not_go_around_the_policies",
    "GRANT UPDATE ON tenants_trailentry TO csom_app":
        "test_the_trail_is_append_only_for_the_application",
    "CREATE SEQUENCE counted; GRANT SELECT ON counted TO csom_app":
        "test_no_sequence_tells_how_much_others_have",
    "GRANT SELECT ON accounts_account TO PUBLIC":
        "test_nothing_is_granted_to_everybody",
}  # fmt: skip
CHECKS = {
    name: check
    for name, check in vars(inventory).items()
    if name.startswith("test_") and not inspect.signature(check).parameters
}


def red_checks(defect: str) -> set[str]:
    """The checks that fail once the owner has done this. Nothing of it stays."""
    red = set()
    with as_owner(USER="postgres"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE csom_owner")
        cursor.execute(defect)
        cursor.execute("SET LOCAL SESSION AUTHORIZATION csom_app")
        for name, check in CHECKS.items():
            try:
                with transaction.atomic():
                    check()
            except Exception:
                red.add(name)
        transaction.set_rollback(True)
    return red


@pytest.fixture
def no_transaction(django_db_setup: None, django_db_blocker) -> Iterator[None]:  # type: ignore[no-untyped-def]
    """The tests' own server, whose superuser may act as anybody, without a test's transaction."""
    if TEMPLATE not in os.environ:
        pytest.skip("needs the embedded server")
    with django_db_blocker.unblock():
        yield


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the code, to be broken."""
    copy = tmp_path_factory.mktemp("planted") / "code"
    left_out = shutil.ignore_patterns(".*", "__pycache__", "node_modules", "staticfiles")
    shutil.copytree(ROOT, copy, ignore=left_out)
    (copy / ".data").mkdir()
    return copy


def failures(code: Path, test: str, **environment: str) -> str:
    """What pytest says of one test of a checkout. Fails where all is well."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "--tb=short", "--show-capture=no", test],
        cwd=code, env={**os.environ, "PYTEST_XDIST_WORKER": "planted", **environment},
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1, f"pytest ended with {done.returncode}\n{done.stdout[-3000:]}"
    return done.stdout


@pytest.mark.full
@pytest.mark.parametrize("defect", DEFECTS, ids=str)
def test_a_mistake_in_the_code_turns_its_test_red(
    no_transaction: None, checkout: Path, defect: Defect
) -> None:
    file = checkout / defect.file
    whole = file.read_text()
    file.write_text(defect.broken(whole))
    try:
        assert f"FAILED {os.path.normpath(defect.killed_by)}" in failures(
            checkout, defect.killed_by
        )
    finally:
        file.write_text(whole)


def test_each_mistake_still_can_be_made() -> None:
    """The places that are broken are where they were."""
    for defect in DEFECTS:
        assert defect.broken((ROOT / defect.file).read_text())


@pytest.mark.full
@pytest.mark.parametrize("defect", REACHED)
def test_a_broken_fence_is_felt(no_transaction: None, defect: str) -> None:
    name = "template_planted_" + os.environ.get("PYTEST_XDIST_WORKER", "main")
    drop = f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'
    with as_owner(NAME="postgres"), connection.cursor() as cursor:
        cursor.execute(drop)
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{os.environ[TEMPLATE]}"')
    with as_owner(NAME=name), connection.cursor() as cursor:
        cursor.execute(defect)
    connection.close()
    try:
        told = failures(ROOT, TENANTS + REACHED[defect], **{TEMPLATE: name})
    finally:
        with as_owner(NAME="postgres"), connection.cursor() as cursor:
            cursor.execute(drop)
    assert f"FAILED {TENANTS}{REACHED[defect]}" in told


@pytest.mark.full
def test_the_owner_of_the_tables_is_no_role_to_serve_with(no_transaction: None) -> None:
    url = os.environ["DATABASE_URL"].replace("csom_app", "csom_owner", 1)
    test = "test_inventory.py::test_tests_run_as_the_application_role"
    assert f"FAILED {TENANTS}{test}" in failures(ROOT, TENANTS + test, DATABASE_URL=url)


@pytest.mark.parametrize("defect", IN_TABLES)
def test_a_broken_fence_is_seen_in_the_catalogue(no_transaction: None, defect: str) -> None:
    assert IN_TABLES[defect] in red_checks(defect)


def test_whole_fences_are_found_whole(no_transaction: None) -> None:
    assert red_checks("SELECT 1") == set()
