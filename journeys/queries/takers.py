"""Who writes a handoff, and who answers it."""

from accounts.queries.reach import in_reach
from journeys.models import Handoff
from journeys.queries.handoffs import kind_of
from journeys.rules.kinds import SELLER
from tenants.actor import Actor
from tenants.models import User
from tenants.roles import Can, Reach, Role


def writes(actor: Actor, handoff: Handoff) -> bool:
    """Whether somebody hands this over: who began it, or has the account on the giving side."""
    if not actor.may(Can.HAND_OVER):
        return False
    if actor.user_id is not None and handoff.sender_id == actor.user_id:
        return True
    is_sellers = actor.role == Role.SALES and not kind_of(handoff).is_within
    return not is_sellers and _reaches(actor, Can.HAND_OVER, handoff)


def answers(actor: Actor, handoff: Handoff) -> bool:
    """Whether somebody takes this handoff.

    Within CS whoever has the account, never its seller. What goes to another team nobody answers
    who hands it over; but who is named,
    where nobody is the seller of the account for Sales, and whoever answers for more than their
    own accounts.
    """
    if not actor.may(Can.ACCEPT_HANDOFF):
        return False
    kind = kind_of(handoff)
    if kind.is_within:
        return actor.role != Role.SALES and _reaches(actor, Can.ACCEPT_HANDOFF, handoff)
    if actor.user_id is not None and handoff.sender_id == actor.user_id:
        return False
    if actor.user_id is not None and taker_of(handoff) == actor.user:
        return True
    is_wide = actor.reach(Can.ACCEPT_HANDOFF) is not Reach.OWN
    return is_wide and _reaches(actor, Can.ACCEPT_HANDOFF, handoff)


def taker_of(handoff: Handoff) -> User | None:
    """Who takes it, account and people loaded; None where nobody is named."""
    kind = kind_of(handoff)
    if kind.is_within:
        return handoff.account.owner
    seller = handoff.account.seller if kind.taken_by == SELLER else None
    return handoff.receiver or seller


def _reaches(actor: Actor, can: Can, handoff: Handoff) -> bool:
    return in_reach(actor, can).filter(pk=handoff.account_id).exists()
