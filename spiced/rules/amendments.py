"""When the term of a contract became another, told in SQL for one account and for all alike."""

# Versions of terms `t` of contracts `c` that say another term than the version before, `b`.
CHANGED_TERMS = """
    accounts_contractterms t
    JOIN accounts_contractterms b ON b.tenant_id = t.tenant_id
        AND b.contract_id = t.contract_id AND b.version = t.version - 1
    JOIN accounts_contract c ON c.tenant_id = t.tenant_id AND c.id = t.contract_id
    WHERE (t.term_months, t.ends_on, t.auto_renews)
        IS DISTINCT FROM (b.term_months, b.ends_on, b.auto_renews)
"""
CHANGED_ON = "(t.recorded_at AT TIME ZONE 'UTC')::date"
