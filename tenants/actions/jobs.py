"""What an administrator may do about work that failed."""

from datetime import datetime

from django.db import transaction

from tenants import jobs, trail
from tenants.errors import Refused
from tenants.models import DueJob, Job, User
from tenants.timeline import describe

describe(
    "tenants.job_retried",
    lambda facts: f"{facts['who']} started again: {jobs.LABELS.get(facts['kind'], facts['kind'])}",
)


describe(
    "tenants.job_dropped",
    lambda facts: f"{facts['who']} dropped: {jobs.LABELS.get(facts['kind'], facts['kind'])}",
    icon="x",
    detail="{reason}",
)


class NotDead(Refused):
    """Only a job that was given up can be tried again or dropped."""


@transaction.atomic
def retry_job(*, job: Job, author: User, now: datetime) -> Job:
    """Queue a dead job again, from where its cursor stands. Raises NotDead."""
    revived = Job.objects.filter(pk=job.pk, state=Job.State.DEAD).update(
        state=Job.State.WAITING, attempt=0, due_at=now, finished_at=None
    )
    if not revived:
        raise NotDead("This job is not given up; it is being worked on or done.")
    DueJob.objects.create(job_id=job.pk, tenant_id=job.tenant_id, due_at=now)
    trail.record(
        "tenants.job_retried", at=now, actor=author, object_id=job.pk, kind=job.kind, key=job.key
    )
    transaction.on_commit(lambda: jobs.ring(job.tenant_id, job.pk), robust=True)
    job.refresh_from_db()
    return job


@transaction.atomic
def drop_job(*, job: Job, author: User, reason: str, now: datetime) -> Job:
    """Let a dead job go undone; it stays listed, with its error. Raises NotDead."""
    dropped = Job.objects.filter(pk=job.pk, state=Job.State.DEAD).update(
        state=Job.State.DROPPED, finished_at=now
    )
    if not dropped:
        raise NotDead("This job is not given up; it is being worked on, done or dropped.")
    trail.record(
        "tenants.job_dropped",
        at=now,
        actor=author,
        object_id=job.pk,
        kind=job.kind,
        key=job.key,
        reason=reason,
    )
    job.refresh_from_db()
    return job
