"""The way to First Impact: the open plan of the account, or the last one."""

from typing import Any

from accounts.models import Account
from accounts.queries.reach import in_reach
from journeys.queries.onboardings import BEGINS_AT, of_account
from journeys.queries.templates import lacking
from journeys.views.plans import plan_context
from tenants.access import TenantRequest
from tenants.roles import Can


def tab(request: TenantRequest, account: Account) -> dict[str, Any]:
    """The plan, or that there is none and how one begins."""
    found = of_account(account.pk)
    may_run = in_reach(request.actor, Can.RUN_ONBOARDING).filter(pk=account.pk).exists()
    is_over = found is None or found.ended_at is not None
    may_begin = may_run and is_over and account.stage in BEGINS_AT
    lacks = lacking() if may_begin else ""
    context: dict[str, Any] = {
        "has_plan": found is not None,
        "may_begin": may_begin and not lacks,
        "lacks": lacks,
        "may_design": request.actor.may(Can.DESIGN_ONBOARDING),
    }
    return context | (plan_context(request, found) if found is not None else {})
