"""Usage through the API, 5,000 values a post, beside COPY of the same values.

Ours: the request with its key, the body read, each value checked, stored where it is new, and the
day of the account made from it. The floor: the same rows into the empty table.
"""

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import cache

from django.db import connection
from django.test import Client

from bench import floor
from bench.measure import Case
from bench.tenant import Bench

URL = "/api/v1/usage/bulk/"
FEATURES = ("approve", "upload", "export", "review", "invite")
DAYS = 5
A_POST = 5_000
SCOPES = ("pulse:write",)


def cases(quick: bool) -> Iterator[Case]:
    posts = 1 if quick else 10
    made: Callable[[], _Posts] = cache(lambda: _Posts(posts))
    n, words = posts * A_POST, "COPY of the same values"

    def post() -> None:
        made().post()

    def least() -> None:
        made().copy()

    def fresh() -> None:
        floor.empty(made().bench.id, "pulse_usage", "pulse_usageday")

    def stored() -> None:
        fresh()
        made().post()
        connection.close()

    yield Case("ingest", 3, words, n, post, least, fresh, repeats=3)
    yield Case("ingest_again", 2, words, n, post, least, stored, fresh, repeats=3)


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
        self.post()  # what is read once per process is read before anything is measured
        self.lines = floor.rows("pulse_usage", self.bench.id)

    def post(self) -> None:
        for body in self.bodies:
            answer = self.client.post(URL, body, content_type="application/json")
            if answer.status_code != 200:
                raise SystemExit(f"{URL} answers {answer.status_code}: {answer.text[:500]}")

    def copy(self) -> None:
        floor.copy_in("pulse_usage", self.lines)


def _days(today: date) -> list[date]:
    return [today - timedelta(days=back) for back in range(1, DAYS + 1)]
