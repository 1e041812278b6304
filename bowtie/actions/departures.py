"""Accounts leave and come back with their revenue: the stage follows the ARR ledger."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.actions.revenue import zone_of_tenant
from accounts.models import Account, ArrMovement, Contract
from bowtie.actions.churns import record_departures, withdraw
from bowtie.actions.moves import GateClosed, NoSuchMove, WrongMoment, move
from bowtie.actions.taking_back import stay_before, take_back
from bowtie.models import Stay
from bowtie.queries.facts import left_day
from bowtie.rules.leaving import Course, Return, came_back, course, has_left
from bowtie.rules.stages import CUSTOMERS, Stage
from charter.queries import History, history
from charter.rules.numbers import RESTORE_DAYS
from tenants import trail
from tenants.jobs import Work, job, later
from tenants.models import TrailEntry
from tenants.news import on_news
from tenants.timeline import describe

AT_ONCE = 100
RECENT = timedelta(days=30)  # a return of before is history that came in
MOVED = "accounts.arr_moved"
TAKEN_BACK = "bowtie.entry_taken_back"
RETURNED_NEVER = "The ledger says that the account did not come back."

describe(TAKEN_BACK, "The account stands at {stage[1]} again", icon="undo-2", detail="{reason}")


@on_news
def hear_the_ledger(*, since: datetime, now: datetime) -> None:
    """Look at accounts whose ARR moved; by a job, so that many of them keep no other news."""
    moved = TrailEntry.objects.filter(recorded_at__gte=since, verb=MOVED)
    newest = moved.order_by("-recorded_at", "-pk").values_list("pk", flat=True).first()
    if newest is not None:
        later(follow_the_ledger, key=f"news {newest}", now=now, day=str(timezone.localdate(now)))


@job(
    "bowtie.departures",
    label="Let stages follow the ARR ledger",
    nightly_at=time(0, 50),
)
def follow_the_ledger(work: Work, *, day: str) -> str | None:
    """Bring the stages of some accounts in line with the ledger, some at a time."""
    found = disagreeing()
    if work.cursor:
        found = found.filter(pk__gt=work.cursor)
    ids = list(found.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    done = settle(ids, now=work.now)
    work.statistics["moved"] = work.statistics.get("moved", 0) + len(done)
    if len(ids) == AT_ONCE:
        return str(ids[-1])
    today = work.now.astimezone(zone_of_tenant()).date()
    work.statistics["recorded"] = record_departures(today=today, now=work.now)
    return None


def disagreeing() -> QuerySet[Account]:
    """Accounts whose stage may say other than their ARR; few on any day."""
    is_silent = Q(stage__in=CUSTOMERS, arr_minor__lte=0, customer_since__isnull=False)
    is_undone = Q(stage=Stage.COMMITTED, arr_minor__lte=0, lifecycle__gt=1)
    is_back = Q(stage=Stage.CHURNED, arr_minor__gt=0)
    return Account.objects.filter(is_silent | is_undone | is_back, archived_at=None)


@transaction.atomic
def settle(account_ids: Collection[UUID], *, now: datetime) -> list[UUID]:
    """Move each account to where the ledger says it stands; returns those that were moved.

    One whose ARR came to zero is churned from that day on, unless a contract is still to begin.
    One that came back within the days the charter gives, or never left, stands where it stood:
    its leaving is taken back. A later return begins a new life. Accounts that somebody else holds
    wait for the next news or the night.
    """
    locked = Account.objects.select_for_update(of=("self",), skip_locked=True)
    accounts = list(locked.filter(pk__in=account_ids).order_by("pk"))
    zone, agreed = zone_of_tenant(), history("bowtie")
    today = now.astimezone(zone).date()
    courses = _courses([account.pk for account in accounts], today)
    signed = _signed([account.pk for account in accounts], today)
    stays = {
        stay.account_id: stay
        for stay in Stay.objects.filter(account__in=accounts, left_at=None, revoked_at=None)
    }
    moved = []
    for account in accounts:
        found, stay = courses[account.pk], stays.get(account.pk)
        try:
            if account.stage != Stage.CHURNED:
                is_done = _leave(account, stay, found, signed, zone, now)
            else:
                is_done = stay is not None and _return(account, stay, found, agreed, zone, now)
        except (GateClosed, NoSuchMove, WrongMoment):
            continue  # a person has to look
        if is_done:
            moved.append(account.pk)
    return moved


def _leave(
    account: Account,
    stay: Stay | None,
    found: Course,
    signed: Collection[UUID],
    zone: ZoneInfo,
    now: datetime,
) -> bool:
    came_back_on = (stay.evidence if stay else {}).get("came_back_on", "")
    if stay and came_back_on and found.arr_minor <= 0 and not _is_after(found, came_back_on):
        return _undo(stay, RETURNED_NEVER, now)
    if account.pk in signed or found.gone_on is None:
        return False
    if not has_left(found, _began_on(account, zone)):
        return False
    _go(account, stay, Stage.CHURNED, found.gone_on, "gone_on", zone, now)
    return True


def _return(
    account: Account, stay: Stay, found: Course, agreed: History, zone: ZoneInfo, now: datetime
) -> bool:
    """Whether a churned account came back. One that was sent away with its ARR has not."""
    if found.back_on is None:
        return False
    within = agreed.on(found.back_on, zone).get("restore_days", RESTORE_DAYS)
    how = came_back(found, left_day(stay, zone), within)
    if how is None:
        return False
    if how is Return.NEVER_LEFT and (stay.override_reason or stay.is_imported):
        return False
    if how is not Return.WON_BACK:
        return _undo(stay, how, now)
    if found.back_on < now.astimezone(zone).date() - RECENT:
        return False
    _go(account, stay, Stage.COMMITTED, found.back_on, "came_back_on", zone, now)
    return True


def _go(
    account: Account,
    stay: Stay | None,
    to_stage: Stage,
    on: date,
    said: str,
    zone: ZoneInfo,
    now: datetime,
) -> None:
    """Enter a stage on a day of the ledger, and not before the stage that is left."""
    at = datetime.combine(on, time(), zone)
    move(
        account=account,
        to_stage=to_stage,
        actor=None,
        now=now,
        evidence={said: on.isoformat()},
        at=min(max(at, stay.entered_at if stay else at), now),
    )


def _undo(entry: Stay, reason: str, now: datetime) -> bool:
    before = stay_before(entry)
    if before is None:
        return False
    take_back(entry=entry, before=before, actor=None, now=now, reason=reason)
    if entry.stage == Stage.CHURNED:
        withdraw(account_id=entry.account_id, now=now)
    trail.record(
        TAKEN_BACK,
        at=now,
        account_id=entry.account_id,
        object_id=entry.pk,
        stage=[entry.stage, before.stage],
        reason=reason,
    )
    return True


def _is_after(found: Course, day: str) -> bool:
    return found.gone_on is not None and found.gone_on > date.fromisoformat(day)


def _began_on(account: Account, zone: ZoneInfo) -> date | None:
    """The day on which the present life began here; None where it was imported, or unknown."""
    first = (
        Stay.objects.filter(
            account=account, lifecycle=account.lifecycle, stage__in=CUSTOMERS, revoked_at=None
        )
        .order_by("entered_at", "recorded_at")
        .first()
    )
    if first is None or first.is_imported:
        return None
    return first.entered_at.astimezone(zone).date()


def _courses(account_ids: Collection[UUID], today: date) -> dict[UUID, Course]:
    entries: defaultdict[UUID, list[tuple[date, int]]] = defaultdict(list)
    rows = ArrMovement.objects.filter(account_id__in=account_ids, effective_on__lte=today)
    for account_id, day, amount in rows.values_list("account_id", "effective_on", "amount_minor"):
        entries[account_id].append((day, amount))
    return {account_id: course(entries[account_id]) for account_id in account_ids}


def _signed(account_ids: Collection[UUID], today: date) -> set[UUID]:
    """Accounts with a contract that is signed and still to begin."""
    ahead = Contract.objects.filter(
        account_id__in=account_ids, starts_on__gt=today, arr_minor__gt=0, is_trial=False
    ).exclude(status=Contract.Status.PENDING)
    return set(ahead.values_list("account_id", flat=True))
