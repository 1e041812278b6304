"""The weeks in which an account used the product by habit."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from pulse.rules.habit import IS_KNOWN_FEATURE, SHARE_OF_SEATS, WEEKS

# As the measure `habit_weeks` reads it for all accounts of a day at once; a test holds the two
# together. A week counts its different people, or its busiest day where a source has no people.
HABIT_WEEKS = f"""
    WITH seats AS (
        SELECT sum(seats) AS n FROM accounts_contract
        WHERE account_id = %(account)s AND NOT is_trial AND starts_on <= %(today)s
            AND (ends_on IS NULL OR ends_on > %(today)s)
    ), people AS (
        SELECT date_trunc('week', u.day)::date AS week, count(DISTINCT u.person) AS n
        FROM pulse_usage u
        WHERE u.account_id = %(account)s AND u.person <> '' AND u.n > 0 AND {IS_KNOWN_FEATURE}
            AND u.day >= %(monday)s - {7 * WEEKS} AND u.day < %(monday)s
        GROUP BY 1
    ), busiest AS (
        SELECT date_trunc('week', day)::date AS week, max(active_users) AS n FROM pulse_usageday
        WHERE account_id = %(account)s
            AND day >= %(monday)s - {7 * WEEKS} AND day < %(monday)s
        GROUP BY 1
    )
    SELECT seats.n, EXISTS (
            SELECT 1 FROM pulse_usageday WHERE account_id = %(account)s AND day <= %(today)s
        ), (
            SELECT count(*) FROM people FULL JOIN busiest USING (week)
            WHERE greatest(people.n, busiest.n) >= {SHARE_OF_SEATS} * seats.n
        )
    FROM seats
"""  # noqa: S608 - made of constants alone


def habit_weeks(account_id: UUID, today: date) -> int | None:
    """Of the last 12 complete weeks, those in which a quarter of the seats were active.

    None without seats, or where nothing was ever used. One query.
    """
    tomorrow = today + timedelta(days=1)
    monday = tomorrow - timedelta(days=tomorrow.weekday())
    given: dict[str, Any] = {"account": account_id, "today": today, "monday": monday}
    with connection.cursor() as cursor:
        cursor.execute(HABIT_WEEKS, given)
        seats, is_used, weeks = cursor.fetchone()
    return weeks if seats and is_used else None
