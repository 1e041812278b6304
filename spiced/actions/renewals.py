"""The renewal among the dates that matter: compelling, until somebody says what hangs on it."""

from datetime import date, datetime, time, timedelta

from django.db import transaction

from accounts.actions.former import keep
from accounts.models import Account
from spiced.models import CriticalEvent
from tenants import trail
from tenants.jobs import Work, job
from tenants.timeline import describe

ENTERED, FOLLOWED, OVER = "spiced.renewal_entered", "spiced.renewal_moved", "spiced.renewal_over"
STATEMENT = "Renewal"
RENEWED_BY = timedelta(days=180)  # a date so much later is another renewal, not one that moved

describe(ENTERED, "The renewal stands as a date that matters", icon="flag", is_aside=True)
describe(FOLLOWED, "The renewal moved with its contract", icon="flag", is_aside=True)
describe(OVER, "The renewal is over: {status}", icon="flag", is_aside=True)


@job("spiced.renewals", label="Enter renewals as dates that matter", nightly_at=time(0, 30))
def renewals_night(work: Work, *, day: str) -> None:
    """Bring the renewal of every account up to its contract, before the night's scores."""
    work.statistics["entered"] = enter_renewals(today=date.fromisoformat(day), now=work.now)


@transaction.atomic
def enter_renewals(*, today: date, now: datetime) -> int:
    """Enter each renewal ahead that no event holds, move those whose contract changed. How many.

    A renewal that moves with its contract does not count as moved: nobody put it off. What was
    said of its consequence stays, and is to be confirmed again.
    """
    held = {
        event.account_id: event
        for event in CriticalEvent.objects.filter(
            is_renewal=True, status=CriticalEvent.Status.OPEN
        ).select_for_update()
    }
    renewing = dict(
        Account.objects.filter(archived_at=None, renews_on__gte=today).values_list(
            "pk", "renews_on"
        )
    )
    for account_id, event in list(held.items()):
        renews_on = renewing.get(account_id)
        if renews_on == event.on:
            continue
        is_same = event.on and renews_on and abs(renews_on - event.on) < RENEWED_BY
        if is_same:
            event.on, event.confirmed_by, event.confirmed_at = renews_on, None, None
            verb = FOLLOWED
        else:
            is_met = renews_on is not None
            event.status = CriticalEvent.Status.MET if is_met else CriticalEvent.Status.INVALID
            event.is_in_note, verb = False, OVER
            del held[account_id]
        event.recorded_at = now
        keep(CriticalEvent, [event.pk], now=now)
        event.save()
        _tell(verb, event, now)
    entered = [
        CriticalEvent(
            account_id=account_id, statement=STATEMENT, on=on, is_renewal=True, recorded_at=now
        )
        for account_id, on in renewing.items()
        if account_id not in held
    ]
    CriticalEvent.objects.bulk_create(entered, batch_size=2000)
    for event in entered:
        _tell(ENTERED, event, now)
    return len(entered)


def _tell(verb: str, event: CriticalEvent, now: datetime) -> None:
    trail.record(
        verb,
        at=now,
        actor=None,
        account_id=event.account_id,
        object_id=event.pk,
        statement=event.statement,
        on=event.on.isoformat() if event.on else None,
        status=event.get_status_display().lower(),
    )
