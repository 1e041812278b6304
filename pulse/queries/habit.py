"""The weeks in which an account used the product by habit."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from pulse.rules.habit import IS_KNOWN_FEATURE, SHARE_OF_NORM, SHARE_OF_SEATS, WEEKS

# As the measure `habit_weeks` reads it for all accounts of a day at once; a test holds the two
# together. Where a norm is agreed a week counts its uses of core features, else its different
# people, or its busiest day where a source has no people.
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
    ), norm AS (
        SELECT weekly FROM (
            SELECT weekly FROM pulse_habitnorm
            WHERE account_id = %(account)s AND agreed_on <= %(today)s
            ORDER BY agreed_on DESC, recorded_at DESC, id DESC LIMIT 1
        ) newest WHERE weekly IS NOT NULL
    ), uses AS (
        SELECT date_trunc('week', day)::date AS week, sum(actions) AS n FROM pulse_usageday
        WHERE account_id = %(account)s
            AND day >= %(monday)s - {7 * WEEKS} AND day < %(monday)s
        GROUP BY 1
    )
    SELECT coalesce((SELECT weekly FROM norm), seats.n), EXISTS (
            SELECT 1 FROM pulse_usageday WHERE account_id = %(account)s AND day <= %(today)s
        ), CASE WHEN EXISTS (SELECT 1 FROM norm) THEN (
            SELECT count(*) FROM uses, norm WHERE uses.n >= {SHARE_OF_NORM} * norm.weekly
        ) ELSE (
            SELECT count(*) FROM people FULL JOIN busiest USING (week)
            WHERE greatest(people.n, busiest.n) >= {SHARE_OF_SEATS} * seats.n
        ) END
    FROM seats
"""  # noqa: S608 - made of constants alone


def habit_weeks(account_id: UUID, today: date) -> int | None:
    """Of the last 12 complete weeks, those with half of the use that was agreed with the account.

    Where no norm is agreed, those in which a quarter of the seats were active. None with neither a
    norm nor seats, or where nothing was ever used. One query.
    """
    tomorrow = today + timedelta(days=1)
    monday = tomorrow - timedelta(days=tomorrow.weekday())
    given: dict[str, Any] = {"account": account_id, "today": today, "monday": monday}
    with connection.cursor() as cursor:
        cursor.execute(HABIT_WEEKS, given)
        least, is_used, weeks = cursor.fetchone()
    return weeks if least and is_used else None
