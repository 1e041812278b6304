"""What moved in each quarter's cohort, summed in the database."""

from datetime import date, datetime, timedelta

from django.db import connection

from bowtie.queries.ways import ALL, Slice
from bowtie.rules.cohorts import Cohort, Step, matrix

MONTHS = 36
_DAY = timedelta(days=1)


def cohorts(
    until: date, as_of: datetime, chosen: Slice = ALL, months: int = MONTHS
) -> list[Cohort]:
    """The matrix of all quarters, by what was recorded. One query.

    A cohort begins with the first day on which new ARR remains, after corrections. An account that
    was won again counts until it left: a reactivation is outside its cohort. Its age at an entry is
    the first number of months after which that entry has happened.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH known AS (
                SELECT m.account_id, m.kind, m.effective_on, sum(m.amount_minor) AS amount
                FROM accounts_arrmovement m JOIN accounts_account a ON a.id = m.account_id
                WHERE m.effective_on <= %(until)s AND m.recorded_at <= %(as_of)s
                    AND (%(segment)s = '' OR a.segment = %(segment)s)
                    AND (%(owner)s::uuid IS NULL OR a.owner_id = %(owner)s::uuid)
                GROUP BY m.account_id, m.kind, m.effective_on
                HAVING sum(m.amount_minor) <> 0
            ), won AS (
                SELECT account_id,
                    min(effective_on) FILTER (WHERE kind = 'new' AND amount > 0) AS since,
                    min(effective_on) FILTER (WHERE kind = 'reactivation') AS again
                FROM known GROUP BY account_id
            ), aged AS (
                SELECT w.account_id, w.since, k.amount, months.whole
                    + (w.since + make_interval(months => months.whole) < k.effective_on)::int AS age
                FROM won w JOIN known k USING (account_id), LATERAL (
                    SELECT greatest(0, (
                        12 * (extract(year FROM k.effective_on) - extract(year FROM w.since))
                        + extract(month FROM k.effective_on) - extract(month FROM w.since)
                    ))::int AS whole
                ) months
                WHERE w.since IS NOT NULL
                    AND k.effective_on < coalesce(w.again, 'infinity'::date)
            ), running AS (
                SELECT account_id, since, age, sum(amount) AS moved,
                    sum(sum(amount)) OVER (PARTITION BY account_id ORDER BY age) AS arr
                FROM aged GROUP BY account_id, since, age
            ), steps AS (
                SELECT date_trunc('quarter', since)::date AS quarter, since, age, moved,
                    (arr > 0)::int - (arr - moved > 0)::int AS came
                FROM running
            )
            SELECT quarter, age, sum(moved), sum(came), max(max(since)) OVER (PARTITION BY quarter)
            FROM steps GROUP BY quarter, age
            """,
            {
                "until": until,
                "as_of": as_of,
                "segment": chosen.segment,
                "owner": chosen.owner_id,
            },
        )
        rows = cursor.fetchall()
    full = {row[0]: _whole_months(row[4], until) for row in rows}
    steps = [Step(row[0], row[1], int(row[2]), int(row[3])) for row in rows]
    return matrix(steps, full, months)


def _whole_months(since: date, until: date) -> int:
    months = 12 * (until.year - since.year) + until.month - since.month
    return months - (until.day < since.day and (until + _DAY).day != 1)
