"""How fast one API key may call: a token bucket in the row of the key."""

from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any
from uuid import UUID

from django.db import connection

BURST = 300
PER_SECOND = 10.0

TAKE = """
    UPDATE tenants_apikey AS key
    SET calls_left = CASE WHEN have >= 1 THEN have - 1 ELSE have END, calls_at = %(now)s
    FROM (
        SELECT id, CASE WHEN calls_at IS NULL THEN %(burst)s ELSE
                   LEAST(%(burst)s, calls_left + %(rate)s * GREATEST(
                       0, EXTRACT(EPOCH FROM %(now)s - calls_at))) END AS have
        FROM tenants_apikey WHERE id = %(key)s FOR UPDATE
    ) AS bucket
    WHERE key.id = bucket.id
    RETURNING have, set_config('synchronous_commit', 'off', true)
"""


@dataclass(frozen=True)
class Allowance:
    """What the bucket of a key answered to one call."""

    is_given: bool
    left: int
    wait: float

    @property
    def headers(self) -> dict[str, str]:
        """What a client needs in order to pace itself: size, rest, seconds until full."""
        full_in = ceil((BURST - self.left) / PER_SECOND)
        return {
            "RateLimit-Limit": str(BURST),
            "RateLimit-Remaining": str(self.left),
            "RateLimit-Reset": str(full_in),
        }


def take(key_id: UUID, now: datetime) -> Allowance:
    """Take one call out of the bucket. One statement; two calls at once never share a token.

    The commit need not reach the disk: a crash gives back a few calls at most.
    """
    values: dict[str, Any] = {"key": key_id, "now": now, "burst": BURST, "rate": PER_SECOND}
    with connection.cursor() as cursor:
        cursor.execute(TAKE, values)
        have = float(cursor.fetchone()[0])
    if have >= 1:
        return Allowance(True, int(have - 1), 0.0)
    return Allowance(False, 0, (1 - have) / PER_SECOND)
