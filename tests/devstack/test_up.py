"""`./run up`: it answers, says so, and leaves nothing behind however it ends."""

import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from csom.devstack.services import ROOT

UP = """
import sys
from pathlib import Path
from csom.devstack import services, up
services.DATA = up.DATA = Path(sys.argv[1])
sys.exit(up.main(sys.argv[2:]))
"""


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


@pytest.fixture
def start(reachable_path: Path, port: int) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Start the stack in a reachable_path of its own; returns once it says that it is ready."""
    started: list[subprocess.Popen[str]] = []

    def run() -> subprocess.Popen[str]:
        servers = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "DEVSTACK_TEMPLATE")
        env = {name: value for name, value in os.environ.items() if name not in servers}
        env = {name: value for name, value in env.items() if not name.startswith("PYTEST_")}
        parent = subprocess.Popen(
            [sys.executable, "-u", "-c", UP, str(reachable_path), "--empty", f"--port={port}"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=ROOT,
            env=env,
        )
        started.append(parent)
        said = []
        for line in parent.stdout or ():
            said.append(line)
            if "CSOM is ready at" in line:
                break
        else:
            pytest.fail("".join(said))
        threading.Thread(target=parent.stdout.read, daemon=True).start()  # type: ignore[union-attr]
        return parent

    yield run
    for parent in started:
        parent.kill()
        parent.wait()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_up_answers_and_leaves_nothing_behind(
    start: Callable[[], subprocess.Popen[str]],
    reachable_path: Path,
    port: int,
    family: Callable[[int], list[int]],
    ended: Callable[[list[int]], bool],
    how: signal.Signals,
) -> None:
    parent = start()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/livez") as answer:
        assert answer.status == 200
    everybody = family(parent.pid)
    assert len(everybody) > 8, "web, worker, beat, PostgreSQL, Valkey and their children"
    parent.send_signal(how)
    parent.wait(20)
    assert ended(everybody)


def test_a_taken_port_is_named_before_anything_starts(reachable_path: Path, port: int) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        done = subprocess.run(
            [sys.executable, "-c", UP, str(reachable_path), f"--port={port}"],
            capture_output=True,
            text=True,
            cwd=ROOT,
        )
    assert done.returncode == 1
    assert f"Port {port} is taken" in done.stderr
    assert not list(reachable_path.glob("pg-*"))
