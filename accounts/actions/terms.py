"""What contracts said of their terms is kept, so that it stays known when they were due."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Q

from accounts.actions.import_undo import goes_with_its_account
from accounts.models import ContractTerms, FormerFact
from tenants.scope import current_tenant_id

SAID = (
    "signed_on, starts_on, ends_on, cancelled_on, term_months, notice_days, auto_renews,"
    " arr_minor, currency, is_trial, status"
)
# A contract that is not known yet was known since it came in, with each price it has had since.
KEEP = f"""
    INSERT INTO accounts_contractterms
        (tenant_id, id, contract_id, version, recorded_at, {SAID})
    SELECT %(tenant)s, gen_random_uuid(), c.id, said.version, said.at, c.signed_on, c.starts_on,
        c.ends_on, c.cancelled_on, c.term_months, c.notice_days, c.auto_renews, said.arr,
        c.currency, c.is_trial, c.status
    FROM accounts_contract c
    LEFT JOIN LATERAL (
        SELECT version, {SAID} FROM accounts_contractterms t WHERE t.contract_id = c.id
        ORDER BY t.version DESC LIMIT 1
    ) last ON true
    CROSS JOIN LATERAL (
        SELECT last.version + 1 AS version, %(now)s AS at, c.arr_minor AS arr
        WHERE last.version IS NOT NULL
        UNION ALL
        SELECT 1, least(c.created_at, %(now)s), c.arr_minor - coalesce(sum(p.amount_minor), 0)
        FROM accounts_contractchange p WHERE p.contract_id = c.id HAVING last.version IS NULL
        UNION ALL
        SELECT 1 + row_number() OVER (ORDER BY p.recorded_at, p.id), p.recorded_at,
            c.arr_minor - coalesce(sum(p.amount_minor) OVER (
            ORDER BY p.recorded_at DESC, p.id DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), 0)
        FROM accounts_contractchange p WHERE p.contract_id = c.id AND last.version IS NULL
    ) said
    WHERE c.account_id = ANY(%(accounts)s)
        AND (c.signed_on, c.starts_on, c.ends_on, c.cancelled_on, c.term_months, c.notice_days,
            c.auto_renews, c.arr_minor, c.currency, c.is_trial, c.status)
        IS DISTINCT FROM (last.signed_on, last.starts_on, last.ends_on, last.cancelled_on,
            last.term_months, last.notice_days, last.auto_renews, last.arr_minor, last.currency,
            last.is_trial, last.status)
"""  # noqa: S608 - made of names of this product alone

goes_with_its_account(ContractTerms, Q())
goes_with_its_account(FormerFact, Q())


def keep_terms(*, account_ids: Collection[UUID], now: datetime) -> None:
    """Add what the contracts of these accounts say by now and did not say before. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            KEEP, {"tenant": current_tenant_id(), "accounts": list(account_ids), "now": now}
        )
