"""Taking an entry into a stage back: it stays on record, and the stay before goes on."""

from datetime import datetime

from accounts.actions.former import keep
from accounts.models import Account
from bowtie.models import Stay
from tenants.models import User


def stay_before(entry: Stay) -> Stay | None:
    """Where the account stood before an entry that counts; None where nobody knows. One query."""
    return (
        Stay.objects.filter(account=entry.account_id, revoked_at=None)
        .exclude(pk=entry.pk)
        .order_by("-lifecycle", "-entered_at", "-recorded_at", "-pk")
        .first()
    )


def take_back(*, entry: Stay, before: Stay, actor: User | None, now: datetime, reason: str) -> None:
    """Revoke an open entry, whose account is locked, and let the stay before go on."""
    entry.left_at, entry.revoked_at, entry.revoked_by = now, now, actor
    entry.revoke_reason = reason
    entry.save(update_fields=["left_at", "revoked_at", "revoked_by", "revoke_reason"])
    before.left_at = None
    before.save(update_fields=["left_at"])
    keep(Account, [entry.account_id], now=now)
    Account.objects.filter(pk=entry.account_id).update(
        stage=before.stage, lifecycle=before.lifecycle
    )
