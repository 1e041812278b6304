"""What is said of accounts beside their measures, as stored with each day: `traits`."""

from health.rules.vocabulary import KEY_ROLES

HAS_LEFT = "coalesce(c.departed_on <= %(day)s, c.status = 'departed')"
IS_KNOWN = "c.created_at <= %(known)s AND (c.archived_at IS NULL OR c.archived_at > %(as_of)s)"

# One object an account: team, region, products, overlays, lost_roles, own. What is not known is
# left out. Teams, regions and own fields have no history: they are those of when it was recorded.
TRAITS = f"""
    bought AS MATERIALIZED (
        SELECT k.account_id, jsonb_agg(DISTINCT d.key) AS keys
        FROM population p JOIN accounts_contract k ON k.account_id = p.account_id
        JOIN accounts_product d ON d.id = k.product_id
        WHERE NOT k.is_trial AND k.created_at <= %(known)s AND k.starts_on <= %(day)s
            AND (k.ends_on IS NULL OR k.ends_on > %(day)s)
        GROUP BY k.account_id
    ),
    laid AS MATERIALIZED (
        SELECT o.account_id, jsonb_agg(DISTINCT o.kind) AS kinds
        FROM population p JOIN bowtie_overlay o ON o.account_id = p.account_id
        WHERE o.since <= %(day)s AND o.recorded_at <= %(known)s
            AND (o.ended_at IS NULL OR o.ended_at > %(as_of)s)
        GROUP BY o.account_id
    ),
    left_by AS MATERIALIZED (
        SELECT gone.account_id, jsonb_agg(gone.role) AS roles FROM (
            SELECT c.account_id, role
            FROM population p JOIN accounts_contact c ON c.account_id = p.account_id,
                unnest(c.roles) AS role
            WHERE role = ANY (ARRAY{list(KEY_ROLES)}) AND {IS_KNOWN}
            GROUP BY c.account_id, role HAVING bool_and({HAS_LEFT})
        ) gone GROUP BY gone.account_id
    ),
    traits AS MATERIALIZED (
        SELECT p.account_id, jsonb_strip_nulls(jsonb_build_object(
            'team', nullif(m.team, ''), 'region', nullif(a.region, ''),
            'products', bought.keys, 'overlays', laid.kinds, 'lost_roles', left_by.roles,
            'own', nullif(a.custom, '{{}}'::jsonb)
        )) AS traits
        FROM population p JOIN accounts_account a ON a.id = p.account_id
        LEFT JOIN tenants_membership m ON m.tenant_id = a.tenant_id AND m.user_id = p.owner_id
        LEFT JOIN bought ON bought.account_id = p.account_id
        LEFT JOIN laid ON laid.account_id = p.account_id
        LEFT JOIN left_by ON left_by.account_id = p.account_id
    )"""
