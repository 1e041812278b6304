"""Counts of what should hardly ever happen, kept over restarts and machines in one shared table."""

import logging

from django.db import DatabaseError, InterfaceError, connection

LEASE_EXPIRIES = "lease_expiries"
REFUSED_ROWS = "refused_rows"
NAMES = (LEASE_EXPIRIES, REFUSED_ROWS)
ADD = """
    INSERT INTO tenants_tally (name, n) VALUES (%s, %s)
    ON CONFLICT (name) DO UPDATE SET n = tenants_tally.n + excluded.n
"""
log = logging.getLogger("csom.tallies")


def add(name: str, n: int = 1) -> None:
    """Count something once more. One statement; never fails what it counts."""
    if connection.needs_rollback:
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute(ADD, [name, n])
    except (DatabaseError, InterfaceError):
        log.exception("%s could not be counted", name)
