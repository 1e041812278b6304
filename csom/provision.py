"""What a new tenant is born with: the default operating model of every app, as first versions."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

import charter.actions
import health.actions.models
import journeys.actions.templates
import plays.actions.definitions
from tenants.actions.people import create_person
from tenants.actions.tenants import open_tenant
from tenants.models import Tenant, User
from tenants.scope import act_for

INSTALLERS: tuple[Callable[..., Any], ...] = (
    charter.actions.install_defaults,
    health.actions.models.install_defaults,
    plays.actions.definitions.install_defaults,
    journeys.actions.templates.install_defaults,
)


@transaction.atomic
def open_workspace(
    *,
    company: Mapping[str, str],
    founder: User | Mapping[str, str],
    is_confirmed: bool,
    now: datetime,
) -> tuple[Tenant, User]:
    """Open a tenant with its first administrator and all it is born with: all or nothing.

    company: name, slug, currency, time_zone. founder: who is there, or name, email and password of
    a new login; is_confirmed: whether that address is known to be theirs. Raises AddressTaken,
    AddressInUse, UnknownTimeZone.
    """
    if isinstance(founder, User):
        person = founder
    else:
        person = create_person(**founder, is_confirmed=is_confirmed, now=now)
    tenant, _ = open_tenant(**company, founder=person, now=now)
    provision(tenant, person, now)
    return tenant, person


def provision(tenant: Tenant, author: User, now: datetime) -> None:
    """Install every default the tenant does not have yet. Twice is the same as once."""
    with act_for(tenant.pk):
        for install in INSTALLERS:
            install(author=author, now=now)
