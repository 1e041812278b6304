"""The joint plan of an account, backwards from its day, and what was promised to it."""

from typing import Any

from accounts.models import Account
from journeys.queries.commitments import promises_of
from journeys.views.joint import joint_context
from tenants.access import TenantRequest


def tab(request: TenantRequest, account: Account) -> dict[str, Any]:
    """The open plan with its steps, or how one begins; the promises that are open."""
    promised = {"promises": promises_of(account)}
    return joint_context(request, account) | promised
