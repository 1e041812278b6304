"""Rows sent again that say nothing new: the server writes next to nothing, and nobody is told.

Counted in bytes of its write-ahead log, which no busy machine changes. A server that works for
others meanwhile writes theirs as well, so the least of some tries counts.
"""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection

from accounts.actions.upsert import bring_in
from accounts.models import Account
from accounts.rules.outcome import Outcome
from accounts.targets import TARGETS
from csom.devstack.pytest_plugin import as_owner
from tenants.models import Tenant, TrailEntry
from tenants.scope import act_for
from tests import make

ROWS = 10_000
BYTES_PER_ROW = 2
TRIES = 3
BEGUN = date(2026, 1, 5)


def accounts() -> list[dict[str, Any]]:
    return [
        {
            "external_id": f"a{n}",
            "name": f"Firm number {n}",
            "domain": f"firm{n}.example",
            "region": ("EMEA", "AMER", "APAC")[n % 3],
            "employees": 10 + n,
            "tags": ["pilot"] if n % 5 == 0 else [],
        }
        for n in range(ROWS)
    ]


def contacts() -> list[dict[str, Any]]:
    return [
        {
            "external_id": f"p{n}",
            "account": f"a{n % 50}",
            "name": f"Person {n}",
            "email": f"p{n}@firm.example",
            "title": "Controller",
        }
        for n in range(ROWS)
    ]


def contracts() -> list[dict[str, Any]]:
    return [
        {
            "external_id": f"k{n}",
            "account": f"a{n % 50}",
            "product": f"p{n % 3}",
            "starts_on": BEGUN + timedelta(days=n % 90),
            "ends_on": BEGUN + timedelta(days=365 + n % 90),
            "arr_minor": 1_000_00 + n,
            "seats": n % 40,
        }
        for n in range(ROWS)
    ]


def usage() -> list[dict[str, Any]]:
    return [
        {
            "account": f"a{n % 50}",
            "day": BEGUN + timedelta(days=n // 500),
            "feature": f"f{n // 50 % 5}",
            "person": f"p{n // 250 % 2}",
            "n": 1 + n % 9,
        }
        for n in range(ROWS)
    ]


def bring(noun: str, rows: list[dict[str, Any]]) -> Outcome:
    return bring_in(TARGETS[noun], rows, source="crm", now=make.NOW)


def logged(act: Callable[[], Any], tenant: Tenant) -> int:
    """Bytes that the server's log grew by while the action ran in a transaction of its own."""
    before = position()
    with act_for(tenant.pk):
        act()
    return position() - before


def position() -> int:
    """Where the log ends, in bytes; for the owner to read."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_insert_lsn() - '0/0'")
        return int(cursor.fetchone()[0])


def least(act: Callable[[], Any], tenant: Tenant) -> int:
    return min(logged(act, tenant) for _ in range(TRIES))


@pytest.fixture
def stored(transactional_db: None) -> Tenant:
    """A company whose accounts the others refer to, committed."""
    acme = make.tenant("acme")
    with act_for(acme.pk):
        bring("accounts", accounts()[:50])
    return acme


@pytest.mark.parametrize("made", [accounts, contacts, contracts, usage])
def test_unchanged_rows_write_nothing(stored: Tenant, made: Callable[[], list[Any]]) -> None:
    noun, rows = made.__name__, made()
    with act_for(stored.pk):
        first = bring(noun, rows)
        assert (first.refused, first.new + first.unchanged) == (0, ROWS)
        told = TrailEntry.objects.count()
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    outcomes: list[Outcome] = []
    written = least(lambda: outcomes.append(bring(noun, rows)), stored)
    assert {outcome.unchanged for outcome in outcomes} == {ROWS}
    assert written <= BYTES_PER_ROW * ROWS, f"{written / ROWS:.2f} bytes a row"
    with act_for(stored.pk):
        assert TrailEntry.objects.count() == told


def test_a_row_written_again_as_it_was_is_noticed(stored: Tenant) -> None:
    with act_for(stored.pk):
        bring("accounts", accounts())
    written = least(partial(Account.objects.update, region="EMEA"), stored)
    assert written > BYTES_PER_ROW * ROWS
