"""Whoever reads the logs stops reading, or goes: requests do not notice."""

import contextlib
import fcntl
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from csom.devstack.process import spawn, stop
from csom.devstack.services import ROOT
from tests.faults.site import Line, until

LINES = 150  # of a request each, several times what the pipe holds


@contextlib.contextmanager
def serving(folder: Path, log: int) -> Iterator[Path]:
    """A web server that logs to one end of a pipe, and its socket."""
    place = folder / "web.sock"
    command = [sys.executable, "-m", "gunicorn", "csom.wsgi", f"--bind=unix:{place}"]
    with os.fdopen(log, "wb") as pipe:
        web = spawn(command, pipe, cwd=ROOT, env={**os.environ, "CSOM_LOG": "json"})
    try:
        until(place.exists, "the web server listens", patience=30)
        yield place
    finally:
        stop(web, 9)


def status(place: Path) -> int:
    with contextlib.closing(Line(place)) as line:
        line.request("GET", "/auth/login/")
        return line.getresponse().status


@pytest.mark.case("A24")
@pytest.mark.parametrize("reader", ["stops reading", "is gone"])
def test_requests_do_not_wait_for_who_reads_the_logs(tmp_path: Path, reader: str) -> None:
    out, into = os.pipe()
    fcntl.fcntl(into, fcntl.F_SETPIPE_SZ, 16384)
    with serving(tmp_path, into) as place:
        if reader == "is gone":
            os.close(out)
        begun = time.monotonic()
        assert {status(place) for _ in range(LINES)} == {200}
        assert time.monotonic() - begun < 60
    if reader == "stops reading":
        os.set_blocking(out, False)
        assert len(os.read(out, 1 << 20)) > 8192, "what came first was kept"
        os.close(out)
