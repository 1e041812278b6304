"""Retention, cohorts and renewals, beside one statement that adds the same entries up.

The floors read every entry of the tenant and answer with the figures and nothing else: no slice,
no day of knowledge, no account that was won again. That of renewals takes the end that a contract
has now, and the ledger on its eve and sixty days later, which is not what was due: the product
judges, by a rule outside the database, all that contracts ever said. Hence its goal.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from functools import cache

from django.db import connection

from accounts.actions.terms import keep_terms
from accounts.models import Account
from bench.measure import Case
from bench.tenant import Bench, vacuum
from bowtie.queries.cohorts import cohorts
from bowtie.queries.ledger import rollup
from bowtie.queries.money import renewals
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
# Two in a row for each account; a third of the second ones were extended, a third renew themselves.
CONTRACTS = """
    INSERT INTO accounts_contract (tenant_id, id, account_id, source, external_id, plan, starts_on,
        ends_on, term_months, notice_days, auto_renews, arr_minor, currency, is_trial, status,
        created_at, changed_at)
    SELECT tenant_id, gen_random_uuid(), id, 'bench', n || '-' || step, '',
        date '2024-01-02' + n %% 500 + step * 365,
        date '2025-01-02' + n %% 500 + step * 365, 12, 30, step = 1 AND n %% 3 = 0, 900000 + n,
        'EUR', false, 'active', '2024-01-01', '2024-01-01'
    FROM (SELECT *, substr(external_id, 2)::int n FROM accounts_account) a,
        generate_series(0, 1) step
"""
EXTENDED = """
    UPDATE accounts_contract SET ends_on = ends_on + 365
    WHERE external_id LIKE '%%-1' AND split_part(external_id, '-', 1)::int %% 3 = 1
"""
LEAST_RENEWALS = """
    SELECT count(*), sum(due), sum(least(due, greatest(0, later - (eve - due)))) FROM (
        SELECT c.account_id, sum(c.arr_minor) AS due,
            (SELECT sum(m.amount_minor) FROM accounts_arrmovement m
             WHERE m.account_id = c.account_id AND m.effective_on < c.ends_on) AS eve,
            (SELECT sum(m.amount_minor) FROM accounts_arrmovement m
             WHERE m.account_id = c.account_id AND m.effective_on <= c.ends_on + 60) AS later
        FROM accounts_contract c WHERE c.ends_on > %(since)s AND c.ends_on <= %(until)s
        GROUP BY c.account_id, c.ends_on
    ) each
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
        ("renewals", 12, lambda: renewals(SINCE, UNTIL, AS_OF, UNTIL), LEAST_RENEWALS),
    ):
        floor = "one statement over the same entries"
        yield Case(name, goal, floor, n * EACH, repeated(work), least(sql), ready)


def _ready(n: int) -> Tenant:
    """A tenant whose accounts have five entries and two contracts each."""
    bench = Bench("bench-ledger", n)
    bench.run(ENTRIES, CONTRACTS)
    with act_for(bench.tenant.pk):
        ids = list(Account.objects.values_list("pk", flat=True))
        keep_terms(account_ids=ids, now=datetime(2024, 1, 1, tzinfo=UTC))
    bench.run(EXTENDED)
    with act_for(bench.tenant.pk):
        keep_terms(account_ids=ids, now=datetime(2026, 3, 1, tzinfo=UTC))
    vacuum()
    return bench.tenant
