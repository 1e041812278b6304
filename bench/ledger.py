"""Retention and cohorts of a ledger, beside one statement that adds the same entries up.

Both floors read every entry of the tenant and answer with the figures and nothing else: no slice,
no day of knowledge, no account that was won again.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from functools import cache

from django.db import connection

from bench.measure import Case
from bench.tenant import Bench, vacuum
from bowtie.queries.cohorts import cohorts
from bowtie.queries.ledger import rollup
from tenants.models import Tenant
from tenants.scope import act_for

SINCE, UNTIL = date(2025, 12, 31), date(2026, 12, 31)
AS_OF = datetime(2027, 1, 1, tzinfo=UTC)
TIMES = 5
EACH = 5  # entries of an account
MONTHS = 36

# Won in one of the first 28 months; then grows, shrinks, grows; a fifth leave and come back, a
# tenth of these in time.
ENTRIES = """
    INSERT INTO accounts_arrmovement (tenant_id, id, account_id, kind, amount_minor, effective_on,
        recorded_at, note)
    SELECT tenant_id, gen_random_uuid(), id,
        CASE step WHEN 0 THEN 'new' WHEN 1 THEN 'expansion' WHEN 2 THEN 'contraction'
            WHEN 3 THEN CASE WHEN n %% 5 = 0 THEN 'churn' ELSE 'expansion' END
            ELSE CASE WHEN n %% 50 = 0 THEN 'restore' WHEN n %% 5 = 0 THEN 'reactivation'
                ELSE 'expansion' END END,
        CASE step WHEN 0 THEN 1000000 WHEN 1 THEN 100000 + n WHEN 2 THEN -200000
            WHEN 3 THEN CASE WHEN n %% 5 = 0 THEN -900000 - n ELSE 50000 END
            ELSE CASE WHEN n %% 50 = 0 THEN 900000 + n ELSE 40000 END END,
        (date '2024-01-02' + make_interval(months => n %% 28 + step * (6 - n %% 28 / 6)))::date
            + n %% 27, %(now)s, ''
    FROM (SELECT *, substr(external_id, 2)::int n FROM accounts_account) a,
        generate_series(0, 4) step
"""
LEAST_ROLLUP = """
    SELECT count(*) FILTER (WHERE start > 0), sum(start), sum(closing), sum(least(start, closing)),
        sum(closing) FILTER (WHERE start > 0), count(*) FILTER (WHERE start > 0 AND closing > 0),
        sum(grown), sum(shrunk), sum(gone), sum(won)
    FROM (
        SELECT account_id, sum(amount_minor) FILTER (WHERE effective_on <= %(since)s) AS start,
            sum(amount_minor) AS closing,
            sum(amount_minor) FILTER (WHERE effective_on > %(since)s AND kind = 'expansion') grown,
            sum(amount_minor) FILTER (WHERE effective_on > %(since)s AND kind = 'contraction')
                AS shrunk,
            sum(amount_minor) FILTER (WHERE effective_on > %(since)s AND kind = 'churn') AS gone,
            sum(amount_minor) FILTER (WHERE effective_on > %(since)s AND kind = 'new') AS won
        FROM accounts_arrmovement WHERE effective_on <= %(until)s GROUP BY account_id
    ) each
"""
LEAST_MATRIX = """
    WITH won AS (
        SELECT account_id, min(effective_on) AS since FROM accounts_arrmovement
        WHERE kind = 'new' AND effective_on <= %(until)s GROUP BY account_id
    )
    SELECT date_trunc('quarter', since),
        12 * (extract(year FROM effective_on) - extract(year FROM since))
            + extract(month FROM effective_on) - extract(month FROM since) AS age,
        sum(amount_minor), count(DISTINCT account_id)
    FROM won JOIN accounts_arrmovement USING (account_id) WHERE effective_on <= %(until)s
    GROUP BY 1, 2 ORDER BY 1, 2
"""


def cases(quick: bool) -> Iterator[Case]:
    n = 500 if quick else 20_000
    ready: Callable[[], Tenant] = cache(lambda: _ready(n))

    def repeated(work: Callable[[], object]) -> Callable[[], None]:
        def run() -> None:
            with act_for(ready().pk):
                for _ in range(TIMES):
                    work()

        return run

    def least(sql: str) -> Callable[[], None]:
        def ask() -> None:
            with connection.cursor() as cursor:
                cursor.execute(sql, {"since": SINCE, "until": UNTIL})
                cursor.fetchall()

        return repeated(ask)

    for name, goal, work, sql in (
        ("ledger_rollup", 2, lambda: rollup(SINCE, UNTIL, AS_OF), LEAST_ROLLUP),
        ("cohort_matrix", 3, lambda: cohorts(UNTIL, AS_OF, months=MONTHS), LEAST_MATRIX),
    ):
        floor = "one statement over the same entries"
        yield Case(name, goal, floor, n * EACH, repeated(work), least(sql), ready)


def _ready(n: int) -> Tenant:
    """A tenant whose accounts have five entries each."""
    bench = Bench("bench-ledger", n)
    bench.run(ENTRIES)
    vacuum()
    return bench.tenant
