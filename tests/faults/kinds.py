"""Kinds of work for worker processes of tests, which import this module at their start."""

import os
import signal
import time
from pathlib import Path

from tenants import trail
from tenants.jobs import Work, job


@job("test.once", label="A test")
def once(work: Work) -> None:
    """One line of the trail."""
    trail.record("test.done_once", at=work.now)


@job("test.poison", label="A test")
def poison(work: Work, *, path: str) -> None:
    """Kills the process that takes it, and leaves a mark of each start."""
    with Path(path).open("a") as marks:
        marks.write("x")
    os.kill(os.getpid(), signal.SIGKILL)


@job("test.raises", label="A test")
def raises(work: Work) -> None:
    raise ValueError("no luck")


@job("test.long", label="A test")
def long(work: Work, *, steps: int, path: str) -> int | None:
    """Some steps, each with a line of the trail; waits at the first while a file is there."""
    step = work.cursor or 0
    trail.record("test.step_done", at=work.now, step=step)
    Path(path).with_suffix(".begun").touch()
    while step == 0 and Path(path).exists():
        time.sleep(0.02)
    return step + 1 if step + 1 < steps else None
