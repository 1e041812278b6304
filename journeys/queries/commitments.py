"""What was promised to an account, beyond its contract."""

from accounts.models import Account
from journeys.models import Commitment

MOST_CLOSED = 20


def promises_of(account: Account) -> dict[str, list[Commitment]]:
    """Open promises to an account, oldest first, and closed ones, newest first. Two queries."""
    found = Commitment.objects.filter(account=account).select_related(
        "made_by", "closed_by", "handoff"
    )
    closed = found.exclude(state=Commitment.State.OPEN).order_by("-closed_at", "-pk")
    return {
        "open": list(found.filter(state=Commitment.State.OPEN).order_by("made_at", "pk")),
        "closed": list(closed[:MOST_CLOSED]),
    }
