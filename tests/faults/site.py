"""A whole installation of a test's own: PostgreSQL, Valkey, web, worker. Made to be broken."""

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from kombu import Connection
from redis import Redis

from csom.celery import app
from csom.devstack.postgres import APP_ROLE, DATABASE, OWNER, THROW_AWAY, Postgres, binaries
from csom.devstack.process import spawn, stop
from csom.devstack.pytest_plugin import TEMPLATE
from csom.devstack.services import ROOT
from csom.devstack.valkey import Valkey
from tenants.models import Job
from tests.faults.proxy import Proxy
from tests.pooler import Pooler

PATIENCE = 180  # seconds until a state must have come; generous, for the machine may be busy
# What was committed must survive the death of the server's processes, as it would in production.
SURVIVES = THROW_AWAY | {"synchronous_commit": "on", "max_connections": "40"}


def until(
    reached: Callable[[], Any], what: str | Callable[[], str], *, patience: float = PATIENCE
) -> Any:
    """Wait for a state, and return what it is told with."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if told := reached():
            return told
        time.sleep(0.05)
    raise AssertionError(f"not within {patience} s: {what if isinstance(what, str) else what()}")


@dataclass
class Answer:
    """What the web server said."""

    status: int
    headers: dict[str, str]
    body: bytes = field(repr=False)

    def json(self) -> Any:
        return json.loads(self.body)


class Line(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=60)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(60)
        self.sock.connect(str(self.path))


class Site:
    """The servers and processes of one installation, each to be stopped, killed and started."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.postgres = Postgres(folder / "pg", SURVIVES)
        self.valkey = Valkey(folder / "valkey")
        self.proxy = Proxy(folder / "broker.sock", self.valkey.socket)
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.blocker: Any = None
        self.pooler: Pooler | None = None  # between the database and what was started since
        self.small: Path | None = None  # a disk that can be filled, where one can be mounted

    def start(self) -> "Site":
        self.postgres.start().prepare()
        self._onto_a_small_disk()
        self.load(DATABASE)
        self.valkey.start()
        self.proxy.start()
        return self

    def _onto_a_small_disk(self) -> None:
        """Keep the database on a disk of its own that a test can fill, if this machine lets us."""
        disk = self.folder / "disk"
        disk.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=4g", "tmpfs", str(disk)]
        try:
            subprocess.run(mount, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            return
        self.small = disk
        place = disk / "tables"
        place.mkdir()
        self.postgres._hand_over(place)
        self.postgres.sql(f"create tablespace small location '{place}'")
        self.postgres.sql(f'alter database "{DATABASE}" set tablespace small')

    @contextlib.contextmanager
    def full_disk(self) -> Iterator[None]:
        """While it lasts, the database's disk takes not a byte more."""
        assert self.small
        room = shutil.disk_usage(self.small).used + (8 << 20)
        subprocess.run(["mount", "-o", f"remount,size={room}", self.small], check=True)
        ballast = self.small / "ballast"
        try:
            with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
                while True:
                    file.write(b"x" * 65536)
            yield
        finally:
            subprocess.run(["mount", "-o", "remount,size=4g", self.small], check=True)
            ballast.unlink()

    def load(self, database: str) -> None:
        """Fill a database with the tables of this run's template."""
        source = os.environ["DATABASE_OWNER_URL"].replace("/csom?", f"/{os.environ[TEMPLATE]}?")
        dump = subprocess.Popen([binaries() / "pg_dump", source], stdout=subprocess.PIPE)
        into = self.url(OWNER, database)
        command = [binaries() / "psql", "-Xq", "-v", "ON_ERROR_STOP=1", into]
        subprocess.run(command, stdin=dump.stdout, stdout=subprocess.DEVNULL, check=True)
        assert dump.wait() == 0

    def url(self, role: str, database: str = DATABASE) -> str:
        return f"postgres://{role}@/{database}?host={self.postgres.sockets}"

    def environment(self) -> dict[str, str]:
        env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        env |= self.postgres.environment() | {"REDIS_URL": f"redis+socket://{self.proxy.path}"}
        if self.pooler:
            env["DATABASE_URL"] = self.pooler.url(APP_ROLE)
        return env

    def repair(self) -> None:
        """Everything runs and answers promptly. What earlier tests left undone is forgotten."""
        self.proxy.delay = 0.0
        self.postgres.start()
        self.valkey.start()
        self.broker.delete("celery", "unacked", "unacked_index")
        self.postgres.sql("delete from tenants_duejob", database=DATABASE)

    def is_idle(self) -> bool:
        """Every message was read and its work ended."""
        return not self.broker.llen("celery") and not self.broker.hlen("unacked")

    def end_processes(self) -> None:
        for process in self.processes.values():
            stop(process, signal.SIGKILL)
        self.processes.clear()

    def close(self) -> None:
        self.end_processes()
        self.proxy.stop()
        self.valkey.stop()
        self.postgres.stop()
        if self.small:
            subprocess.run(["umount", "--lazy", str(self.small)], check=False)

    # processes

    def run(self, name: str, *command: object) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as log:
            process = spawn(
                [sys.executable, "-m", *command], log, death=signal.SIGKILL, cwd=ROOT,
                env=self.environment(),
            )  # fmt: skip
        self.processes[name] = process
        return process

    def web(self, *more: str) -> None:
        """The web server, joined where it runs."""
        if "web" in self.processes and self.alive("web"):
            return
        (self.folder / "web.sock").unlink(missing_ok=True)
        bind = f"--bind=unix:{self.folder / 'web.sock'}"
        self.run("web", "gunicorn", "csom.wsgi", bind, "--workers=2", "--preload", *more)
        until(lambda: self.try_to("GET", "/livez"), lambda: f"web answers: {self.log('web')}")

    def worker(self) -> None:
        """A worker of two processes that knows the kinds of the tests, joined where it runs."""
        if "worker" in self.processes and self.alive("worker"):
            return
        how = ("worker", "--loglevel=warning", "--concurrency=2", "-I", "tests.faults.kinds")
        self.run("worker", "celery", "-A", "csom.celery", *how)
        until(lambda: len(children(self.processes["worker"].pid)) >= 2, "the worker has children")

    def start_again(self, name: str) -> None:
        """What a supervisor does with a process that died."""
        {"web": self.web, "worker": self.worker}[name]()

    def is_quiet(self) -> bool:
        """No transaction of the application is open."""
        busy = f"select count(*) from pg_stat_activity where usename = '{APP_ROLE}' and "
        return self.postgres.sql(f"{busy} state <> 'idle' and pid <> pg_backend_pid()") == "0"

    def log(self, name: str) -> str:
        path = self.folder / f"{name}.log"
        return path.read_text(errors="replace")[-6000:] if path.exists() else ""

    def alive(self, name: str) -> bool:
        return self.processes[name].poll() is None

    # talking

    def try_to(self, *arguments: Any, **more: Any) -> Answer | None:
        """Ask, and None where nobody answers."""
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.ask(*arguments, **more)
        return None

    def ask(
        self, method: str, path: str, data: Any = None, headers: dict[str, str] | None = None
    ) -> Answer:
        line = Line(self.folder / "web.sock")
        with contextlib.closing(line):
            sent: dict[str, str] = dict(headers or {})
            body: bytes | None = None
            if data is not None and "Authorization" in sent:
                body, sent["Content-Type"] = json.dumps(data).encode(), "application/json"
            elif data is not None:
                body = urlencode(data).encode()
                sent["Content-Type"] = "application/x-www-form-urlencoded"
            line.request(method, path, body, sent)
            answer = line.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read())

    @property
    def broker(self) -> Redis:
        """A line to Valkey itself, past the proxy."""
        return Redis(unix_socket_path=str(self.valkey.socket))

    @contextlib.contextmanager
    def as_database(self, database: str = DATABASE) -> Iterator[None]:
        """Lead Django in this process to the installation's database."""
        before = dict(connection.settings_dict)
        with self.blocker.unblock():
            connection.close()
            connection.settings_dict.update(
                {"NAME": database, "HOST": str(self.postgres.sockets), "PORT": ""}
            )
            try:
                yield
            finally:
                connection.close()
                connection.settings_dict.clear()
                connection.settings_dict.update(before)

    def ring(self, rung: Iterable[Job], times: int = 1) -> None:
        """Send the messages of some jobs."""
        with Connection(f"redis+socket://{self.valkey.socket}") as line:
            for job in rung:
                for _ in range(times):
                    ids = [str(job.tenant_id), str(job.pk)]
                    app.send_task("tenants.run_job", args=ids, connection=line)

    def tick(self) -> None:
        """What the clock does each minute; here as soon as the messages before were read."""
        if self.broker.llen("celery"):
            return
        with Connection(f"redis+socket://{self.valkey.socket}") as line:
            app.send_task("tenants.tick", connection=line)


@contextlib.contextmanager
def site() -> Iterator[Site]:
    """An installation in a folder that goes with it."""
    folder = Path(tempfile.mkdtemp(prefix="csom-site-"))
    folder.chmod(0o755)
    made = Site(folder)
    try:
        yield made.start()
    finally:
        made.close()
        for each in {folder, made.postgres.base}:
            shutil.rmtree(each, ignore_errors=True)


def children(process: int) -> list[int]:
    """The children of a process."""
    try:
        return [
            int(n) for n in Path(f"/proc/{process}/task/{process}/children").read_text().split()
        ]
    except OSError:
        return []


def kill(process: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
