"""What a log line or a record of the trail knows of the request or job in hand.

Ids only: nothing that names a person, a company or what they wrote.
"""

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.db import connection

from tenants import tallies

ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
INSUFFICIENT_PRIVILEGE = "42501"  # a policy or a grant refused a row
log = logging.getLogger("csom.isolation")


@dataclass
class Trace:
    """One request or job. queries: statements sent; refused: those that ended with 42501."""

    request_id: str = ""
    tenant_id: UUID | None = None
    actor_id: UUID | None = None
    key_id: UUID | None = None
    queries: int = 0
    refused: int = 0

    def count(self, execute: Callable[..., Any], *statement: Any) -> Any:
        """A wrapper of statements, as Django calls it."""
        self.queries += 1
        try:
            return execute(*statement)
        except Exception as error:
            if sqlstate(error) == INSUFFICIENT_PRIVILEGE:
                self.refused += 1
            raise


_current: ContextVar[Trace | None] = ContextVar("trace", default=None)


def current() -> Trace:
    """The trace in hand; an empty one outside of requests and jobs."""
    return _current.get() or Trace()


@contextmanager
def tracing(request_id: str) -> Iterator[Trace]:
    """Do a block as one request or job, and count its statements. Statements of a kind that a
    policy refused are a defect of ours: they are told and tallied when the block ends.
    """
    trace = Trace(request_id)
    token = _current.set(trace)
    try:
        with connection.execute_wrapper(trace.count):
            yield trace
    finally:
        if trace.refused:
            log.error("%s statements were refused with %s", trace.refused, INSUFFICIENT_PRIVILEGE)
            tallies.add(tallies.REFUSED_ROWS, trace.refused)
        _current.reset(token)


def request_id_of(told: str | None) -> str:
    """The id a request came with where it is one (8 to 64 of A-Z a-z 0-9 . _ -), else a new one."""
    return told if told and ID.fullmatch(told) else uuid4().hex


def sqlstate(error: BaseException) -> str:
    """PostgreSQL's code of an error of the database; "" of any other."""
    return str(getattr(error.__cause__ or error, "pgcode", None) or "")
