"""Accounts through the action that the API and the import wizard share, beside COPY of them.

The floor is COPY of the same rows into the empty table, also where ours finds them there.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from django.db import connection

from accounts.actions.upsert import upsert
from accounts.targets import ACCOUNTS
from bench import floor
from bench.measure import Case
from bench.tenant import Bench
from tenants.scope import act_for

CHANGE = "UPDATE accounts_account SET industry = 'Old' WHERE external_id LIKE '%%7'"


def cases(quick: bool) -> Iterator[Case]:
    n = 500 if quick else 20_000
    made: Callable[[], _Rows] = cache(lambda: _Rows(n))
    words = "COPY of the same rows"

    def ours() -> None:
        made().upsert()

    def least() -> None:
        made().copy()

    def fresh() -> None:
        made().empty()

    def stored() -> None:
        fresh()
        made().upsert()
        connection.close()

    def tenth() -> None:
        stored()
        made().bench.run(CHANGE)

    yield Case("upsert_new", 2.5, words, n, ours, least, fresh, repeats=3)
    yield Case("upsert_unchanged", 1.5, words, n, ours, least, stored, fresh, repeats=3)
    yield Case("upsert_tenth", 2, words, n, ours, least, tenth, fresh, repeats=3)


class _Rows:
    """The same accounts as typed values and as lines for COPY."""

    def __init__(self, n: int) -> None:
        self.bench = Bench("bench-upsert")
        self.rows: list[dict[str, Any]] = [
            {
                "external_id": f"crm-{at:06}",
                "name": f"Firm number {at}",
                "domain": f"firm{at}.example",
                "segment": "mid",
                "region": ("EMEA", "AMER", "APAC")[at % 3],
                "industry": ("Energy", "Banking", "Retail", "Health")[at % 4],
                "employees": 10 + at % 9000,
                "tags": ["pilot"] if at % 5 == 0 else [],
            }
            for at in range(n)
        ]
        self.upsert()
        self.lines = floor.rows("accounts_account", self.bench.id)
        connection.close()

    def upsert(self) -> None:
        with act_for(self.bench.id):
            outcome = upsert(ACCOUNTS, self.rows, source="crm", now=self.bench.now)
            if outcome.refused:
                raise SystemExit(f"{outcome.refused} refused: {outcome.refusals[0]}")

    def empty(self) -> None:
        """Take the accounts away, with what followed from them."""
        floor.empty(self.bench.id, "health_accountrow", "bowtie_stay", "accounts_account")

    def copy(self) -> None:
        floor.copy_in("accounts_account", self.lines)
