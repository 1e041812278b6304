"""Accounts that a file brought: they start at the stage that was chosen for them."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from accounts.actions.placing import placing
from accounts.models import Account
from bowtie.actions.moves import place
from bowtie.rules.stages import Stage
from tenants.models import User


@placing(tuple((str(stage), stage.label) for stage in Stage))
def place_imported(
    *, account_ids: Collection[UUID], stage: str, actor: User | None, now: datetime
) -> int:
    """Put new accounts into a stage, gates waived. Returns how many were placed."""
    accounts = Account.objects.filter(pk__in=account_ids)
    return place(accounts=accounts, stage=Stage(stage), actor=actor, now=now)
