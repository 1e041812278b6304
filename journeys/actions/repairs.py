"""A waiver ends: what is still missing then becomes a task, once."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from journeys.models import Handoff
from journeys.queries.handoffs import cases, hours, kind_of
from plays.actions.own_tasks import open_task
from plays.models import Task
from tenants import trail
from tenants.jobs import Work, job, later
from tenants.models import Membership, User
from tenants.timeline import describe

describe(
    "journeys.handoff_repair_missed",
    "The time of a waiver passed: {label} still missing",
    icon="clock",
    detail="{owner} has a task to add it.",
)


@job("journeys.waiver", label="Watch the end of a waiver")
def watch(work: Work, *, handoff_id: str, was_until: str) -> None:
    """Look at a handoff when the time of its waiver is over, or as soon as one can after."""
    miss_repair(handoff_id=UUID(handoff_id), until=datetime.fromisoformat(was_until), now=work.now)


def watch_waiver(handoff: Handoff, now: datetime) -> None:
    """Have the end of a waiver watched. What was added or returned by then is left alone."""
    if handoff.waiver_until is None:
        return
    until = handoff.waiver_until.isoformat()
    later(
        watch,
        key=f"{handoff.pk}:{until}",
        now=now,
        due_at=handoff.waiver_until,
        handoff_id=str(handoff.pk),
        was_until=until,
    )


@transaction.atomic
def miss_repair(*, handoff_id: UUID, until: datetime, now: datetime) -> bool:
    """Give the seller, or else the receiver, a task to add what was waived and is still missing.

    Due within the hours promised for handing over. False where it was added, returned, waived to
    another moment, or a task is open for it already.
    """
    handoff = (
        Handoff.objects.select_for_update(of=("self",))
        .select_related("account__seller", "account__owner", "sender", "receiver", "repair_task")
        .filter(pk=handoff_id, waiver_until=until)
        .first()
    )
    if handoff is None or handoff.account.archived_at is not None:
        return False
    (found,) = cases([handoff], now)
    task = handoff.repair_task
    if not found.is_overdue or (task is not None and task.state == Task.State.OPEN):
        return False
    account, owner, kind = handoff.account, _who_adds(handoff), kind_of(handoff)
    label = kind.words(handoff.waived_item)
    handoff.repair_task = open_task(
        account=account,
        owner=owner,
        title=f"Add to the handoff: {label}",
        reason=f"Waived, and still missing when the time was over: {handoff.waiver_reason}",
        due_at=hours().due_at(kind, "submit", now, handoff.fields),
        now=now,
    )
    handoff.save(update_fields=["repair_task"])
    trail.record(
        "journeys.handoff_repair_missed",
        at=now,
        account_id=account.pk,
        object_id=handoff.pk,
        item=handoff.waived_item,
        label=label,
        until=until.isoformat(),
        owner=str(owner or "nobody"),
    )
    return True


def _who_adds(handoff: Handoff) -> User | None:
    """The seller, or else the receiver: the first of them who is still a member."""
    account = handoff.account
    seller = account.seller if handoff.kind == Handoff.Kind.SALES_TO_CS else None
    people = (handoff.sender, seller, handoff.receiver, account.owner)
    named = [person for person in people if person is not None]
    here = Membership.objects.filter(tenant=handoff.tenant_id, user__in=named, ended_at=None)
    members = set(here.values_list("user_id", flat=True))
    return next((person for person in named if person.pk in members), None)
