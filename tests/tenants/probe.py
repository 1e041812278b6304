"""A task that writes down what a worker's process sees of tenants. Workers include it in tests."""

import os
import signal
from uuid import UUID

from celery import shared_task
from django.db import DatabaseError
from django.utils import timezone


@shared_task(name="tests.probe")
def probe(tenant_id: str, mark: str, end: str = "") -> None:
    """Read without a tenant, then for one; note both; end well, by an error, or by being killed."""
    from accounts.models import Account
    from tenants.models import TrailEntry
    from tenants.scope import act_for

    try:
        before = Account.objects.count()
    except DatabaseError:
        before = None
    with act_for(UUID(tenant_id)):
        seen = sorted(Account.objects.values_list("name", flat=True))
        facts = {"before": before, "seen": seen, "process": os.getpid()}
        TrailEntry.objects.create(verb=f"probe.{mark}", at=timezone.now(), facts=facts)
        if end == "raises":
            raise RuntimeError(mark)
        if end == "is killed":
            os.kill(os.getpid(), signal.SIGKILL)
