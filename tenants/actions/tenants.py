"""A company opens its tenant, and changes what it is called and how it counts."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import IntegrityError, transaction

from tenants import trail
from tenants.actions.people import admit
from tenants.addresses import RESERVED
from tenants.errors import Refused
from tenants.models import Membership, Tenant, User
from tenants.roles import Role
from tenants.scope import act_for
from tenants.timeline import describe

describe("tenants.tenant_opened", "{who} opened {name}", icon="building-2")
describe("tenants.tenant_changed", "{who} changed the settings of the company", icon="settings")


class AddressTaken(Refused):
    """Another tenant, or the product itself, answers at this address."""


class UnknownTimeZone(Refused):
    """Not a time zone this server knows."""


class CurrencyInUse(Refused):
    """Sums are kept in the currency already; another one would read them as what they are not."""


KEEPERS: list[Callable[[], bool]] = []


def keeps_money(keeper: Callable[[], bool]) -> Callable[[], bool]:
    """Register what says whether the tenant keeps sums in its currency by now."""
    KEEPERS.append(keeper)
    return keeper


@transaction.atomic
def open_tenant(
    *, name: str, slug: str, currency: str, time_zone: str, founder: User, now: datetime
) -> tuple[Tenant, Membership]:
    """Open a tenant with its first administrator. Raises AddressTaken, UnknownTimeZone."""
    if slug in RESERVED:
        raise AddressTaken(f"“{slug}” is reserved; choose another address.")
    _check_zone(time_zone)
    try:
        with transaction.atomic():
            tenant = Tenant.objects.create(
                slug=slug, name=name, currency=currency, time_zone=time_zone
            )
    except IntegrityError:
        raise AddressTaken(f"“{slug}” is taken; choose another address.") from None
    with act_for(tenant.pk):
        trail.record("tenants.tenant_opened", at=now, actor=founder, name=name, slug=slug)
        membership = admit(tenant=tenant, user=founder, role=Role.ADMIN, team="", now=now)
    return tenant, membership


@transaction.atomic
def change_tenant(
    *, tenant: Tenant, name: str, currency: str, time_zone: str, author: User, now: datetime
) -> Tenant:
    """Change what the tenant is called, its currency and its time zone.

    Raises UnknownTimeZone, and CurrencyInUse once sums are kept in the currency.
    """
    _check_zone(time_zone)
    wanted = {"name": name, "currency": currency, "time_zone": time_zone}
    changes: dict[str, Any] = {
        field: [getattr(tenant, field), value]
        for field, value in wanted.items()
        if getattr(tenant, field) != value
    }
    if not changes:
        return tenant
    if "currency" in changes:
        with act_for(tenant.pk):
            if any(keeper() for keeper in KEEPERS):
                reason = f"Contracts or rates are kept in {tenant.currency} by now."
                raise CurrencyInUse(f"{reason} It can be changed before the first of them only.")
    for field, value in wanted.items():
        setattr(tenant, field, value)
    tenant.nights_due_at = None
    tenant.save(update_fields=[*wanted, "nights_due_at"])
    trail.record("tenants.tenant_changed", at=now, actor=author, object_id=tenant.pk, **changes)
    return tenant


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UnknownTimeZone(f"“{name}” is not a time zone we know.") from None
