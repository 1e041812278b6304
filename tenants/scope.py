"""One tenant per request or job: the two doors open here, PostgreSQL keeps the rest out."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from django.db import connection, transaction

_current: ContextVar[UUID | None] = ContextVar("tenant", default=None)
_memo: ContextVar[dict[str, Any] | None] = ContextVar("memo", default=None)


class NoTenant(Exception):
    """Tenant data was touched outside `act_for`, or inside another tenant's."""


def current_tenant_id() -> UUID:
    """The tenant this code acts for. Raises NoTenant outside `act_for`."""
    if (tenant_id := _current.get()) is None:
        raise NoTenant("open act_for(tenant_id) first")
    return tenant_id


def is_acting() -> bool:
    """Whether this code acts for any tenant just now."""
    return _current.get() is not None


def is_inside(tenant_id: UUID) -> bool:
    """Whether this code acts for a tenant just now."""
    return _current.get() == tenant_id


def memo() -> dict[str, Any]:
    """What is read once and stays the same while this code acts for its tenant, by name.

    Empty when `act_for` is entered, forgotten when it is left. Whoever changes what is kept here
    takes it out. Raises NoTenant outside `act_for`.
    """
    kept = _memo.get()
    if kept is None:
        raise NoTenant("open act_for(tenant_id) first")
    return kept


@contextmanager
def act_for(tenant_id: UUID) -> Iterator[None]:
    """Run a block as one tenant, in one transaction. Two tenants never nest."""
    outer = _current.get()
    if outer not in (None, tenant_id):
        raise NoTenant(f"already acting for {outer}")
    token, remembered = _current.set(tenant_id), _memo.get()
    kept = _memo.set({} if remembered is None else remembered)
    try:
        with transaction.atomic():
            _tell_postgres(tenant_id)
            yield
            if not connection.needs_rollback:
                _tell_postgres(outer)
    finally:
        _memo.reset(kept)
        _current.reset(token)


def _tell_postgres(tenant_id: UUID | None) -> None:
    """Set the value the policies read, until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('csom.tenant', %s, true)", [str(tenant_id or "")])
