"""How gunicorn serves CSOM, beyond what its command line says. It reads these names."""

import os
from typing import Any

from django.conf import settings

from csom import timings
from csom.garbage import look_seldom
from csom.timings import SLOTS

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "csom.settings")

accesslog = None  # our own line says more, and holds no address that somebody typed
loglevel = "info" if settings.LOG_STYLE == "json" else "warning"
logconfig_dict = settings.LOGGING


def pre_fork(server: Any, worker: Any) -> None:
    """Give a new worker the first slot of the timings that no living one holds."""
    held = {getattr(other, "slot", None) for other in server.WORKERS.values()}
    worker.slot = next((slot for slot in range(SLOTS) if slot not in held), SLOTS - 1)


def post_fork(server: Any, worker: Any) -> None:
    """Count into that slot."""
    timings.shared.slot = worker.slot


def post_worker_init(worker: Any) -> None:
    """Look no more for garbage in what is loaded for good: it cost rows more than their reading."""
    look_seldom()
