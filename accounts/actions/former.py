"""Facts that are changed in place are kept as they stood, so that a past day stays as it was."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models

from accounts.queries.former import columns_of
from tenants.scope import current_tenant_id


def keep(model: type[models.Model], ids: Collection[Any], *, now: datetime) -> None:
    """Keep rows as they stand just before they are changed or deleted. One statement.

    model: one with `KEPT`; ids: of its rows. Rows that are not stored yet are no matter.
    """
    if ids:
        keep_where(model, "t.id = ANY(%s)", [list(ids)], now=now)


def keep_where(
    model: type[models.Model], where: str, parameters: Sequence[Any], *, now: datetime
) -> None:
    """The same for the rows `t` that a condition in SQL names, with its parameters in order."""
    table, account = model._meta.db_table, getattr(model, "KEPT_ACCOUNT", "t.account_id")
    names = ", ".join(f't."{name}"' for name in columns_of(model))
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO accounts_formerfact
                (tenant_id, id, account_id, kind, said, until, kept_at)
            SELECT t.tenant_id, gen_random_uuid(), {account}, '{table}',
                (SELECT to_jsonb(said) FROM (SELECT {names}) said), %s,
                clock_timestamp()
            FROM {table} t WHERE t.tenant_id = %s AND {where}
            """,  # noqa: S608 - made of names of this product alone
            [now, current_tenant_id(), *parameters],
        )
