"""Moving accounts along the bowtie: through gates, with evidence, or by a lead's override."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.actions.former import keep
from accounts.models import Account
from bowtie.models import Stay
from bowtie.queries.facts import facts
from bowtie.rules.gates import evidence as shown
from bowtie.rules.gates import lost, missing
from bowtie.rules.stages import Stage, is_backward, may_follow, skipped
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


class StageMoved(Refused):
    """Somebody else moved the account first."""


class ReasonNeeded(Refused):
    """A step back says why."""

    status = 422


class WrongMoment(Refused):
    """A stage is entered after the one before, and not in the future."""

    status = 422


@transaction.atomic
def move(
    *,
    account: Account,
    to_stage: Stage,
    actor: User | None,
    now: datetime,
    seen_stage: Stage | None = None,
    evidence: dict[str, Any] | None = None,
    reason: str = "",
    override_reason: str = "",
    is_lead: bool = False,
    at: datetime | None = None,
) -> Stay:
    """Enter a stage and leave the one before. What the gate was shown is kept as its evidence.

    seen_stage: where the account stood when this was decided. evidence: what a person brings.
    reason: why the account goes back. override_reason: opens any gate where is_lead; kept only
    where a gate was opened by it. at: when it happened, `now` by default; First Impact happened
    when it was confirmed.

    Raises StageMoved, NoSuchMove, WrongMoment, ReasonNeeded, OverrideNeeded for skipped gates,
    named, GateClosed with what is missing.
    """
    account = Account.objects.select_for_update().get(pk=account.pk)
    before, given = Stage(account.stage), evidence or {}
    override_reason, reason = override_reason.strip(), reason.strip()
    if seen_stage is not None and before is not seen_stage:
        raise StageMoved(f"Somebody moved {account.name} to {before.label} meanwhile.")
    if not may_follow(before, to_stage):
        raise NoSuchMove(f"An account does not go from {before.label} to {to_stage.label}.")
    known = facts(account, now)
    is_back = is_backward(before, to_stage)
    if is_back and not (reason or override_reason):
        raise ReasonNeeded(f"Say why the account goes back to {to_stage.label}.")
    over = skipped(before, to_stage)
    gaps = lost(known) if is_back else missing(to_stage, known, given)
    is_overridden = bool((over or gaps) and override_reason and is_lead)
    if not is_overridden:
        _refuse(to_stage, over, gaps)
    kept = {"lost": known.lapsed} if is_back else shown(to_stage, known, given)
    if is_overridden:
        kept |= {"skipped": over, "missing": gaps}
    confirmed_at = known.first_impact.at if known.first_impact else None
    moment = _moment(account, to_stage, confirmed_at, at, now)
    stay = _enter(
        account, to_stage, moment, now, actor, kept,
        override_reason=override_reason if is_overridden else "",
        reason=(reason or override_reason) if is_back else "",
    )  # fmt: skip
    trail.record(
        "bowtie.stage_entered",
        actor=actor,
        at=now,
        account_id=account.pk,
        object_id=stay.pk,
        stage=[before, to_stage],
        evidence=kept,
        override_reason=stay.override_reason,
        reason=stay.reason,
    )
    return stay


def _refuse(to_stage: Stage, over: list[Stage], gaps: list[str]) -> None:
    if over:
        names = _listed([stage.label for stage in over])
        gates = "gate" if len(over) == 1 else "gates"
        raise OverrideNeeded(
            f"{to_stage.label} skips the {gates} of {names}. A lead can override with a reason."
        )
    if gaps:
        raise GateClosed(f"{to_stage.label} still needs {_listed(gaps)}.")


def _moment(
    account: Account,
    to_stage: Stage,
    confirmed_at: datetime | None,
    at: datetime | None,
    now: datetime,
) -> datetime:
    """When the stage was entered; a confirmation from before the last stage counts from there."""
    entered = (
        Stay.objects.filter(account=account, left_at=None, revoked_at=None)
        .values_list("entered_at", flat=True)
        .first()
    )
    if at is not None:
        if at > now or (entered and at < entered):
            raise WrongMoment("A stage is entered after the one before, and not in the future.")
        return at
    if to_stage is Stage.FIRST_IMPACT and confirmed_at is not None:
        return max(min(confirmed_at, now), entered or confirmed_at)
    return max(now, entered or now)


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
    keep(Account, fresh, now=now)
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
    *,
    override_reason: str,
    reason: str,
) -> Stay:
    lifecycle = account.lifecycle + (account.stage == Stage.CHURNED)
    Stay.objects.filter(account=account, left_at=None).update(left_at=at)
    keep(Account, [account.pk], now=now)
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
        reason=reason,
        recorded_at=now,
    )


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
