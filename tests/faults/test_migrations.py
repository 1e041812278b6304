"""Migrations that are killed on their way, and run again."""

import os
import subprocess
import sys
import time
from typing import Any

import pytest
from django.db import connection
from django.db.utils import DatabaseError

from csom.devstack.pytest_plugin import TEMPLATE, as_owner
from csom.devstack.services import ROOT

NAME = "half_migrated"
STRUCTURE = {
    "columns": "SELECT table_name, column_name, data_type, is_nullable, column_default"
    " FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2",
    "policies": "SELECT tablename, policyname, qual, with_check FROM pg_policies ORDER BY 1, 2",
    "fences": "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class"
    " WHERE relnamespace = 'public'::regnamespace ORDER BY 1",
    "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)"
    " FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes"
    " WHERE schemaname = 'public' ORDER BY 1, 2",
    "rights": "SELECT table_name, grantee, privilege_type FROM information_schema.table_privileges"
    " WHERE table_schema = 'public' ORDER BY 1, 2, 3",
}


def asked(database: str, *statements: str) -> list[Any]:
    with as_owner(NAME=database), connection.cursor() as cursor:
        found = []
        for statement in statements:
            cursor.execute(statement)
            found.append(cursor.fetchall() if cursor.description else None)
        return found


def applied() -> int:
    try:
        return int(asked(NAME, "SELECT count(*) FROM django_migrations")[0][0][0])
    except DatabaseError:
        return 0


@pytest.mark.case("A22")
@pytest.mark.django_db(transaction=True)
def test_a_migration_that_was_killed_is_completed_by_the_next() -> None:
    if TEMPLATE not in os.environ:
        pytest.skip("needs the template of the embedded server")
    url = os.environ["DATABASE_OWNER_URL"].replace("/csom?", f"/{NAME}?")
    assert NAME in url
    env = os.environ | {"DATABASE_URL": url, "DATABASE_OWNER_URL": url}
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0", "--no-input"]
    drop = f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)"
    asked("postgres", drop, f"CREATE DATABASE {NAME} TEMPLATE template0")
    try:
        stops = []
        for enough in (8, 30):
            with subprocess.Popen(command, cwd=ROOT, env=env) as migrating:
                while applied() < enough and migrating.poll() is None:
                    time.sleep(0.02)
                migrating.kill()
            stops.append(applied())
        assert stops == sorted(set(stops)), "each was killed further on"
        subprocess.run(command, cwd=ROOT, env=env, check=True)
        wanted = asked(os.environ[TEMPLATE], *STRUCTURE.values())
        found = asked(NAME, *STRUCTURE.values())
        for what, one, other in zip(STRUCTURE, wanted, found, strict=True):
            assert one == other, what
    finally:
        asked("postgres", drop)
