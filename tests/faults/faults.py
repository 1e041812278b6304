"""Faults to plant: the n-th statement of a thread fails, or its connection is cut there."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import psycopg2
from django.db import OperationalError, connection, connections


class Planted(OperationalError):
    """The fault of a test."""


class Fault:
    """Counts statements and strikes at one of them. `struck` says whether it came so far."""

    def __init__(self, at: int, strike: Callable[[], None]) -> None:
        self.at, self.strike, self.count = at, strike, 0

    @property
    def struck(self) -> bool:
        return self.count >= self.at

    def __call__(self, execute: Any, sql: Any, parameters: Any, many: Any, context: Any) -> Any:
        self.count += 1
        if self.count == self.at:
            self.strike()
        return execute(sql, parameters, many, context)


def refuse() -> None:
    """The statement fails, as for a full disk or a lock that was not to be had."""
    raise Planted("planted")


def cut() -> None:
    """The server process behind the connection is ended, so the statement finds nobody."""
    wrapped = connection.connection
    if wrapped is None or wrapped.closed:
        raise Planted("planted")
    with contextlib.suppress(psycopg2.Error), wrapped.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


@contextlib.contextmanager
def nth_statement(at: int, strike: Callable[[], None] = refuse) -> Iterator[Fault]:
    """Let the n-th statement of this thread's connection fail."""
    fault = Fault(at, strike)
    with connection.execute_wrapper(fault):
        yield fault


@contextlib.contextmanager
def nth_commit(at: int, *, is_kept: bool) -> Iterator[Fault]:
    """Lose the line at the n-th COMMIT, before the server heard it or after it did it."""
    wrapper: Any = connections["default"]
    commit = wrapper._commit

    def strike() -> None:
        if is_kept:
            commit()
        wrapper.connection.close()
        raise Planted("planted at COMMIT")

    fault = Fault(at, strike)
    wrapper._commit = lambda: fault(lambda *_: commit(), "", None, False, None)
    try:
        yield fault
    finally:
        del wrapper._commit
