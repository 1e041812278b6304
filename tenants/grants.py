"""After each migration the owner gives the application role what it needs, and no more."""

from typing import Any

from django.conf import settings
from django.db import connections

IS_OWNER = """
    SELECT pg_has_role(current_user, datdba, 'USAGE') FROM pg_database
    WHERE datname = current_database()
"""


def grant(sender: object, using: str, **_: Any) -> None:
    """Let the application role read and write rows. Does nothing when it runs itself."""
    connection = connections[using]
    role = connection.ops.quote_name(settings.DB_APP_ROLE)
    with connection.cursor() as cursor:
        cursor.execute(IS_OWNER)
        if not cursor.fetchone()[0]:
            return
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        cursor.execute(
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}"
        )
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}")
        cursor.execute(f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}")
        cursor.execute(f"REVOKE UPDATE, DELETE ON tenants_trailentry FROM {role}")
