"""Usage, brought in by the thousand: values by feature and person, and the day made from them."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from accounts.actions.revenue import zone_of_tenant
from accounts.actions.staging import Staged, put
from accounts.actions.upsert import TOLD_ONE_BY_ONE, writes
from accounts.rules.outcome import Outcome, Refusal, Row, State
from pulse.actions.usage_lines import Line, read
from pulse.models import Feature
from tenants import trail
from tenants.locks import hold
from tenants.models import TrailEntry, User
from tenants.scope import current_tenant_id
from tenants.timeline import describe

describe(
    "pulse.usage_brought_in",
    "{who} brought in usage from {source}",
    icon="chart-line",
    is_aside=True,
)

MOST_FEATURES = 500

COLUMNS = (
    "i integer",
    "account_id uuid",
    "day date",
    "feature varchar",
    "person varchar",
    "n bigint",
    "span smallint",
    "users integer",
)

# A value is kept as a day was judged by it, not as it grew in the course of one.
KEPT_VALUE = """
    INSERT INTO accounts_formerfact (tenant_id, id, account_id, kind, said, until, kept_at)
    SELECT %(tenant)s, gen_random_uuid(), account_id, 'pulse_usage', jsonb_build_object(
        'tenant_id', %(tenant)s, 'account_id', account_id, 'day', day, 'feature', feature,
        'person', person, 'n', old_n, 'span_days', old_span, 'recorded_at', old_at
    ), %(now)s, clock_timestamp()
    FROM {corrected}
    WHERE (old_at AT TIME ZONE %(zone)s)::date < (%(now)s AT TIME ZONE %(zone)s)::date
"""

WRITE = f"""
    WITH other AS MATERIALIZED (
        SELECT s.*, u.n AS old_n, u.span_days AS old_span, u.recorded_at AS old_at
        FROM {{staged}} LEFT JOIN pulse_usage u ON (u.account_id, u.day, u.feature, u.person)
                                               = (s.account_id, s.day, s.feature, s.person)
        WHERE s.n IS NOT NULL AND (u.n, u.span_days) IS DISTINCT FROM (s.n, s.span)
    ), kept AS ({KEPT_VALUE.format(corrected="other")}
    ), written AS (
        INSERT INTO pulse_usage
            (tenant_id, account_id, day, feature, person, n, span_days, recorded_at)
        SELECT %(tenant)s, account_id, day, feature, person, n, span, %(now)s FROM other
        ORDER BY account_id, day
        ON CONFLICT (tenant_id, account_id, day, feature, person) DO UPDATE
        SET n = excluded.n, span_days = excluded.span_days, recorded_at = excluded.recorded_at
    )
    SELECT i, old_at IS NULL AS is_new FROM other
"""  # noqa: S608 - made of names of this product alone

DAYS = """
    WITH other AS MATERIALIZED (
        SELECT m.account_id, m.day, m.actions, m.features, m.span,
            COALESCE(m.people, m.given, o.active_users) AS users, o.actions AS old_actions,
            o.active_users AS old_users, o.span_days AS old_span, o.recorded_at AS old_at
        FROM (
            SELECT t.account_id, t.day, t.users AS given,
                COALESCE(sum(u.n) FILTER (WHERE {core}), 0) AS actions,
                CASE WHEN bool_or(u.person <> '') THEN count(DISTINCT u.person) FILTER (
                    WHERE {core} AND u.n > 0 AND u.person <> '') END AS people,
                CASE WHEN bool_or(u.feature <> '') THEN count(DISTINCT u.feature) FILTER (
                    WHERE {core} AND u.n > 0 AND u.feature <> '') END AS features,
                COALESCE(max(u.span_days), max(t.span), 1) AS span
            FROM {touched} LEFT JOIN pulse_usage u ON (u.account_id, u.day) = (t.account_id, t.day)
            LEFT JOIN pulse_feature f ON f.key = u.feature
            GROUP BY t.account_id, t.day, t.users
        ) m
        LEFT JOIN pulse_usageday o ON (o.account_id, o.day) = (m.account_id, m.day)
        WHERE (o.actions, o.active_users, o.features, o.span_days) IS DISTINCT FROM
            (m.actions, COALESCE(m.people, m.given, o.active_users), m.features, m.span)
    ), kept AS (
        INSERT INTO accounts_formerfact (tenant_id, id, account_id, kind, said, until, kept_at)
        SELECT %(tenant)s, gen_random_uuid(), account_id, 'pulse_usageday', jsonb_build_object(
            'tenant_id', %(tenant)s, 'account_id', account_id, 'day', day, 'actions', old_actions,
            'active_users', old_users, 'span_days', old_span, 'recorded_at', old_at
        ), %(now)s, clock_timestamp()
        FROM other
        WHERE (old_at AT TIME ZONE %(zone)s)::date < (%(now)s AT TIME ZONE %(zone)s)::date
    )
    INSERT INTO pulse_usageday AS d
        (tenant_id, account_id, day, actions, active_users, features, span_days, recorded_at)
    SELECT %(tenant)s, account_id, day, actions, users, features, span, %(now)s
    FROM other ORDER BY account_id, day
    ON CONFLICT (tenant_id, account_id, day) DO UPDATE
    SET actions = excluded.actions, active_users = excluded.active_users,
        features = excluded.features, span_days = excluded.span_days,
        recorded_at = excluded.recorded_at
    RETURNING account_id, day, xmax = 0
"""
CORE = "COALESCE(f.is_core, true)"


@writes("usage")
@transaction.atomic
def bring_in_usage(
    rows: Iterable[Mapping[str, Any]],
    *,
    source: str,
    now: datetime,
    actor: User | None = None,
) -> Outcome:
    """Store usage values and keep the days they belong to.

    rows: account (external id), day, and `n` uses by feature and person where the source knows
    them, or the source's own `active_users`. The same again writes nothing; a value that is
    sent anew replaces the former, however late.
    """
    hold("usage")  # a day is the sum of its values, so nobody adds one while it is summed
    lines = read(rows, source=source)
    _know_features(lines)
    good = [line for line in lines if not line.refusals and not line.is_repeat]
    written = _write(good, now)
    touched = _touched(line for line in good if line.index in written or line.users is not None)
    days = keep_days(touched=touched, now=now)
    outcome = _outcome(lines, written, days)
    _tell(outcome, good, source, now, actor)
    return outcome


def _know_features(lines: list[Line]) -> None:
    """Add features that are named for the first time; refuse a flood of them."""
    named = {line.feature for line in lines if line.feature and not line.refusals}
    known = set(Feature.objects.values_list("key", flat=True)) if named else set()
    new = sorted(named - known)
    if len(known) + len(new) > MOST_FEATURES:
        for line in lines:
            if line.feature in new:
                reason = (
                    f"There are more than {MOST_FEATURES} features; is this an id of something?"
                )
                line.refuse("feature", line.feature, "too_many_features", reason)
        return
    features = [Feature(key=key, name=key.replace("_", " ").capitalize()) for key in new]
    Feature.objects.bulk_create(features, ignore_conflicts=True)


def _write(lines: list[Line], now: datetime) -> dict[int, bool]:
    """index -> is new, of the values that were written. One statement."""
    values = [line.staged for line in lines if line.n is not None]
    if not values:
        return {}
    staged = put("staged", "s", COLUMNS, values)
    with connection.cursor() as cursor:
        run(cursor, WRITE.format(staged=staged.relation), staged, now)
        return dict(cursor.fetchall())


def _touched(lines: Iterable[Line]) -> dict[tuple[UUID, date], tuple[int | None, int]]:
    """(account, day) -> (the source's own count of people, days covered)."""
    touched: dict[tuple[UUID, date], tuple[int | None, int]] = {}
    for line in lines:
        place = line.account_id, line.day
        users, span = touched.get(place, (None, 1))
        touched[place] = (line.users if line.users is not None else users, max(span, line.span))
    return touched


def keep_days(
    *, touched: Mapping[tuple[UUID, date], tuple[int | None, int]], now: datetime
) -> dict[tuple[UUID, date], bool]:
    """Make the touched days anew from their values: (account, day) -> is new. One statement."""
    if not touched:
        return {}
    columns = ("account_id uuid", "day date", "users integer", "span smallint")
    rows = [(*place, *given) for place, given in touched.items()]
    days = put("touched", "t", columns, rows)
    with connection.cursor() as cursor:
        run(cursor, DAYS.format(touched=days.relation, core=CORE), days, now)
        return {(account_id, day): is_new for account_id, day, is_new in cursor.fetchall()}


def run(cursor: Any, sql: str, staged: Staged, now: datetime) -> None:
    """Execute a statement over staged rows that knows the tenant, the moment and the zone."""
    named = {f"staged_{at}": value for at, value in enumerate(staged.parameters)}
    for name in named:
        sql = sql.replace("%s", f"%({name})s", 1)
    own = {"tenant": current_tenant_id(), "now": now, "zone": zone_of_tenant().key}
    cursor.execute(sql, named | own)


def _outcome(
    lines: list[Line], written: Mapping[int, bool], days: Mapping[tuple[UUID, date], bool]
) -> Outcome:
    rows: list[Row] = []
    accounts: set[UUID] = set()
    refusals: list[Refusal] = []
    for line in lines:
        if line.refusals:
            refusals += line.refusals
            rows.append(Row(line.index, line.key, State.REFUSED))
            continue
        is_new = None if line.is_repeat else written.get(line.index)
        if is_new is None and line.n is None and not line.is_repeat:
            is_new = days.get((line.account_id, line.day))
        if is_new is None:
            rows.append(Row(line.index, line.key, State.UNCHANGED))
            continue
        accounts.add(line.account_id)
        rows.append(Row(line.index, line.key, State.NEW if is_new else State.CHANGED))
    return Outcome(rows, refusals, accounts | {account_id for account_id, _ in days})


def _tell(
    outcome: Outcome, lines: list[Line], source: str, now: datetime, actor: User | None
) -> None:
    """One line for the batch, and on each account where they are few."""
    if not (outcome.accounts or outcome.refused):
        return
    days = [line.day for line in lines]
    facts: dict[str, Any] = {"source": source, **outcome.summary}
    if days:
        facts["days"] = [min(days).isoformat(), max(days).isoformat()]
    facts["is_told_singly"] = len(outcome.accounts) <= TOLD_ONE_BY_ONE
    trail.record("pulse.usage_brought_in", at=now, actor=actor, **facts)
    if facts["is_told_singly"]:
        trail.record_many(
            [
                TrailEntry(
                    verb="pulse.usage_brought_in",
                    at=now,
                    actor_id=actor.pk if actor else None,
                    account_id=account_id,
                    facts={"source": source},
                )
                for account_id in sorted(outcome.accounts)
            ]
        )
