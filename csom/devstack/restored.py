"""Whether a restored database is one to go on with: every fence stands, every tenant opens.

Runs as the application's role against DATABASE_URL. Prints what is wrong; nothing else.
"""

import sys
from collections.abc import Iterator

import django
from django.apps import apps
from django.db import connection

UNFENCED = """
    SELECT relname::text FROM pg_class
    WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
      AND (NOT relrowsecurity OR NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = pg_class.oid))
"""
LOOSE = """
    SELECT conrelid::regclass::text || ' -> ' || confrelid::regclass::text
    FROM pg_constraint JOIN pg_class a ON a.oid = conrelid JOIN pg_class b ON b.oid = confrelid
    WHERE contype = 'f' AND cardinality(conkey) = 1 AND a.relrowsecurity AND b.relrowsecurity
"""


COLUMNS = """
    SELECT table_name::text, column_name::text FROM information_schema.columns
    WHERE table_schema = 'public'
"""


def main() -> int:
    django.setup()
    found = [*columns(), *fences()]
    found = found or [*tenants()]
    print("\n".join(found))
    return 1 if found else 0


def columns() -> Iterator[str]:
    """Columns the product reads and the tables lack."""
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS)
        here = set(cursor.fetchall())
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if (model._meta.db_table, field.column) not in here:
                yield f"{model._meta.db_table} lacks {field.column}"


def fences() -> Iterator[str]:
    """What keeps tenants apart and is not there."""
    from tenants.checks import refuse_wrong_role
    from tenants.isolation import SHARED_TABLES, TenantModel

    refuse_wrong_role()
    with connection.cursor() as cursor:
        cursor.execute(UNFENCED)
        for (table,) in cursor.fetchall():
            if table not in SHARED_TABLES:
                yield f"{table} has no policy"
        cursor.execute(LOOSE)
        yield from (f"a reference leaves its tenant: {name}" for (name,) in cursor.fetchall())
        for model in apps.get_models():
            if issubclass(model, TenantModel):
                cursor.execute("SELECT row_security_active(%s)", [model._meta.db_table])
                if not cursor.fetchone()[0]:
                    yield f"{model._meta.db_table} does not hold this role to a tenant"


def tenants() -> Iterator[str]:
    """Tenants whose first page does not open for a member. Sign-in is a session of their own."""
    from django.test import Client

    from tenants.models import Membership, Tenant

    for tenant in Tenant.objects.filter(is_active=True):
        member = (
            Membership.objects.filter(tenant=tenant, ended_at=None, user__is_active=True)
            .select_related("user")
            .first()
        )
        if member is None:
            continue
        client = Client(raise_request_exception=False, SERVER_NAME="localhost")
        client.force_login(member.user)
        status = client.get(f"/{tenant.slug}/", follow=True).status_code
        if status != 200:
            yield f"the first page of {tenant.slug} answers {status}"


if __name__ == "__main__":
    sys.exit(main())
