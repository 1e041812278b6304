"""The people of the account: who decides, who stands where, who left."""

from typing import Any

from accounts.models import Account, Contact
from accounts.queries.reach import in_reach
from accounts.rules.people import ROLES
from tenants.access import TenantRequest
from tenants.roles import Can


def tab(request: TenantRequest, account: Account) -> dict[str, Any]:
    """Everybody, those who are there first, the most influential on top."""
    found = Contact.objects.filter(account=account, archived_at=None).order_by("name_norm", "id")
    people = sorted(found, key=lambda c: (c.status == Contact.Status.DEPARTED, -(c.influence or 0)))
    return {
        "people": [
            {"contact": contact, "roles": [ROLES.get(role, role) for role in contact.roles]}
            for contact in people
        ],
        "n_there": sum(contact.status != Contact.Status.DEPARTED for contact in people),
        "uncovered": [
            words
            for role, words in ROLES.items()
            if role in ("economic_buyer", "exec_sponsor", "champion")
            and not any(
                role in contact.roles and contact.status != Contact.Status.DEPARTED
                for contact in people
            )
        ],
        "may_edit": in_reach(request.actor, Can.EDIT_ACCOUNTS).filter(pk=account.pk).exists(),
    }
