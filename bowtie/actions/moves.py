"""Moving accounts along the bowtie: through gates, with evidence, or by a lead's override."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Account
from bowtie.models import Stay
from bowtie.queries.facts import facts
from bowtie.rules.stages import LEFT, Stage, is_forward, may_follow, missing, next_stage
from tenants import trail
from tenants.errors import Refused
from tenants.models import User
from tenants.timeline import describe

describe(
    "bowtie.stage_entered",
    "{who} moved the account to {stage[1]}",
    icon="move-right",
    is_aside=True,
)
describe("bowtie.accounts_placed", "{n} accounts were placed on the bowtie", is_aside=True)


class NoSuchMove(Refused):
    """The bowtie has no such move: accounts go forward, or back from Max and Recurring Impact."""


class GateClosed(Refused):
    """The stage asks for facts that are missing."""


class OverrideNeeded(Refused):
    """Skipping a stage takes a lead's override with a reason."""


@transaction.atomic
def move(
    *,
    account: Account,
    to_stage: Stage,
    actor: User | None,
    now: datetime,
    evidence: dict[str, Any] | None = None,
    override_reason: str = "",
    at: datetime | None = None,
) -> Stay:
    """Enter a stage and leave the one before.

    at: when it happened, `now` by default. override_reason: a lead's; opens any gate.

    Raises NoSuchMove, OverrideNeeded for a skipped stage, GateClosed with what is missing.
    """
    account = Account.objects.select_for_update().get(pk=account.pk)
    before, moment, evidence = Stage(account.stage), at or now, evidence or {}
    if not may_follow(before, to_stage):
        raise NoSuchMove(f"An account does not go from {before.label} to {to_stage.label}.")
    is_signature = to_stage is Stage.COMMITTED and before in LEFT  # a fact, never blocked
    is_skip = is_forward(before, to_stage) and to_stage is not next_stage(before)
    if is_skip and not is_signature and not override_reason:
        raise OverrideNeeded(f"{to_stage.label} skips a stage. A lead can override with a reason.")
    gaps = missing(to_stage, facts(account, now.date()), evidence)
    if gaps and not override_reason:
        raise GateClosed(f"{to_stage.label} still needs {_listed(gaps)}.")
    stay = _enter(account, to_stage, moment, now, actor, evidence, override_reason)
    trail.record(
        "bowtie.stage_entered",
        actor=actor,
        at=now,
        account_id=account.pk,
        object_id=stay.pk,
        stage=[before, to_stage],
        evidence=evidence,
        override_reason=override_reason,
    )
    return stay


@transaction.atomic
def place(
    *,
    accounts: Iterable[Account],
    stage: Stage,
    actor: User | None,
    now: datetime,
    at: datetime | None = None,
) -> int:
    """Put accounts that come from elsewhere straight into a stage: gates waived, marked imported.

    Accounts that already have a history stay where they are. Returns how many were placed.
    """
    ids = [account.pk for account in accounts]
    known = set(Stay.objects.filter(account__in=ids).values_list("account_id", flat=True))
    fresh = [pk for pk in ids if pk not in known]
    Stay.objects.bulk_create(
        [
            Stay(
                account_id=pk,
                stage=stage,
                entered_at=at or now,
                is_imported=True,
                moved_by=actor,
                recorded_at=now,
            )
            for pk in fresh
        ],
        batch_size=1000,
    )
    Account.objects.filter(pk__in=fresh).update(stage=stage)
    trail.record("bowtie.accounts_placed", actor=actor, at=now, stage=stage, n=len(fresh))
    return len(fresh)


def _enter(
    account: Account,
    to_stage: Stage,
    at: datetime,
    now: datetime,
    actor: User | None,
    evidence: dict[str, Any],
    override_reason: str,
) -> Stay:
    lifecycle = account.lifecycle + (account.stage == Stage.CHURNED)
    Stay.objects.filter(account=account, left_at=None).update(left_at=at)
    Account.objects.filter(pk=account.pk).update(stage=to_stage, lifecycle=lifecycle)
    return Stay.objects.create(
        account=account,
        lifecycle=lifecycle,
        stage=to_stage,
        came_from=account.stage,
        entered_at=at,
        evidence=evidence,
        moved_by=actor,
        override_reason=override_reason,
        recorded_at=now,
    )


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
