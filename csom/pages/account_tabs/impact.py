"""What was promised to the account, measured and confirmed."""

from typing import Any

from accounts.models import Account
from spiced.views.impact import goals_context
from tenants.access import TenantRequest


def tab(request: TenantRequest, account: Account) -> dict[str, Any]:
    """The goals with their measurements."""
    return goals_context(request, account)
