"""Who is acting in this request: a member or a key, with a role and its reach."""

from dataclasses import dataclass
from uuid import UUID

from tenants.models import ApiKey, Membership, Tenant, User
from tenants.roles import Can, Reach, Role, reach


@dataclass(frozen=True)
class Actor:
    """A member of the tenant, or one of its API keys."""

    tenant: Tenant
    role: Role
    user: User | None = None
    membership: Membership | None = None
    key: ApiKey | None = None

    def reach(self, can: Can) -> Reach | None:
        """How far a capability goes; a key also needs the scope."""
        if self.key is not None and str(can) not in self.key.scopes:
            return None
        return reach(self.role, can)

    def may(self, can: Can) -> bool:
        return self.reach(can) is not None

    @property
    def user_id(self) -> UUID | None:
        return self.user.pk if self.user else None

    @property
    def team(self) -> str:
        return self.membership.team if self.membership else ""

    @property
    def name(self) -> str:
        return str(self.user or self.key)

    def covers(self, can: Can, *, owner_id: UUID | None, team: str = "") -> bool:
        """Whether a capability covers something owned by a person of a team.

        What nobody owns is covered by whoever reaches a team or more.
        """
        how_far = self.reach(can)
        if how_far is Reach.TENANT:
            return True
        if how_far is Reach.TEAM:
            return owner_id in (None, self.user_id) or (bool(self.team) and team == self.team)
        return how_far is Reach.OWN and owner_id is not None and owner_id == self.user_id
