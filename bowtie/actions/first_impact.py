"""First Impact as an event: entered on evidence, revoked only as an error."""

from datetime import datetime

from django.db import transaction

from accounts.models import Account
from bowtie.actions.moves import NoSuchMove, ReasonNeeded, move
from bowtie.actions.taking_back import stay_before, take_back
from bowtie.models import Stay
from bowtie.queries.first_impact import FirstImpact, reached
from bowtie.rules.stages import Stage
from tenants import trail
from tenants.errors import Refused
from tenants.models import User
from tenants.timeline import describe

describe(
    "bowtie.first_impact_revoked",
    "{who} revoked First Impact as an error",
    icon="undo-2",
    detail="{reason}",
)


class LeadNeeded(Refused):
    """Only a lead revokes First Impact."""


@transaction.atomic
def enter_first_impact(*, account: Account, actor: User | None, now: datetime) -> FirstImpact:
    """Move a live account to First Impact, on the day its measurement was confirmed.

    An account that reached it already in this life keeps its event. Raises GateClosed while
    nothing is confirmed, OverrideNeeded before go-live.
    """
    known = reached([account.pk], now).get(account.pk)
    if known is not None and known.lifecycle == account.lifecycle:
        return known
    move(account=account, to_stage=Stage.FIRST_IMPACT, actor=actor, now=now)
    return reached([account.pk], now)[account.pk]


@transaction.atomic
def revoke_first_impact(
    *, account: Account, actor: User, now: datetime, reason: str, is_lead: bool
) -> Stay:
    """Take First Impact back as an error: the account stands where it stood before.

    The entry stays on record and counts in what was known until now. Returns the stay that goes
    on. Raises LeadNeeded, ReasonNeeded, NoSuchMove where it went on since or was imported there.
    """
    account = Account.objects.select_for_update().get(pk=account.pk)
    if not is_lead:
        raise LeadNeeded("Only a lead revokes First Impact.")
    if not reason.strip():
        raise ReasonNeeded("Say what was wrong about First Impact.")
    entry = Stay.objects.filter(
        account=account,
        stage=Stage.FIRST_IMPACT,
        left_at=None,
        is_imported=False,
    ).first()
    if entry is None or entry.came_from == Stage.RECURRING_IMPACT:
        raise NoSuchMove(f"{account.name} has no entry into First Impact that can be revoked.")
    before = stay_before(entry)
    if before is None or before.lifecycle != entry.lifecycle:
        raise NoSuchMove(f"Where {account.name} stood before First Impact is not known.")
    take_back(entry=entry, before=before, actor=actor, now=now, reason=reason.strip())
    trail.record(
        "bowtie.first_impact_revoked",
        actor=actor,
        at=now,
        account_id=account.pk,
        object_id=entry.pk,
        stage=[Stage.FIRST_IMPACT, before.stage],
        reason=entry.revoke_reason,
    )
    return before
