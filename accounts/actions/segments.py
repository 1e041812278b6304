"""Put accounts into the segments that were found for them."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.actions.former import keep
from accounts.models import Account
from charter.models import Document
from tenants import trail
from tenants.actor import Actor
from tenants.errors import Refused
from tenants.models import TrailEntry
from tenants.timeline import describe

describe(
    "accounts.segments_assigned", "{accounts} accounts were given their segments", is_aside=True
)

TOLD_ONE_BY_ONE = 500
HELD = (
    "segment",
    "touch_model",
    "segment_set_at",
    "segment_set_by",
    "segment_reason",
    "segment_by_rule",
)

describe(
    "accounts.segment_changed",
    "Segment became {segment[1]}",
    icon="layers",
    detail="Before: {segment[0]}",
)


describe(
    "accounts.segment_set",
    "{who} set the segment to {segment[1]}",
    icon="layers",
    detail="{reason}",
)
describe(
    "accounts.segment_released", "{who} gave the segment back to the charter's rules", icon="layers"
)


class NoReason(Refused):
    """A segment set by hand says why."""

    status = 422


@transaction.atomic
def set_segment(
    *, account: Account, segment: str, reason: str, actor: Actor, now: datetime
) -> bool:
    """Set a segment by hand, so that the rules leave it alone; empty gives it back to them.

    The one it has, with a reason, holds it there. Its touch model comes with it. False where
    nothing changes. Raises NoReason.
    """
    reason, before = reason.strip(), account.segment
    if (segment, reason if segment else "") == (before, account.segment_reason):
        return False
    ruled = account.segment_by_rule if account.segment_set_at else before
    if segment and not reason:
        raise NoReason("Say why this segment is set by hand.")
    models = {
        each["key"]: each["touch_model"]
        for document in Document.objects.filter(
            kind=Document.Kind.SEGMENTS, state=Document.State.PUBLISHED
        )
        for each in document.body["segments"]
    }
    account.segment, account.touch_model = segment, models.get(segment, "")
    account.segment_set_at, account.segment_set_by = (now, actor.user) if segment else (None, None)
    account.segment_reason = reason if segment else ""
    account.segment_by_rule = ruled if segment else ""
    account.changed_at, account.version = now, account.version + 1
    keep(Account, [account.pk], now=now)
    account.save(update_fields=[*HELD, "changed_at", "version"])
    trail.record(
        "accounts.segment_set" if segment else "accounts.segment_released",
        actor=actor.user,
        at=now,
        account_id=account.pk,
        segment=[before, segment],
        reason=reason if segment else "",
    )
    return True


@transaction.atomic
def note_rules(*, segments: Mapping[UUID, str]) -> int:
    """Keep what the rules say of accounts whose segment was set by hand. Returns how many changed.

    segments: the segment by account.
    """
    held = Account.objects.filter(pk__in=list(segments)).exclude(segment_set_at=None)
    found = held.select_for_update().order_by("pk")
    changed = [each for each in found if each.segment_by_rule != segments[each.pk]]
    for account in changed:
        account.segment_by_rule = segments[account.pk]
    Account.objects.bulk_update(changed, ["segment_by_rule"], batch_size=1000)
    return len(changed)


@transaction.atomic
def place(*, segments: Mapping[UUID, tuple[str, str]], now: datetime) -> int:
    """Give accounts their segment and touch model. Returns how many changed.

    segments: (segment, touch model) by account. One set by hand meanwhile is left alone.
    """
    free = Account.objects.filter(pk__in=list(segments), segment_set_at=None)
    found = free.select_for_update().order_by("pk")
    changed, entries = [], []
    for account in found:
        segment, touch_model = segments[account.pk]
        if (account.segment, account.touch_model) == (segment, touch_model):
            continue
        entries.append(
            TrailEntry(
                verb="accounts.segment_changed",
                at=now,
                account_id=account.pk,
                facts={"segment": [account.segment, segment]},
            )
        )
        account.segment, account.touch_model, account.changed_at = segment, touch_model, now
        account.version += 1
        changed.append(account)
    keep(Account, [account.pk for account in changed], now=now)
    Account.objects.bulk_update(
        changed, ["segment", "touch_model", "changed_at", "version"], batch_size=1000
    )
    if len(entries) > TOLD_ONE_BY_ONE:
        trail.record("accounts.segments_assigned", at=now, accounts=len(entries))
    elif entries:
        trail.record_many(entries)
    return len(changed)
