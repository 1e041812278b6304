"""How CSOM logs: short lines for people, or one JSON object a line for machines.

A JSON line holds ids, numbers and our own words. Of other libraries' lines the words alone are
kept, of errors the kind and the places: their values may be what somebody wrote.
"""

import json
import logging
import os
import select
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured

from tenants.traces import current, sqlstate

FACTS = ("method", "route", "status", "duration_ms", "queries", "job", "job_id", "kind", "outcome")
OURS = "csom"
PLACES = 12  # of an error, the innermost
ROOT = Path(__file__).resolve().parents[1]


class Json(logging.Formatter):
    """One object a line: time in UTC, level, logger, message, whose request, and facts."""

    def format(self, record: logging.LogRecord) -> str:
        trace = current()
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": words(record),
            "request_id": trace.request_id or None,
            "tenant": trace.tenant_id,
            "actor_id": trace.actor_id or trace.key_id,
            **{name: getattr(record, name, None) for name in FACTS},
        }
        if record.exc_info and record.exc_info[1]:
            told |= failure(record.exc_info[1])
        return json.dumps(
            {key: value for key, value in told.items() if value is not None}, default=str
        )


class Console(logging.StreamHandler[TextIO]):
    """Standard error, as far as whoever reads it keeps up.

    What the pipe to a reader holds is the buffer. A line that finds it full, or the reader gone,
    is lost: nobody's request waits for a log.
    """

    def emit(self, record: logging.LogRecord) -> None:
        try:
            place = self.stream.fileno()
        except (AttributeError, OSError, ValueError):  # no file: a test listens
            super().emit(record)
            return
        try:
            self._write(place, f"{self.format(record)}\n".encode(errors="backslashreplace"))
        except OSError:
            return
        except Exception:
            self.handleError(record)

    def _write(self, place: int, line: bytes) -> None:
        """Write in pieces that a pipe said to be ready takes whole, and so without a wait."""
        ready = select.poll()
        ready.register(place, select.POLLOUT)
        for start in range(0, len(line), select.PIPE_BUF):
            if not ready.poll(0):
                return
            os.write(place, line[start : start + select.PIPE_BUF])


class Plain(logging.Formatter):
    """A request or a job in one short line; anything else with its level and logger."""

    def format(self, record: logging.LogRecord) -> str:
        if hasattr(record, "line"):
            return str(record.line)
        return super().format(record)


def words(record: logging.LogRecord) -> str:
    """The message; of other libraries', numbers and ids alone are filled in."""
    if record.name.split(".")[0] == OURS:
        return record.getMessage()
    if not isinstance(record.args, tuple):
        return str(record.msg)
    try:
        return str(record.msg) % tuple(
            value if isinstance(value, int | float | UUID) else "…" for value in record.args
        )
    except (TypeError, ValueError):
        return str(record.msg)


def failure(error: BaseException) -> dict[str, Any]:
    """What failed and where, without the values in it."""
    frames = traceback.extract_tb(error.__traceback__)[-PLACES:]
    return {
        "error": type(error).__name__,
        "sqlstate": sqlstate(error) or None,
        "places": [f"{_shown(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames],
    }


def _shown(filename: str) -> str:
    path = Path(filename)
    is_ours = path.is_relative_to(ROOT) and "site-packages" not in path.parts
    return str(path.relative_to(ROOT)) if is_ours else "/".join(path.parts[-3:])


def logging_config(style: str) -> dict[str, Any]:
    """Python's logging configuration, for web, worker and beat alike.

    style: json or plain. Raises ImproperlyConfigured for any other.
    """
    if style not in ("json", "plain"):
        raise ImproperlyConfigured(f"CSOM_LOG must be json or plain, not {style!r}.")
    loud = {"handlers": ["console"], "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {"()": "csom.logs.Json"},
            "plain": {"()": "csom.logs.Plain", "format": "%(levelname)s %(name)s %(message)s"},
        },
        "handlers": {"console": {"class": "csom.logs.Console", "formatter": style}},
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": {
            "csom": {"level": "INFO"},
            "celery": {"level": "WARNING"},
            # Django's own handlers would write paths; refusals are told by our own line.
            "django": {"handlers": [], "level": "WARNING", "propagate": True},
            "django.request": {"level": "ERROR"},
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            "gunicorn.error": {**loud, "level": "INFO" if style == "json" else "WARNING"},
            "gunicorn.access": {"handlers": [], "propagate": False},
        },
    }
