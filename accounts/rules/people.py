"""The roles a person at an account may have, in words."""

from collections.abc import Collection

ROLES = {
    "economic_buyer": "Economic buyer",
    "exec_sponsor": "Executive sponsor",
    "champion": "Champion",
    "user_lead": "Lead user",
    "technical_lead": "Technical lead",
    "procurement": "Procurement",
    "end_user": "User",
    "blocker": "Blocker",
}

STANCES = ("advocate", "supportive", "neutral", "critical", "blocker")
SPONSORS = frozenset({"champion", "exec_sponsor"})


def becomes_sponsor(was: Collection[str], now: Collection[str]) -> bool:
    """Whether somebody takes on a role that carries the account: champion or sponsor."""
    return bool(SPONSORS & set(now) - set(was))
