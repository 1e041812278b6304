"""What must hold before the product answers anybody: the database role is the right one."""

from django.core.exceptions import ImproperlyConfigured
from django.db import connection

BAD_ROLE = """
    SELECT r.rolsuper, r.rolbypassrls,
           EXISTS (SELECT 1 FROM pg_class c WHERE c.relname = 'tenants_trailentry'
                   AND pg_has_role(r.oid, c.relowner, 'USAGE'))
    FROM pg_roles r WHERE r.rolname = current_user
"""


def refuse_wrong_role() -> None:
    """Stop web, worker and beat where the database role could see every tenant.

    Raises ImproperlyConfigured for a superuser, a bypassing role or the tables' owner.
    """
    with connection.cursor() as cursor:
        cursor.execute(BAD_ROLE)
        is_super, bypasses, owns = cursor.fetchone()
    connection.close()
    if is_super or bypasses or owns:
        raise ImproperlyConfigured(
            "DATABASE_URL names a role that row-level security does not hold: a superuser, one "
            "with BYPASSRLS, or the owner of the tables. Use the application role; see "
            "docs/operations.md."
        )
