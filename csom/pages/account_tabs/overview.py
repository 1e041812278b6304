"""The tab one works in: the SPICED note and what moves the account now."""

from typing import Any

from accounts.models import Account
from spiced.views.editor import editor
from tenants.access import TenantRequest


def tab(request: TenantRequest, account: Account) -> dict[str, Any]:
    """The editor, the critical event, the latest activity; the rail beside them."""
    return editor(request, account, letter=request.GET.get("step", ""))
