"""What moved in each quarter's cohort, summed in the database."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from bowtie.queries.ways import ALL, SLICED, Slice
from bowtie.rules.cohorts import Cohort, Step, matrix

MONTHS = 36
_DAY = timedelta(days=1)


def _left(arr: str, rated: str) -> str:
    """What is left of an account without what rates did to it; nothing where it has no ARR."""
    return f"CASE WHEN {arr} > 0 THEN greatest({arr} - coalesce({rated}, 0), 0) ELSE 0 END"


def _left_at(age: str) -> str:
    """The same of the entries of one account up to an age."""
    return _left(
        *(f"sum(aged.{name}) FILTER (WHERE aged.age <= {age})" for name in ("amount", "rated"))
    )


AGED = f"""
    WITH known AS (
        SELECT m.account_id, m.kind, m.effective_on, sum(m.amount_minor) AS amount
        FROM accounts_arrmovement m JOIN accounts_account a ON a.id = m.account_id
        WHERE m.effective_on <= %(until)s AND m.recorded_at <= %(as_of)s
            AND {SLICED}
        GROUP BY m.account_id, m.kind, m.effective_on
        HAVING sum(m.amount_minor) <> 0
    ), won AS (
        SELECT account_id,
            min(effective_on) FILTER (WHERE kind = 'new' AND amount > 0) AS since,
            min(effective_on) FILTER (WHERE kind = 'reactivation') AS again
        FROM known GROUP BY account_id
    ), aged AS (
        SELECT w.account_id, w.since, k.amount,
            CASE WHEN k.kind = 'fx' THEN k.amount END AS rated, months.whole
            + (w.since + make_interval(months => months.whole) < k.effective_on)::int AS age
        FROM won w JOIN known k USING (account_id), LATERAL (
            SELECT greatest(0, (
                12 * (extract(year FROM k.effective_on) - extract(year FROM w.since))
                + extract(month FROM k.effective_on) - extract(month FROM w.since)
            ))::int AS whole
        ) months
        WHERE w.since IS NOT NULL
            AND k.effective_on < coalesce(w.again, 'infinity'::date)
    )
"""  # noqa: S608 - made of names of this product alone
STEPS = f"""
    {AGED}, running AS (
        SELECT since, age, sum(amount) AS moved, sum(rated) AS rated,
            sum(sum(amount)) OVER so_far AS arr,
            sum(sum(rated)) OVER so_far AS rated_so_far
        FROM aged GROUP BY account_id, since, age
        WINDOW so_far AS (PARTITION BY account_id ORDER BY age)
    ), steps AS (
        SELECT date_trunc('quarter', since)::date AS quarter, since, age,
            {_left("arr", "rated_so_far")}
                - {_left("(arr - moved)", "(rated_so_far - coalesce(rated, 0))")} AS moved,
            (arr > 0)::int - (arr - moved > 0)::int AS came
        FROM running
    )
    SELECT quarter, age, sum(moved), sum(came), max(max(since)) OVER (PARTITION BY quarter)
    FROM steps GROUP BY quarter, age
"""  # noqa: S608
LEFT = f"""
    {AGED} SELECT aged.account_id, a.name, aged.since,
        {_left_at("0")}, {_left_at("%(age)s")}
    FROM aged JOIN accounts_account a ON a.id = aged.account_id
    WHERE date_trunc('quarter', aged.since) = %(quarter)s
    GROUP BY aged.account_id, a.name, aged.since ORDER BY a.name, aged.account_id
"""  # noqa: S608


def cohorts(
    until: date, as_of: datetime, chosen: Slice = ALL, months: int = MONTHS
) -> list[Cohort]:
    """The matrix of all quarters, by what was recorded. One query.

    A cohort begins with the first day on which new ARR remains, after corrections. An account that
    was won again counts until it left: a reactivation is outside its cohort, and so is what rates
    did to it. Its age at an entry is
    the first number of months after which that entry has happened.
    """
    rows = _rows(STEPS, until, as_of, chosen)
    full = {row[0]: _whole_months(row[4], until) for row in rows}
    steps = [Step(row[0], row[1], int(row[2]), int(row[3])) for row in rows]
    return matrix(steps, full, months)


@dataclass(frozen=True)
class Member:
    """An account of a cohort. Minor units: what was won, and what is left of it at an age."""

    account_id: UUID
    name: str
    since: date
    won: int
    left: int


def members(
    quarter: date, age: int, until: date, as_of: datetime, chosen: Slice = ALL
) -> list[Member]:
    """The accounts behind a cell of the matrix: their sums make it. One query."""
    rows = _rows(LEFT, until, as_of, chosen, quarter=quarter, age=age)
    return [Member(row[0], row[1], row[2], int(row[3]), int(row[4] or 0)) for row in rows]


def _rows(
    sql: str, until: date, as_of: datetime, chosen: Slice, **given: Any
) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"until": until, "as_of": as_of, **chosen.given, **given})
        return cursor.fetchall()


def _whole_months(since: date, until: date) -> int:
    months = 12 * (until.year - since.year) + until.month - since.month
    return months - (until.day < since.day and (until + _DAY).day != 1)
