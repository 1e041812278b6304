"""The joint plan of an account, worked backwards from a day that matters to it."""

from typing import Any

from accounts.models import Account
from journeys.views.joint import joint_context
from tenants.access import TenantRequest


def tab(request: TenantRequest, account: Account) -> dict[str, Any]:
    """The open plan with its steps, or how one begins."""
    return joint_context(request, account)
