"""The doorbell: two Celery tasks, one that runs a job and one that looks for due ones."""

import logging
import os
from uuid import UUID

from celery import Celery
from celery.signals import beat_init, setup_logging, worker_init, worker_process_init
from django.conf import settings
from django.utils.log import configure_logging

from csom.broker import mend
from csom.garbage import look_seldom

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "csom.settings")

log = logging.getLogger("csom.celery")
mend()
app = Celery("csom")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.set_default()


@setup_logging.connect
def log_as_everything_does(**_: object) -> None:
    """Celery sets up no logging of its own."""
    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)


@worker_init.connect
@beat_init.connect
def refuse_wrong_role(**_: object) -> None:
    """Do not start as a role that could see every tenant."""
    from tenants.checks import refuse_wrong_role as refuse  # noqa: PLC0415

    refuse()
    log.info("begun")


@worker_process_init.connect
def leave_out_what_stays(**_: object) -> None:
    """Look no more for garbage in what is loaded for good, as the web's workers do."""
    look_seldom()


@app.task(name="tenants.run_job", acks_late=True, ignore_result=True)
def run_job(tenant_id: str, job_id: str) -> None:
    """Run one job, if it is still due."""
    from tenants.jobs import run  # noqa: PLC0415 - models load after Celery's own start

    run(UUID(tenant_id), UUID(job_id))


@app.task(name="tenants.tick", ignore_result=True)
def tick() -> None:
    """Each minute: queue begun nights, ring for due jobs."""
    from django.utils import timezone  # noqa: PLC0415

    from tenants.nights import tick as look  # noqa: PLC0415

    look(timezone.now())
