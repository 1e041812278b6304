"""Tables as they stood at a moment, for SQL that reads them."""

from collections.abc import Iterable
from datetime import datetime

from django.apps import apps
from django.db import connection, models


def columns_of(model: type[models.Model]) -> list[str]:
    """What is kept of a row: its key and the columns of `KEPT`."""
    kept = list(getattr(model, "KEPT", ()))
    return list(dict.fromkeys(["tenant_id", *_key(model), *kept]))


def changed_since(moment: datetime) -> list[type[models.Model]]:
    """Of which models rows were changed since, or deleted. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT kind FROM accounts_formerfact WHERE until > %s ORDER BY kind", [moment]
        )
        kinds = {kind for (kind,) in cursor.fetchall()}
    return [model for model in apps.get_models() if model._meta.db_table in kinds]


def as_they_stood(changed: Iterable[type[models.Model]]) -> str:
    """CTEs that put tables as they stood at `%(known)s` before those of that name.

    changed: the models of which rows were changed since; all others are read as they are.
    What comes after in the same WITH reads the past without knowing it. Ends in a comma.
    """
    return "".join(map(_stood, changed))


def _stood(model: type[models.Model]) -> str:
    table, key = model._meta.db_table, _key(model)
    own, other = (", ".join(f'{row}."{name}"' for name in key) for row in ("f", "t"))
    return f"""
    former_{table} AS MATERIALIZED (
        SELECT DISTINCT ON ({own}) f.*
        FROM accounts_formerfact k, jsonb_populate_record(NULL::{table}, k.said) f
        WHERE k.kind = '{table}' AND k.until > %(known)s ORDER BY {own}, k.until, k.kept_at
    ),
    {table} AS NOT MATERIALIZED (
        SELECT t.* FROM {table} t
        WHERE NOT EXISTS (SELECT 1 FROM former_{table} f WHERE ({own}) = ({other}))
        UNION ALL SELECT f.* FROM former_{table} f
    ),"""  # noqa: S608 - made of names of this product alone


def _key(model: type[models.Model]) -> list[str]:
    """The columns that tell rows of a tenant apart."""
    return [str(field.column) for field in model._meta.pk_fields if field.column != "tenant_id"]
