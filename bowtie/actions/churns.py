"""Who left by the ARR ledger has a churn record, so that somebody is asked for the post-mortem."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from accounts.actions.former import keep
from accounts.actions.upsert import follows
from accounts.models import Account, ArrMovement, ChurnRecord
from accounts.rules.outcome import Outcome
from bowtie.models import Stay
from bowtie.rules.leaving import course, same_departure
from bowtie.rules.stages import CUSTOMERS, Stage
from tenants import trail
from tenants.timeline import describe

SOURCE = "ledger"
ASKED_FOR = timedelta(days=30)  # who left earlier is history
RECORDED, WITHDRAWN = "bowtie.churn_recorded", "bowtie.churn_withdrawn"
WRITTEN = ("postmortem_at", "postmortem_by_id", "signal_on", "missed", "score_history")
SAID = ("initiation", "cause", "comment")

describe(
    RECORDED, "It left by the ARR ledger, and nobody has told why", icon="log-out", is_aside=True
)
describe(WITHDRAWN, "It did not leave after all: its churn record is gone", icon="undo-2")


@dataclass(frozen=True)
class Departure:
    """An account whose ARR came to zero. arr_minor: what it had until then."""

    account_id: UUID
    gone_on: date
    arr_minor: int


@transaction.atomic
def record_departures(*, today: date, now: datetime) -> int:
    """Give each account that left in the last 30 days its record; those told otherwise have one.

    A record of ours follows the ledger until its post-mortem is written. Returns how many are new.
    """
    departures = _departures(today)
    ids = [each.account_id for each in departures]
    held: defaultdict[UUID, list[ChurnRecord]] = defaultdict(list)
    for record in ChurnRecord.objects.select_for_update(of=("self",)).filter(account_id__in=ids):
        held[record.account_id].append(record)
    stages = _stages(ids)
    new = 0
    for each in departures:
        said = {"ended_on": each.gone_on, "arr_minor": each.arr_minor}
        near = [one for one in held[each.account_id] if same_departure(one.ended_on, each.gone_on)]
        if near:
            _follow([one for one in near if one.source == SOURCE], said, now)
            continue
        record = ChurnRecord.objects.create(
            account_id=each.account_id,
            source=SOURCE,
            external_id=f"{each.account_id} {each.gone_on}",
            stage_at_churn=stages.get(each.account_id, ""),
            recorded_at=now,
            **said,
        )
        trail.record(RECORDED, at=now, account_id=each.account_id, object_id=record.pk)
        new += 1
    return new


@transaction.atomic
def withdraw(*, account_id: UUID, now: datetime) -> None:
    """The account never left, or is back within its days: what the ledger recorded is gone.

    One whose post-mortem was written stays: what a person wrote is theirs to take back.
    """
    last = Stay.objects.filter(account=account_id, stage=Stage.CHURNED).order_by("-recorded_at")
    left_at = last.values_list("entered_at", flat=True).first()
    own = ChurnRecord.objects.select_for_update(of=("self",)).filter(
        account=account_id, source=SOURCE, postmortem_at=None
    )
    gone = [one for one in own if left_at and same_departure(one.ended_on, left_at.date())]
    _drop(gone, now)
    for one in gone:
        trail.record(WITHDRAWN, at=now, account_id=account_id, object_id=one.pk)


@follows("churn")
def tell_once(outcome: Outcome, *, now: datetime) -> None:
    """A record that comes from outside takes the place of ours, with what was written in it."""
    own = ChurnRecord.objects.select_for_update(of=("self",)).filter(
        account_id__in=outcome.accounts, source=SOURCE
    )
    others = ChurnRecord.objects.select_for_update(of=("self",)).filter(
        account_id__in=outcome.accounts
    )
    told = list(others.exclude(source=SOURCE).order_by("ended_on"))
    replaced = []
    for one in own:
        for other in told:
            is_same = one.account_id == other.account_id
            is_written_twice = one.postmortem_at and other.postmortem_at  # both stay
            if is_same and not is_written_twice and same_departure(one.ended_on, other.ended_on):
                _hand_over(one, other)
                replaced.append(one)
                break
    _drop(replaced, now)


def _hand_over(one: ChurnRecord, other: ChurnRecord) -> None:
    if one.postmortem_at and not other.postmortem_at:
        for name in WRITTEN:
            setattr(other, name, getattr(one, name))
    for name in SAID:
        setattr(other, name, getattr(other, name) or getattr(one, name))
    other.stage_at_churn = other.stage_at_churn or one.stage_at_churn
    other.save(update_fields=[*WRITTEN, *SAID, "stage_at_churn"])


def _follow(own: list[ChurnRecord], said: dict[str, object], now: datetime) -> None:
    for record in own:
        differs = {name: value for name, value in said.items() if getattr(record, name) != value}
        if differs and record.postmortem_at is None:
            keep(ChurnRecord, [record.pk], now=now)
            for name, value in differs.items():
                setattr(record, name, value)
            record.save(update_fields=list(differs))


def _drop(records: Collection[ChurnRecord], now: datetime) -> None:
    ids = [one.pk for one in records]
    keep(ChurnRecord, ids, now=now)
    ChurnRecord.objects.filter(pk__in=ids).delete()


def _departures(today: date) -> list[Departure]:
    """Churned accounts without ARR that came to zero in the last 30 days. Two queries."""
    lately = ArrMovement.objects.filter(
        effective_on__gt=today - ASKED_FOR, effective_on__lte=today, amount_minor__lt=0
    )
    accounts = Account.objects.filter(
        pk__in=lately.values("account_id"), stage=Stage.CHURNED, arr_minor__lte=0, archived_at=None
    )
    ids = list(accounts.order_by("pk").values_list("pk", flat=True))
    entries: defaultdict[UUID, list[tuple[date, int]]] = defaultdict(list)
    rows = ArrMovement.objects.filter(account_id__in=ids, effective_on__lte=today)
    for account_id, day, amount in rows.values_list("account_id", "effective_on", "amount_minor"):
        entries[account_id].append((day, amount))
    found = []
    for account_id in ids:
        gone_on = course(entries[account_id]).gone_on
        if gone_on and gone_on > today - ASKED_FOR:
            lost = sum(amount for day, amount in entries[account_id] if day < gone_on)
            found.append(Departure(account_id, gone_on, max(lost, 0)))
    return found


def _stages(account_ids: Collection[UUID]) -> dict[UUID, str]:
    """Where each stood before it left. One query."""
    stays = Stay.objects.filter(
        account_id__in=account_ids, stage__in=CUSTOMERS, revoked_at=None
    ).order_by("entered_at", "recorded_at")
    return {stay.account_id: stay.stage for stay in stays}
