"""CS hands something about an account to another team: Sales, Support, Finance, Marketing."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import Account
from journeys.actions.beginnings import begun
from journeys.actions.drafts import known_fields
from journeys.models import Handoff
from journeys.queries.handoffs import hours
from journeys.rules.kinds import KINDS, SELLER, TO_TEAMS
from tenants.errors import Refused
from tenants.models import Membership, User


class NoSuchTeam(Refused):
    """Not a kind of handoff to another team."""

    status = 422


class NotAMember(Refused):
    """Whoever should take it is no member of this company."""

    status = 422


class NotSignedYet(Refused):
    """The clock of a handoff counts from something that happened."""

    status = 422


@transaction.atomic
def hand_to_team(
    *,
    account: Account,
    kind: str,
    actor: User | None,
    now: datetime,
    receiver_id: UUID | None = None,
    at: datetime | None = None,
) -> Handoff:
    """Begin a handoff to another team: a draft with what is known.

    receiver_id: who takes it; where nobody is named the seller of the account for Sales, else
    whoever answers for the team. at: what its clock counts from, as a signature; now by default.
    Raises NoSuchTeam, NotAMember, NotSignedYet.
    """
    if kind not in TO_TEAMS:
        raise NoSuchTeam(f"One hands to another team by {', '.join(TO_TEAMS)}.")
    if at is not None and at > now:
        raise NotSignedYet("This has not happened yet.")
    members = Membership.objects.filter(tenant=account.tenant_id, ended_at=None)
    if receiver_id is not None and not members.filter(user=receiver_id).exists():
        raise NotAMember("Choose somebody of this company.")
    asks = KINDS[kind].asks
    known = known_fields(account, now.astimezone(hours().calendar.zone).date())
    return begun(
        kind=kind,
        account=account,
        sender_id=actor.pk if actor else account.owner_id,
        receiver_id=receiver_id or (account.seller_id if KINDS[kind].taken_by == SELLER else None),
        fields={key: text for key, text in known.items() if key in asks},
        at=at or now,
        now=now,
    )
