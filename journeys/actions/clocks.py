"""The clock of a handoff: it is watched by a job, and a breach is written down once."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from journeys.models import Handoff
from journeys.queries.handoffs import kind_of, step_of
from tenants import trail
from tenants.jobs import Work, job, later
from tenants.timeline import describe

describe(
    "journeys.handoff_breached",
    "A promised time passed: {label}",
    icon="clock",
    detail="The handoff goes on; the breach stays on record.",
)


@job("journeys.clock", label="Watch the promised time of a handoff")
def watch(work: Work, *, handoff_id: str, was_due: str) -> None:
    """Look at a handoff when a step is due."""
    record_breach(handoff_id=UUID(handoff_id), due_at=datetime.fromisoformat(was_due), now=work.now)


def start_clock(handoff: Handoff, now: datetime) -> None:
    """Have the step in hand watched. A step that moved on is left alone when its hour comes."""
    if handoff.due_at is None:
        return
    due_at = handoff.due_at.isoformat()
    later(
        watch,
        key=f"{handoff.pk}:{due_at}",
        now=now,
        due_at=handoff.due_at,
        handoff_id=str(handoff.pk),
        was_due=due_at,
    )


@transaction.atomic
def record_breach(*, handoff_id: UUID, due_at: datetime, now: datetime) -> bool:
    """Write down that a step was not done in time; the handoff keeps its first breach.

    False where the step was done, or moved to another hour.
    """
    handoff = Handoff.objects.select_for_update().filter(pk=handoff_id, due_at=due_at).first()
    if handoff is None or now < due_at:
        return False
    step = step_of(handoff)
    if not step:
        return False
    Handoff.objects.filter(pk=handoff.pk, breached_at=None).update(breached_at=due_at)
    trail.record(
        "journeys.handoff_breached",
        at=now,
        account_id=handoff.account_id,
        object_id=handoff.pk,
        step=step,
        label=kind_of(handoff).steps[step].label.lower(),
        due_at=due_at.isoformat(),
    )
    return True
