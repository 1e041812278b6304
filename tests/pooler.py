"""PgBouncer in transaction mode, before a database of a test."""

import os
import signal
import subprocess
import time
from pathlib import Path

from csom.devstack import apt
from csom.devstack.process import spawn, stop, unprivileged
from csom.devstack.pytest_plugin import lacking


class Pooler:
    """A pooler to be stopped and started.

    Args:
        folder: short path that an unprivileged user reaches; holds socket, settings and log.
        target: the database in libpq's words, `host=… dbname=… user=…`.
        connections: how many server connections all clients share.
    """

    def __init__(self, folder: Path, target: str, *, connections: int = 1) -> None:
        program = apt.find_or_install(["pgbouncer"], ["pgbouncer"])
        if not program:
            lacking("no PgBouncer: apt-get install pgbouncer")
        assert program
        self.program, self.folder = program, folder
        self.child: subprocess.Popen[bytes] | None = None
        self.settings = folder / "pgbouncer.ini"
        self.settings.write_text(
            f"[databases]\npooled = {target}\n"
            f"[pgbouncer]\nunix_socket_dir = {folder}\nlisten_port = 6432\nlisten_addr =\n"
            f"auth_type = any\npool_mode = transaction\ndefault_pool_size = {connections}\n"
        )
        if identity := unprivileged():
            os.chown(folder, identity["user"], identity["group"])

    def url(self, role: str) -> str:
        return f"postgres://{role}@/pooled?host={self.folder}&port=6432"

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            command = [self.program, self.settings]
            self.child = spawn(command, log, death=signal.SIGKILL, **unprivileged())
        end = time.monotonic() + 10
        while not (self.folder / ".s.PGSQL.6432").exists():
            assert time.monotonic() < end and self.child.poll() is None, self.log()
            time.sleep(0.05)

    def kill(self) -> None:
        """End it at once, with all connections. Joined where it is gone."""
        if self.child:
            stop(self.child, signal.SIGKILL)
        self.child = None
        for left in self.folder.glob(".s.PGSQL.6432*"):
            left.unlink()

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")
