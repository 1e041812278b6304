"""What a new tenant is born with: the default operating model of every app, as first versions."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import charter.actions
import health.actions.models
import journeys.actions.templates
import plays.actions.definitions
from tenants.models import Tenant, User
from tenants.scope import act_for

INSTALLERS: tuple[Callable[..., Any], ...] = (
    charter.actions.install_defaults,
    health.actions.models.install_defaults,
    plays.actions.definitions.install_defaults,
    journeys.actions.templates.install_defaults,
)


def provision(tenant: Tenant, author: User, now: datetime) -> None:
    """Install every default the tenant does not have yet. Twice is the same as once."""
    with act_for(tenant.pk):
        for install in INSTALLERS:
            install(author=author, now=now)
