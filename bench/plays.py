"""A night of all default plays over one night's snapshots, beside a scan of those snapshots.

The floor scans the snapshots of the day once, and writes with COPY what the plays wrote: runs,
tasks and what was held back.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache

from django.db import connection

from bench import floor
from bench.measure import Case
from bench.nightly import DAY, NOW, fill
from health.actions.snapshots import score_days
from plays.actions.evaluate import evaluate
from tenants.jobs import Work
from tenants.scope import act_for

WRITTEN = ("plays_run", "plays_task", "plays_held")


def cases(quick: bool) -> Iterator[Case]:
    n = 200 if quick else 10_000
    made: Callable[[], _Night] = cache(lambda: _Night(n))

    def ours() -> None:
        made().run()

    def least() -> None:
        made().least()

    def fresh() -> None:
        made().clear()

    words = "a scan of the snapshots, COPY of what came of it"
    yield Case("plays_night", 6, words, n, ours, least, fresh, repeats=3)


class _Night:
    """A tenant with two nights of snapshots, and what a night of plays writes there."""

    def __init__(self, n: int) -> None:
        self.tenant_id = fill("plays", n)
        with act_for(self.tenant_id):
            score_days(days=[DAY - timedelta(days=1), DAY], now=NOW)
        self.run()
        self.lines = {table: floor.rows(table, self.tenant_id) for table in WRITTEN}
        connection.close()

    def run(self) -> None:
        """Chunk after chunk, as the job does it."""
        work = Work(self.tenant_id, self.tenant_id, None, NOW)
        is_over = False
        while not is_over:
            with act_for(self.tenant_id):
                work.cursor = evaluate(work, day=DAY.isoformat())
            is_over = work.cursor is None

    def clear(self) -> None:
        floor.empty(self.tenant_id, *WRITTEN, "tenants_trailentry")

    def least(self) -> None:
        with act_for(self.tenant_id), connection.cursor() as cursor:
            cursor.execute("SELECT count(score) FROM health_snapshot WHERE day = %s", [DAY])
        for table, lines in self.lines.items():
            floor.copy_in(table, lines)
