"""The night reads each table a few times, however many accounts, before statistics exist too."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from health.actions.models import install_defaults
from health.actions.snapshots import FEW, FOR_MANY, score_days
from spiced.models import Element, Note
from tenants.models import Tenant
from tests import make

ACCOUNTS = 8 * FEW
LETTERS = ("S", "P", "I", "CE", "D")
SAID = "They close their books by hand, and nobody can say what is still to come. " * 9
TIMES = 4  # that a row may be read


def scans(node: dict[str, Any]) -> Iterator[tuple[str, float]]:
    """Of a plan that was executed, each table scanned and how many rows were looked at."""
    if table := node.get("Relation Name"):
        looked_at = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
        yield table, looked_at * node["Actual Loops"]
    for inner in node.get("Plans", []):
        yield from scans(inner)


@pytest.mark.usefixtures("inside")
def test_no_table_is_read_again_for_each_account(acme: Tenant) -> None:
    install_defaults(author=None, now=make.NOW)
    notes = []
    for _ in range(ACCOUNTS):
        account = make.account(stage="live", created_at=make.NOW, customer_since=make.TODAY)
        notes.append(Note(account=account, version=1, saved_at=make.NOW))
    Note.objects.bulk_create(notes)
    Element.objects.bulk_create(
        Element(note=note, letter=letter, text=SAID) for note in notes for letter in LETTERS
    )
    with CaptureQueriesContext(connection) as queries:
        assert score_days(days=[make.TODAY], now=make.NOW) == ACCOUNTS
    [night] = [query["sql"] for query in queries if "population AS" in query["sql"]]
    with connection.cursor() as cursor:
        for setting in FOR_MANY.items():
            cursor.execute("SELECT set_config(%s, %s, true)", setting)
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {night}")
        [plan] = cursor.fetchone()[0]
    read = Counter[str]()
    for table, rows in scans(plan["Plan"]):
        read[table] += rows
    assert read["spiced_element"] == Element.objects.count() == len(LETTERS) * ACCOUNTS
    assert max(read.values()) <= TIMES * len(LETTERS) * ACCOUNTS, read
