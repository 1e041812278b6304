"""Overlays that people set and end."""

from datetime import date, datetime

from django.db import IntegrityError, transaction

from accounts.models import Account
from bowtie.models import Overlay
from tenants import trail
from tenants.errors import Refused
from tenants.models import User
from tenants.timeline import describe

describe("bowtie.overlay_set", "{who} marked the account: {label}", icon="flag", detail="{reason}")
describe("bowtie.overlay_ended", "{who} took the mark away: {label}", icon="check")


class AlreadySet(Refused):
    """The overlay holds already."""


class NotSet(Refused):
    """The overlay does not hold any more."""


class NotYet(Refused):
    """An overlay holds from today or an earlier day."""

    status = 422


@transaction.atomic
def set_overlay(
    *,
    account: Account,
    kind: str,
    since: date,
    reason: str,
    actor: User,
    now: datetime,
    today: date,
) -> Overlay:
    """Say that something holds of an account since a day. Raises AlreadySet, NotYet."""
    if since > today:
        raise NotYet("This holds from today or an earlier day.")
    label = Overlay.Kind(kind).label
    try:
        with transaction.atomic():
            made = Overlay.objects.create(
                account=account,
                kind=kind,
                since=since,
                reason=reason,
                set_by=actor,
                recorded_at=now,
            )
    except IntegrityError:
        raise AlreadySet(f"{account.name} is marked so already: {label}.") from None
    _tell("bowtie.overlay_set", made, actor, now)
    return made


@transaction.atomic
def end_overlay(*, account: Account, kind: str, actor: User, now: datetime) -> Overlay:
    """Say that something no longer holds. Raises NotSet."""
    found = (
        Overlay.objects.select_for_update(of=("self",))
        .filter(account=account, kind=kind, ended_at=None)
        .first()
    )
    if found is None:
        raise NotSet(f"{account.name} is not marked so any more.")
    found.ended_at, found.ended_by = now, actor
    found.save(update_fields=["ended_at", "ended_by"])
    _tell("bowtie.overlay_ended", found, actor, now)
    return found


def _tell(verb: str, overlay: Overlay, actor: User, now: datetime) -> None:
    trail.record(
        verb,
        actor=actor,
        at=now,
        account_id=overlay.account_id,
        object_id=overlay.pk,
        kind=overlay.kind,
        label=overlay.get_kind_display(),
        since=overlay.since.isoformat(),
        reason=overlay.reason,
    )
