"""Put accounts into the segments that were found for them."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import Account
from tenants import trail
from tenants.models import TrailEntry
from tenants.timeline import describe

describe(
    "accounts.segments_assigned", "{accounts} accounts were given their segments", is_aside=True
)

TOLD_ONE_BY_ONE = 500

describe(
    "accounts.segment_changed",
    "Segment became {segment[1]}",
    icon="layers",
    detail="Before: {segment[0]}",
)


@transaction.atomic
def place(*, segments: Mapping[UUID, tuple[str, str]], now: datetime) -> int:
    """Give accounts their segment and touch model. Returns how many changed.

    segments: (segment, touch model) by account.
    """
    found = Account.objects.select_for_update().filter(pk__in=list(segments))
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
    Account.objects.bulk_update(
        changed, ["segment", "touch_model", "changed_at", "version"], batch_size=1000
    )
    if len(entries) > TOLD_ONE_BY_ONE:
        trail.record("accounts.segments_assigned", at=now, accounts=len(entries))
    elif entries:
        trail.record_many(entries)
    return len(changed)
