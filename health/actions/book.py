"""Accounts changed from their lists: the accounts themselves, and the rows that show them."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from accounts.actions.accounts import create_account, edit_account
from accounts.actions.ownership import Changed, assign_accounts, undo_assignment
from accounts.models import Account
from health.actions.rows import keep_rows
from health.models import AccountRow
from tenants.actor import Actor
from tenants.models import User

OWNERS = f"""
    UPDATE {AccountRow._meta.db_table} r
    SET owner_id = a.owner_id, owner_name = coalesce(u.name, ''), team = coalesce(b.team, '')
    FROM accounts_account a
    LEFT JOIN tenants_user u ON u.id = a.owner_id
    LEFT JOIN tenants_membership b ON b.tenant_id = a.tenant_id AND b.user_id = a.owner_id
    WHERE a.id = r.account_id AND a.id = ANY(%s::uuid[])
"""


@transaction.atomic
def assign(
    *, account_ids: Collection[UUID], owner: User | None, actor: Actor, now: datetime
) -> Changed:
    """Give accounts to somebody and show it at once. Raises what `assign_accounts` raises."""
    changed = assign_accounts(account_ids=account_ids, owner=owner, actor=actor, now=now)
    _show_owners(changed.account_ids)
    return changed


@transaction.atomic
def unassign(*, batch: UUID, actor: Actor, now: datetime) -> Changed:
    """Undo an assignment and show it at once. Raises NothingToUndo."""
    changed = undo_assignment(batch=batch, actor=actor, now=now)
    _show_owners(changed.account_ids)
    return changed


@transaction.atomic
def add_account(
    *, values: Mapping[str, Any], owner: User | None, actor: Actor, now: datetime
) -> Account:
    """Make an account and its row."""
    account = create_account(values=values, owner=owner, actor=actor, now=now)
    keep_rows(account_ids=[account.pk], now=now)
    return account


@transaction.atomic
def change_account(
    *,
    account: Account,
    seen_version: int,
    values: Mapping[str, Any],
    actor: Actor,
    now: datetime,
    owner: User | None = None,
    gives_away: bool = False,
) -> Account:
    """Edit an account and its row; gives_away: to `owner`, whoever that is.

    Raises StaleAccount, and what `assign_accounts` raises.
    """
    account = edit_account(
        account=account, seen_version=seen_version, values=values, actor=actor, now=now
    )
    if gives_away:
        assign_accounts(account_ids=[account.pk], owner=owner, actor=actor, now=now)
    keep_rows(account_ids=[account.pk], now=now)
    return account


def _show_owners(account_ids: Collection[UUID]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(OWNERS, [[str(each) for each in account_ids]])
