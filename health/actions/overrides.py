"""A person's own score for an account: with a reason, for 30 days at most."""

from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import Account
from health.actions.rescore import rescore
from health.models import Override
from tenants import trail
from tenants.errors import Refused
from tenants.models import User
from tenants.timeline import describe

LONGEST = timedelta(days=30)
describe(
    "health.score_overridden",
    "{who} set the health score to {score}",
    icon="pencil-line",
    detail="{reason}",
)
describe("health.override_ended", "{who} ended the override of the health score", icon="undo-2")


class BadOverride(Refused):
    """The score, the reason or the end of an override cannot be."""

    status = 422


@transaction.atomic
def override_score(
    *,
    account: Account,
    score: float,
    reason: str,
    expires_at: datetime,
    author: User,
    now: datetime,
) -> Override:
    """Show a person's own score instead of the computed one until it expires.

    score: 0 to 100. An override that was running ends. Raises BadOverride.
    """
    if not 0 <= score <= 100:
        raise BadOverride("A score goes from 0 to 100.")
    if not reason.strip():
        raise BadOverride("An override needs a reason.")
    if not now < expires_at <= now + LONGEST:
        raise BadOverride("An override ends within 30 days.")
    _end_running(account, now)
    made = Override.objects.create(
        account=account,
        score=score,
        reason=reason.strip(),
        author=author,
        created_at=now,
        expires_at=expires_at,
    )
    trail.record(
        "health.score_overridden",
        actor=author,
        at=now,
        account_id=account.pk,
        object_id=made.pk,
        score=f"{score:g}",
        reason=made.reason,
        until=expires_at.isoformat(),
    )
    rescore(account_ids=[account.pk], now=now)
    return made


@transaction.atomic
def end_override(*, account: Account, author: User, now: datetime) -> int:
    """Let the computed score count again. Returns how many overrides ended."""
    ended = _end_running(account, now)
    if ended:
        trail.record("health.override_ended", actor=author, at=now, account_id=account.pk)
        rescore(account_ids=[account.pk], now=now)
    return ended


def _end_running(account: Account, now: datetime) -> int:
    running = Override.objects.filter(account=account, ended_at=None, expires_at__gt=now)
    return running.update(ended_at=now)
