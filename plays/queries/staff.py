"""Who does a step: the role of a play's step as a person."""

from collections.abc import Mapping
from uuid import UUID

from accounts.models import Account
from tenants.models import Membership
from tenants.roles import Role
from tenants.scope import current_tenant_id


class Staff:
    """The people of the tenant by team, to find who a step belongs to. One query when made."""

    def __init__(self) -> None:
        rows = Membership.objects.filter(tenant=current_tenant_id(), ended_at=None).order_by(
            "created_at", "id"
        )
        self.teams: dict[UUID, str] = {}
        self.leads: dict[str, UUID] = {}
        self.any_lead: UUID | None = None
        for row in rows:
            self.teams[row.user_id] = row.team
            if row.role == Role.MANAGER:
                self.leads.setdefault(row.team, row.user_id)
                self.any_lead = self.any_lead or row.user_id

    def owner_of(self, role: str, account: Account) -> UUID | None:
        """The person for a role on an account; its CSM where nobody holds the role.

        Until a CSM is named, that is the seller: the account has not been handed over. None
        where there is neither, or the CSM left; then the task is anybody's.
        """
        csm = account.owner_id if account.owner_id in self.teams else None
        seller = account.seller_id if account.seller_id in self.teams else None
        by_role: Mapping[str, UUID | None] = {
            "ae": seller,
            "am": seller,
            "cs_lead": self.leads.get(self.teams.get(csm, "")) if csm else self.any_lead,
        }
        return by_role.get(role) or (csm if account.owner_id else seller)
