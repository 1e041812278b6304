"""The joint plan of an account, backwards from its day, and what was promised to it."""

from typing import Any

from accounts.models import Account
from accounts.queries.reach import in_reach
from journeys.queries.commitments import promises_of
from journeys.views.joint import joint_context
from tenants.access import TenantRequest
from tenants.roles import Can


def tab(request: TenantRequest, account: Account) -> dict[str, Any]:
    """The open plan with its steps, or how one begins; the promises that are open."""
    may_close = in_reach(request.actor, Can.HAND_OVER).filter(pk=account.pk).exists()
    promised = {"promises": promises_of(account), "may_close": may_close}
    return joint_context(request, account) | promised
