"""How the product is used: 28 days for people and features, 12 complete weeks for habits.

Unknown before the account is live, when little use is expected. Where the source counts whole
weeks, a week is one day here and measures that need single days stay unknown.
"""

from health.measures.commercial import CONTRACTS
from health.rules.catalogue import Measure, Source
from pulse.rules.habit import IS_KNOWN_FEATURE, SHARE_OF_NORM, SHARE_OF_SEATS, WEEKS

WEEK_OF_ROW = "((%(week)s + 6 - day) / 7)"  # 0 is the last complete week

MOST_BY_WEEK = ", ".join(
    f"max(active_users) FILTER (WHERE day BETWEEN %(week)s - {7 * at} AND %(week)s - {7 * at - 6})"
    f" AS week_{at}"
    for at in range(WEEKS)
)

USE = Source(
    "use",
    f"""
    SELECT p.account_id, began.first_day, feed.newest, days.*
    FROM population p
    CROSS JOIN LATERAL (
        SELECT u.day AS first_day FROM pulse_usageday u
        WHERE u.account_id = p.account_id AND u.day <= %(day)s AND u.recorded_at <= %(known)s
        ORDER BY u.day LIMIT 1
    ) began
    CROSS JOIN (
        SELECT u.day + u.span_days - 1 + CASE WHEN u.span_days > 1 THEN 7 ELSE 0 END AS newest
        FROM pulse_usageday u WHERE u.day <= %(day)s AND u.recorded_at <= %(known)s
        ORDER BY u.day DESC LIMIT 1
    ) feed
    LEFT JOIN (
        SELECT u.account_id AS of_account,
            sum(actions) FILTER (WHERE day BETWEEN %(week)s - 21 AND %(week)s + 6) AS actions_4,
            sum(actions) FILTER (WHERE day BETWEEN %(week)s - 77 AND %(week)s - 22) AS actions_8,
            sum(active_users) FILTER (WHERE day BETWEEN %(week)s AND %(week)s + 6) AS users_1,
            count(*) FILTER (WHERE day BETWEEN %(week)s AND %(week)s + 6) AS rows_1,
            sum(active_users) FILTER (WHERE day BETWEEN %(week)s - 28 AND %(week)s - 1) AS users_4,
            count(*) FILTER (WHERE day > %(day)s - 28) AS rows_28,
            max(active_users) FILTER (WHERE day > %(day)s - 28) AS most_28,
            avg(active_users) FILTER (WHERE day > %(day)s - 28)::float8 AS mean_28,
            avg(active_users) FILTER (WHERE day <= %(day)s - 28)::float8 AS mean_before,
            {MOST_BY_WEEK}
        FROM population q JOIN pulse_usageday u ON u.account_id = q.account_id
        WHERE u.account_id BETWEEN %(first)s AND %(last)s
            AND u.day > %(day)s - 210 AND u.day <= %(day)s AND u.recorded_at <= %(known)s
        GROUP BY u.account_id
    ) days ON days.of_account = p.account_id
    """,
)

PEOPLE_BY_WEEK = ", ".join(
    f"count(*) FILTER (WHERE weeks & {1 << at} > 0) AS week_{at}" for at in range(WEEKS)
)

PEOPLE = Source(
    "people",
    f"""
    SELECT account_id,
        count(*) FILTER (WHERE actions > 0) AS users,
        count(*) FILTER (WHERE days >= 8) AS regulars,
        max(actions) AS top, sum(actions) AS actions, max(span) AS span,
        {PEOPLE_BY_WEEK}
    FROM (
        SELECT u.account_id, u.person, max(u.span_days) AS span,
            bit_or(CASE WHEN day BETWEEN %(week)s - 77 AND %(week)s + 6
                   THEN 1 << {WEEK_OF_ROW} ELSE 0 END) AS weeks,
            bit_count(coalesce(bit_or(1 << (%(day)s - day)) FILTER (
                WHERE day > %(day)s - 28), 0)::bit(28)) AS days,
            coalesce(sum(u.n) FILTER (WHERE day > %(day)s - 28), 0) AS actions
        FROM population p JOIN pulse_usage u ON u.account_id = p.account_id
        WHERE u.account_id BETWEEN %(first)s AND %(last)s
            AND p.is_live AND u.person <> '' AND u.n > 0 AND {IS_KNOWN_FEATURE}
            AND u.day >= %(week)s - 77 AND u.day <= %(day)s AND u.recorded_at <= %(known)s
        GROUP BY u.account_id, u.person
    ) persons GROUP BY account_id
    """,
)

FEATURES = Source(
    "features",
    """
    SELECT account_id, count(*) FILTER (WHERE users >= 3) AS used,
        (SELECT count(*) FROM pulse_feature f WHERE f.is_core) AS entitled
    FROM (
        SELECT u.account_id, u.feature, count(DISTINCT u.person) AS users
        FROM population p JOIN pulse_usage u ON u.account_id = p.account_id
        WHERE u.account_id BETWEEN %(first)s AND %(last)s
            AND p.is_live AND u.person <> '' AND u.n > 0
            AND u.feature IN (SELECT f.key FROM pulse_feature f WHERE f.is_core)
            AND u.day > %(day)s - 28 AND u.day <= %(day)s AND u.recorded_at <= %(known)s
        GROUP BY u.account_id, u.feature
    ) features GROUP BY account_id
    """,
)

# Of the few accounts that agreed on a norm; as `pulse.queries.habit` counts one of them.
NORMS = Source(
    "norms",
    f"""
    SELECT p.account_id, (
        SELECT count(*) FROM (
            SELECT 1 FROM pulse_usageday u
            WHERE u.account_id = p.account_id AND u.recorded_at <= %(known)s
                AND u.day BETWEEN %(week)s - {7 * (WEEKS - 1)} AND %(week)s + 6
            GROUP BY (%(week)s + 6 - u.day) / 7
            HAVING sum(u.actions) >= {SHARE_OF_NORM} * newest.weekly
        ) reached
    ) AS weeks
    FROM population p
    CROSS JOIN LATERAL (
        SELECT n.weekly FROM pulse_habitnorm n
        WHERE n.account_id = p.account_id AND n.agreed_on <= %(day)s AND n.recorded_at <= %(known)s
        ORDER BY n.agreed_on DESC, n.recorded_at DESC, n.id DESC LIMIT 1
    ) newest
    WHERE newest.weekly IS NOT NULL
    """,
)

USERS = (
    "coalesce(people.users, use.most_28, CASE WHEN coalesce(use.rows_28, 0) = 0 "
    "AND use.first_day IS NOT NULL THEN 0 END)"
)
AGE = "greatest(%(day)s - use.newest, 0)"
WEEKS_BEFORE = "least(8, (%(week)s - 21 - date_trunc('week', use.first_day)::date) / 7)"
MEAN_BEFORE = f"(coalesce(use.actions_8, 0)::float8 / {WEEKS_BEFORE})"
LEAST_ACTIONS = 5  # a week; below it a trend says nothing
ACTIVE_WEEKS = " + ".join(
    f"(greatest(coalesce(people.week_{at}, 0), coalesce(use.week_{at}, 0))"
    f" >= {SHARE_OF_SEATS} * contracts.seats)::int"
    for at in range(WEEKS)
)


def _when_live(value: str) -> str:
    return f"CASE WHEN p.is_live THEN {value} END"


MEASURES = (
    Measure(
        key="seat_utilisation",
        slot=1,
        name="Seat utilisation",
        unit="share",
        direction="up",
        kind="leading",
        definition="People with at least one core action in 28 days ÷ seats of running contracts. "
        "Where the source does not tell people apart, the most people it counted on one day.",
        needs="Usage and seats",
        reads=(USE, PEOPLE, CONTRACTS),
        value=_when_live(f"{USERS}::float8 / nullif(contracts.seats, 0)"),
        age=AGE,
        stale_after_days=7,
    ),
    Measure(
        key="depth",
        slot=2,
        name="Depth of use",
        unit="share",
        direction="up",
        kind="leading",
        definition="People active on 8 days or more ÷ people active, in 28 days.",
        needs="Usage by person and day",
        reads=(USE, PEOPLE),
        value=_when_live(
            "CASE WHEN people.span = 1 THEN people.regulars::float8 / nullif(people.users, 0) END"
        ),
        age=AGE,
        stale_after_days=7,
    ),
    Measure(
        key="breadth",
        slot=3,
        name="Breadth of use",
        unit="share",
        direction="up",
        kind="leading",
        definition="Core features used by 3 people or more in 28 days ÷ core features.",
        needs="Usage by person and feature",
        reads=(USE, PEOPLE, FEATURES),
        value=_when_live(
            "CASE WHEN people.users = 0 THEN 0"
            " ELSE features.used::float8 / nullif(features.entitled, 0) END"
        ),
        age=AGE,
        stale_after_days=7,
    ),
    Measure(
        key="habit_weeks",
        slot=4,
        name="Weeks of habit",
        unit="weeks",
        direction="up",
        kind="leading",
        definition="Weeks of the last 12 complete ones with at least half of the core use a week "
        "that was agreed with the account; where none is agreed, those in which a quarter of the "
        "seats or more were active.",
        needs="Usage, and an agreed weekly habit or seats",
        reads=(USE, PEOPLE, CONTRACTS, NORMS),
        value=_when_live(
            "CASE WHEN use.first_day IS NULL THEN NULL"
            " WHEN norms.weeks IS NOT NULL THEN norms.weeks"
            f" WHEN contracts.seats > 0 THEN {ACTIVE_WEEKS} END"
        ),
        age=AGE,
        stale_after_days=7,
    ),
    Measure(
        key="usage_trend",
        slot=5,
        name="Usage trend",
        unit="change",
        direction="up",
        kind="leading",
        definition="Weekly core actions of the last 4 complete weeks against the 8 before; "
        "unknown with fewer than 4 weeks to compare with, or fewer than 5 actions a week.",
        needs="Usage",
        reads=(USE,),
        value=_when_live(
            f"CASE WHEN {WEEKS_BEFORE} >= 4 AND {MEAN_BEFORE} >= {LEAST_ACTIONS}"
            f" THEN coalesce(use.actions_4, 0)::float8 / 4 / {MEAN_BEFORE} - 1 END"
        ),
        age=AGE,
        stale_after_days=7,
    ),
    Measure(
        key="concentration",
        slot=6,
        name="Concentration of use",
        unit="share",
        direction="down",
        kind="leading",
        definition="Share of the core actions of 28 days done by the one busiest person.",
        needs="Usage by person",
        reads=(USE, PEOPLE),
        value=_when_live("people.top::float8 / nullif(people.actions, 0)::float8"),
        age=AGE,
        stale_after_days=7,
    ),
    Measure(
        key="weekly_active_change",
        slot=7,
        name="Change of weekly active people",
        unit="change",
        direction="up",
        kind="leading",
        definition="Active people of the last complete week, summed by day, against the mean of "
        "the 4 weeks before; unknown where that mean is below 5.",
        needs="Usage with active people",
        reads=(USE,),
        value=_when_live(
            f"CASE WHEN use.users_4 >= {4 * LEAST_ACTIONS} THEN"
            " CASE WHEN use.rows_1 = 0 THEN 0 ELSE use.users_1 END"
            "::float8 / (use.users_4::float8 / 4) - 1 END"
        ),
        age=AGE,
        stale_after_days=7,
    ),
)
