"""Usage through the API, 5,000 values a post, beside COPY of the same values.

Ours: the request with its key, the body read, each value checked, stored where it is new, and the
day of the account made from it. The floor: the same rows into a table of the same shape and keys.
"""

import io
import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import cache
from typing import Any

from django.db import connection
from django.test import Client

from bench.measure import Case
from bench.tenant import Bench
from tenants.scope import act_for

URL = "/api/v1/usage/bulk/"
FEATURES = ("approve", "upload", "export", "review", "invite")
DAYS = 5
A_POST = 5_000
SCOPES = ("pulse:write",)


def cases(quick: bool) -> Iterator[Case]:
    posts = 1 if quick else 10
    made: Callable[[], _Posts] = cache(lambda: _Posts(posts))
    n, floor = posts * A_POST, "COPY of the same values"

    def post() -> None:
        made().post()

    def least() -> None:
        made().copy()

    def fresh() -> None:
        made().bench.run("DELETE FROM pulse_usage", "DELETE FROM pulse_usageday")

    def stored() -> None:
        fresh()
        made().post()
        connection.close()

    yield Case("ingest", 3, floor, n, post, least, fresh, repeats=3)
    yield Case("ingest_again", 2, floor, n, post, least, stored, repeats=3)


class _Posts:
    """The same values as bodies of posts, and as lines for COPY."""

    def __init__(self, posts: int) -> None:
        accounts = posts * A_POST // (len(FEATURES) * DAYS)
        self.bench = Bench("bench-ingest", accounts)
        self.client: Client = self.bench.caller(SCOPES)
        today = self.bench.now.date()
        values = [
            {"account": f"k{n}", "day": str(day), "feature": feature, "n": 1 + n % 40}
            for n in range(1, accounts + 1)
            for day in _days(today)
            for feature in FEATURES
        ]
        self.bodies = [
            json.dumps({"source": "bench", "data": values[at : at + A_POST]})
            for at in range(0, len(values), A_POST)
        ]
        self.lines = self._lines(values)
        self.post()  # what is read once per process is read before anything is measured

    def post(self) -> None:
        for body in self.bodies:
            answer = self.client.post(URL, body, content_type="application/json")
            if answer.status_code != 200:
                raise SystemExit(f"{URL} answers {answer.status_code}: {answer.text[:500]}")

    def copy(self) -> None:
        with act_for(self.bench.id), connection.cursor() as cursor:
            cursor.execute("CREATE TEMP TABLE copied (LIKE pulse_usage INCLUDING ALL)")
            cursor.copy_expert("COPY copied FROM STDIN", io.StringIO(self.lines))
            cursor.execute("DROP TABLE copied")

    def _lines(self, values: list[dict[str, Any]]) -> str:
        tenant, now = self.bench.id, self.bench.now.isoformat()
        with act_for(tenant), connection.cursor() as cursor:
            cursor.execute("SELECT external_id, id::text FROM accounts_account")
            ids = dict(cursor.fetchall())
        rows = [
            f"{each['day']}\t{each['feature']}\t\t{each['n']}\t1\t{now}\t{ids[each['account']]}"
            for each in values
        ]
        columns = _columns()
        if columns != "day,feature,person,n,span_days,recorded_at,account_id,tenant_id":
            raise SystemExit(f"pulse_usage has other columns by now: {columns}")
        return "".join(f"{row}\t{tenant}\n" for row in rows)


def _columns() -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(column_name, ',' ORDER BY ordinal_position)"
            " FROM information_schema.columns WHERE table_name = 'pulse_usage'"
        )
        return str(cursor.fetchone()[0])


def _days(today: date) -> list[date]:
    return [today - timedelta(days=back) for back in range(1, DAYS + 1)]
