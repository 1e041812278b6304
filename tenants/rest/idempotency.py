"""A call sent twice with one Idempotency-Key takes effect once.

The answer is kept in the transaction of the effect: a crash leaves neither, a repetition gets
the same bytes. A refused call leaves nothing, so it may be corrected and sent again.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpResponse
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from tenants.errors import Refused
from tenants.locks import try_hold
from tenants.models import ApiKey, IdempotencyRecord

LONGEST = 255
KEPT = timedelta(days=2)


class IdempotencyKeyReused(Refused):
    """The key came before with another call."""

    status = 422


class CallInFlight(Refused):
    """The first call with this key has not ended yet."""

    wait = 1


class Replayed(Exception):
    """Not an error: the answer is known already."""

    def __init__(self, record: IdempotencyRecord) -> None:
        super().__init__(record.key)
        self.answer = HttpResponse(
            record.body, status=record.status, content_type="application/json"
        )
        self.answer["Idempotent-Replayed"] = "true"


@dataclass(frozen=True)
class Once:
    """One call that may take effect once."""

    api_key: ApiKey
    key: str
    fingerprint: str

    def keep(self, response: Response, now: datetime) -> None:
        """Store what was answered, beside the effect."""
        body = b"" if response.data is None else JSONRenderer().render(response.data)
        IdempotencyRecord.objects.create(
            key=self.key,
            api_key=self.api_key,
            fingerprint=self.fingerprint,
            status=response.status_code,
            body=body.decode(),
            created_at=now,
        )


def begin(request: Request, api_key: ApiKey, now: datetime) -> Once | None:
    """Take hold of the Idempotency-Key of a call; None where it carries none.

    A key of more than two days ago begins anew.
    Raises Replayed where it was answered before, IdempotencyKeyReused where it came with
    something else, CallInFlight while the first call runs.
    """
    key = request.headers.get("Idempotency-Key", "").strip()
    if not key:
        return None
    if len(key) > LONGEST or not key.isascii() or not key.isprintable():
        raise exceptions.ParseError(
            f"Idempotency-Key takes up to {LONGEST} printable ASCII characters."
        )
    once = Once(api_key, key, fingerprint(request))
    if not try_hold("idempotency", api_key.pk, key):
        raise CallInFlight("The first call with this Idempotency-Key is still running.")
    record = IdempotencyRecord.objects.filter(api_key=api_key, key=key).first()
    if record is not None and record.created_at <= now - KEPT:
        record.delete()
        record = None
    if record is None:
        return once
    if record.fingerprint != once.fingerprint:
        raise IdempotencyKeyReused("This Idempotency-Key was used before for another call.")
    raise Replayed(record)


def fingerprint(request: Request) -> str:
    """What makes two calls the same: method, address with its query, and the body's bytes."""
    inner = request._request
    head = f"{inner.method} {inner.get_full_path()}\n".encode()
    return hashlib.sha256(head + inner.body).hexdigest()
