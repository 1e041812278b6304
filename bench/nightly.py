"""The nightly recompute: measure and score every account of a tenant as of a day, and store it.

The floor reads each input row once (`count(*)`) and writes the same snapshot rows with COPY. That
floor computes nothing; the second case compares with the least SQL that groups the use at all.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial
from uuid import UUID

from django.db import connection

from bench import floor
from bench.measure import Case
from bench.tenant import accounts
from csom.provision import provision
from health.actions.night import AT_ONCE
from health.actions.snapshots import keep_snapshots
from health.queries.measuring import Chunk, Moment
from health.queries.models import published
from tenants.models import Tenant, User
from tenants.scope import act_for

DAY = date(2026, 11, 18)
NOW = datetime(2026, 11, 19, 1, 0, tzinfo=UTC)

ACCOUNTS = accounts(
    external_id="n::text",
    segment="CASE n %% 3 WHEN 0 THEN 'enterprise' ELSE 'small' END",
    touch_model="CASE n %% 3 WHEN 0 THEN 'high' ELSE 'low' END",
    stage="CASE n %% 5 WHEN 0 THEN 'onboarding' ELSE 'first_impact' END",
    customer_since="%(day)s - 500",
    renews_on="%(day)s + n %% 365",
    sentiment="1 + n %% 5",
    sentiment_at="%(now)s",
)
FACTS = (
    """
    INSERT INTO bowtie_stay (tenant_id, id, account_id, lifecycle, stage, entered_at, came_from,
        evidence, reason, revoke_reason, override_reason, is_imported, recorded_at)
    SELECT tenant_id, gen_random_uuid(), id, 1, stage, %(now)s - interval '480 days', '', '{}', '',
        '', '', false, %(now)s - interval '480 days'
    FROM accounts_account
    """,
    """
    INSERT INTO accounts_contract (tenant_id, id, account_id, source, external_id, plan, starts_on,
        ends_on, notice_days, auto_renews, arr_minor, currency, seats, is_trial, status,
        created_at, changed_at)
    SELECT tenant_id, gen_random_uuid(), id, 'bench', external_id, '', %(day)s - 500,
        renews_on + 1, 30, true, 3000000, 'EUR', 20, false, 'active', %(early)s, %(now)s
    FROM accounts_account
    """,
    """
    INSERT INTO pulse_usage (tenant_id, account_id, day, feature, person, n, span_days, recorded_at)
    SELECT tenant_id, id, %(day)s - d, 'approve', 'p' || p, 1 + d %% 7, 1, %(early)s
    FROM accounts_account, generate_series(0, 83) d, generate_series(1, 12) p
    WHERE (d + p) %% 2 = 0
    """,
    """
    INSERT INTO pulse_usageday (tenant_id, account_id, day, actions, active_users, features,
        span_days, recorded_at)
    SELECT tenant_id, id, %(day)s - d, 40 + d %% 9, 6, 1, 1, %(early)s
    FROM accounts_account, generate_series(0, 209) d
    """,
    """
    INSERT INTO pulse_activity (tenant_id, id, account_id, source, external_id, kind, direction,
        initiator, is_two_way, at, purpose, outcome, notes, contact_ids, recorded_at)
    SELECT tenant_id, gen_random_uuid(), id, 'bench', external_id || '-' || d, 'call', 'outbound',
        'us_proactive', true, %(now)s - d * interval '9 days', '', '', '', '{}', %(early)s
    FROM accounts_account, generate_series(1, 10) d
    """,
    """
    INSERT INTO pulse_ticket (tenant_id, id, account_id, source, external_id, subject, priority,
        status, opened_at, resolved_at, reopened, csat, is_escalated, recorded_at)
    SELECT tenant_id, gen_random_uuid(), id, 'bench', external_id || '-' || d, '', 3, 'resolved',
        %(now)s - d * interval '20 days', %(now)s - d * interval '19 days', 0, 1 + d %% 5, false,
        %(early)s
    FROM accounts_account, generate_series(1, 6) d
    """,
    """
    INSERT INTO pulse_surveyanswer (tenant_id, id, account_id, source, external_id, kind, wave,
        score, comment, answered_at, recorded_at)
    SELECT tenant_id, gen_random_uuid(), id, 'bench', external_id || '-' || d, 'nps', '', 4 + d,
        '', %(now)s - d * interval '30 days', %(early)s
    FROM accounts_account, generate_series(1, 3) d
    """,
)
FILLED = (
    *("accounts_account", "bowtie_stay", "accounts_contract", "pulse_usage", "pulse_usageday"),
    *("pulse_activity", "pulse_ticket", "pulse_surveyanswer"),
)
READ = (
    "SELECT count(*) FROM accounts_account",
    "SELECT count(*) FROM bowtie_stay",
    "SELECT count(*) FROM accounts_contract",
    "SELECT count(*) FROM pulse_usage WHERE day > '2026-08-20'",
    "SELECT count(*) FROM pulse_usageday WHERE day > '2026-04-20'",
    "SELECT count(*) FROM pulse_activity",
    "SELECT count(*) FROM pulse_ticket",
    "SELECT count(*) FROM pulse_surveyanswer",
)
GROUPED = (
    "SELECT account_id, person, sum(n) FROM pulse_usage WHERE day > '2026-08-20' GROUP BY 1, 2",
    "SELECT account_id, sum(actions) FROM pulse_usageday WHERE day > '2026-04-20' GROUP BY 1",
)


SIZES = (1_000, 8_000, 50_000)  # what one more account costs must be the same between them


def cases(quick: bool) -> Iterator[Case]:
    counted, grouped = "count(*) of the input, COPY of the rows", "grouping the use by person, COPY"
    for n in (200,) if quick else SIZES:
        night = cache(partial(_Night, n))
        yield _case(f"nightly_{n}", n, 25, counted, night, READ)
        yield _case(f"nightly_{n}_grouped", n, 5, grouped, night, GROUPED)


def _case(
    name: str,
    n: int,
    goal: float,
    words: str,
    made: "Callable[[], _Night]",
    read: tuple[str, ...],
) -> Case:
    """The night beside reading its input in some way and writing its rows."""

    def ours() -> None:
        made().score()

    def least() -> None:
        made().least(read)

    def fresh() -> None:
        made().clear()

    return Case(name, goal, words, n, ours, least, fresh, repeats=3, family="nightly")


class _Night:
    """A tenant of n accounts before its night."""

    def __init__(self, n: int) -> None:
        self.tenant_id = fill(f"night-{n}", n)
        self.score()
        self.lines = floor.rows("health_snapshot", self.tenant_id)
        connection.close()

    def score(self) -> None:
        """Every account, some at a time, as the job does it."""
        after = None
        while True:
            with act_for(self.tenant_id):
                kept = keep_snapshots(
                    moment=Moment(DAY, "UTC"),
                    in_force=published().in_force(DAY),
                    recorded_at=NOW,
                    chunk=Chunk(after=after, limit=AT_ONCE),
                )
            if kept.accounts < AT_ONCE:
                return
            after = kept.last

    def least(self, read: tuple[str, ...]) -> None:
        with act_for(self.tenant_id), connection.cursor() as cursor:
            for sql in read:
                cursor.execute(f"SELECT count(*) FROM ({sql}) each")
        floor.copy_in("health_snapshot", self.lines)

    def clear(self) -> None:
        floor.empty(self.tenant_id, "health_snapshot")


def fill(name: str, n: int) -> UUID:
    """A tenant with accounts of every kind of fact."""
    tenant = Tenant.objects.create(slug=f"bench-{name}", name="Bench")
    author = User.objects.create_user(email=f"{name}@example.com", name="Bench")
    provision(tenant, author, NOW)
    given = {"tenant": tenant.pk, "n": n, "day": DAY, "now": NOW}
    given["early"] = NOW - timedelta(days=400)
    with act_for(tenant.pk), connection.cursor() as cursor:
        for sql in (ACCOUNTS, *FACTS):
            cursor.execute(sql, given)
    connection.close()
    floor.settle(*FILLED)
    return tenant.pk
