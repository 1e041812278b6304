"""The post-mortem of a churn: what it was caused by and what was missed, while it is fresh."""

from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.models import ChurnRecord
from health.models import Snapshot
from plays.actions.own_tasks import open_task, settle_task
from plays.models import Task
from tenants import trail
from tenants.errors import Refused
from tenants.jobs import Work, job
from tenants.models import User
from tenants.timeline import describe

FILED = "plays.postmortem_filed"
TITLE = "Write the post-mortem"
LEFT = "It left on "
DUE = timedelta(days=7)
ASKED_FOR = timedelta(days=30)  # what ended earlier is history, and nobody is sent after it
WEEKS = 26

describe(FILED, "{who} wrote the post-mortem", icon="notebook-pen")


class SignalTooLate(Refused):
    """A sign of a churn comes before it."""

    status = 422


@transaction.atomic
def file_postmortem(
    *,
    record: ChurnRecord,
    actor: User | None,
    now: datetime,
    initiation: str,
    cause: str,
    signal_on: date,
    missed: str,
) -> ChurnRecord:
    """Say who decided, why, and what was missed; the scores before the decision are frozen.

    Written again, it is corrected: the scores and the day of the first stay. Closes its task.
    Raises SignalTooLate.
    """
    record = ChurnRecord.objects.select_for_update(of=("self",)).get(pk=record.pk)
    if signal_on > record.ended_on:
        raise SignalTooLate("The earliest sign cannot be after the day on which it ended.")
    if record.postmortem_at is None or not record.score_history:
        record.score_history = _scores(record, now)
    record.postmortem_at = record.postmortem_at or now
    record.postmortem_by = actor
    record.initiation, record.cause = initiation, cause
    record.signal_on, record.missed = signal_on, missed
    record.save()
    trail.record(FILED, at=now, actor=actor, account_id=record.account_id, cause=cause)
    waiting = Task.objects.filter(
        account=record.account_id, title=TITLE, state=Task.State.OPEN, created_at__lte=now
    )
    for task_id in waiting.values_list("pk", flat=True):
        settle_task(task_id=task_id, by=actor, now=now, is_done=True)
    return record


def _scores(record: ChurnRecord, now: datetime) -> list[list[str | float | None]]:
    """Health by week up to the decision, as it was recorded by then: oldest first. One query."""
    decided = min(record.notice_on or record.ended_on, record.ended_on)
    rows = Snapshot.objects.filter(
        account=record.account_id,
        day__gt=decided - timedelta(weeks=WEEKS),
        day__lte=decided,
        recorded_at__lte=now,
    )
    by_week = {  # the newest of each week counts, for it comes last
        (decided - day).days // 7: [
            day.isoformat(),
            None if score is None else round(score, 1),
            band,
        ]
        for day, score, band in rows.order_by("day").values_list("day", "score", "band")
    }
    return list(by_week.values())


@job("plays.postmortems", label="Ask for post-mortems that are missing", nightly_at=time(0, 40))
def postmortems_night(work: Work, *, day: str) -> None:
    """Give each account that left lately, and has no post-mortem, a task for one."""
    work.statistics["opened"] = ask_for_postmortems(today=date.fromisoformat(day), now=work.now)


@transaction.atomic
def ask_for_postmortems(*, today: date, now: datetime) -> int:
    """Open the task of each churn of the last 30 days without a post-mortem, once. How many."""
    asked = Task.objects.filter(
        account=OuterRef("account"), title=TITLE, created_at__gte=OuterRef("recorded_at")
    )
    missing = (
        ChurnRecord.objects.filter(
            ~Exists(asked),
            postmortem_at=None,
            account__archived_at=None,
            ended_on__gt=today - ASKED_FOR,
            ended_on__lte=today,
        )
        .select_related("account__owner")
        .order_by("account_id", "-ended_on", "pk")
        .distinct("account_id")
    )
    for record in (found := list(missing)):
        open_task(
            account=record.account,
            owner=record.account.owner,
            title=TITLE,
            reason=f"{LEFT}{record.ended_on:%-d %b %Y}, and nobody wrote why",
            due_at=now + DUE,
            now=now,
            priority=2,
        )
    _drop_needless(now)
    return len(found)


def _drop_needless(now: datetime) -> None:
    """Close the tasks of churns that were taken back."""
    left = ChurnRecord.objects.filter(account=OuterRef("account"))
    needless = Task.objects.filter(
        ~Exists(left), title=TITLE, reason__startswith=LEFT, state=Task.State.OPEN
    )
    for task_id in needless.values_list("pk", flat=True):
        settle_task(task_id=task_id, by=None, now=now, is_done=False)
