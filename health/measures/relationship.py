"""Who at the account we are in touch with, and how long it has been."""

from health.rules.catalogue import Measure, Source

KEY_ROLES = ("champion", "exec_sponsor", "economic_buyer", "user_lead")
HAS_LEFT = "coalesce(c.departed_on <= %(day)s, c.status = 'departed')"
IS_KNOWN = "c.created_at <= %(known)s AND (c.archived_at IS NULL OR c.archived_at > %(as_of)s)"

TOUCH = Source(
    "touch",
    """
    SELECT v.account_id,
        max(v.at) FILTER (WHERE v.is_two_way AND v.kind <> 'note') AS two_way_at,
        max(v.at) AS at
    FROM population p JOIN pulse_activity v ON v.account_id = p.account_id
    WHERE v.account_id BETWEEN %(first)s AND %(last)s
        AND v.at <= %(as_of)s AND v.recorded_at <= %(known)s
    GROUP BY v.account_id
    """,
)

PERSONS = Source(
    "persons",
    f"""
    SELECT c.account_id,
        count(DISTINCT role) FILTER (
            WHERE NOT {HAS_LEFT} AND met_at > %(as_of)s - interval '90 days'
        ) AS roles_met,
        max(CASE WHEN role <> 'champion' THEN NULL WHEN {HAS_LEFT} THEN 0
                 WHEN c.status = 'passive' THEN 60 WHEN c.status = 'unknown' THEN 40
                 ELSE 100 END) AS champion,
        max(greatest(met_at, c.created_at)) FILTER (
            WHERE role = 'champion' AND NOT {HAS_LEFT}
        ) AS champion_at
    FROM population p
    JOIN accounts_contact c ON c.account_id = p.account_id
    LEFT JOIN LATERAL unnest(c.roles) AS held(role) ON role = ANY (ARRAY{list(KEY_ROLES)})
    LEFT JOIN (
        SELECT contact_id, max(v.at) AS at
        FROM population q JOIN pulse_activity v ON v.account_id = q.account_id,
            unnest(v.contact_ids) AS contact_id
        WHERE v.account_id BETWEEN %(first)s AND %(last)s
            AND v.at <= %(as_of)s AND v.at > %(as_of)s - interval '180 days'
            AND v.recorded_at <= %(known)s AND v.is_two_way AND v.kind <> 'note'
        GROUP BY contact_id
    ) met ON met.contact_id = c.id
    CROSS JOIN LATERAL (
        SELECT greatest(
            met.at, CASE WHEN c.last_two_way_at <= %(as_of)s THEN c.last_two_way_at END
        ) AS met_at
    ) last
    WHERE {IS_KNOWN}
    GROUP BY c.account_id
    """,
)

MEASURES = (
    Measure(
        key="key_roles_met",
        slot=8,
        name="Key roles in touch",
        unit="count",
        direction="up",
        kind="leading",
        definition="Of champion, executive sponsor, economic buyer and user lead: the roles with "
        "two-way contact in 90 days.",
        needs="Contacts with roles, activities",
        reads=(PERSONS,),
        value="persons.roles_met",
    ),
    Measure(
        key="days_since_two_way",
        slot=9,
        name="Time since two-way contact",
        unit="days",
        direction="down",
        kind="leading",
        definition="Days since the account last answered or took part.",
        needs="Activities",
        reads=(TOUCH,),
        value="%(day)s - (touch.two_way_at AT TIME ZONE %(zone)s)::date",
    ),
    Measure(
        key="champion_status",
        slot=10,
        name="Champion",
        unit="points",
        direction="up",
        kind="leading",
        definition="The best of the account's champions: active 100, passive 60, unknown 40, "
        "all departed 0. Counts for 90 days after the last contact.",
        needs="Contacts with roles",
        reads=(PERSONS,),
        value="persons.champion",
        age="CASE WHEN persons.champion = 0 THEN 0"
        " ELSE %(day)s - (persons.champion_at AT TIME ZONE %(zone)s)::date END",
        stale_after_days=90,
    ),
)
