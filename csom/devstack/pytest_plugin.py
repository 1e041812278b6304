"""pytest on real servers: one PostgreSQL per run, one database per worker, cloned from a template.

The template is migrated by the owner and kept until a migration changes. Tests run as the
application's role, which owns nothing and bypasses nothing; `as_owner()` is for what it may not do.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from . import chromium
from .postgres import OWNER, THROW_AWAY, Postgres, major_version
from .process import spawn, stop
from .services import DATA, ROOT
from .valkey import Valkey

IS_WORKER = "PYTEST_XDIST_WORKER" in os.environ
TEMPLATE = "DEVSTACK_TEMPLATE"
ASKS_ONLY = {"-h", "--help", "--version", "-V", "--collect-only", "--co", "--markers", "--fixtures"}
DEFAULTS = {
    "SECRET_KEY": "not-a-secret-for-tests-only-0123456789abcdefghijklmnopqrstuvwxyz",
    "DEBUG": "0",
    "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
    "CSOM_SIGNUP": "open",
    "CSOM_DATA": str(ROOT.parent / "shared" / "data"),
    "CSOM_PASSWORD_HASHERS": "django.contrib.auth.hashers.MD5PasswordHasher",
    "REDIS_URL": "memory://",
    # Sync Playwright leaves an event loop in the thread; the ORM would refuse to work beside it.
    "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
}


class Cluster:
    """The server of this run. A second run in the same checkout gets a throw-away one."""

    def __init__(self) -> None:
        base = DATA / f"testpg-{major_version()}"
        base.mkdir(parents=True, exist_ok=True)
        self.lock: IO[str] = (base / "lock").open("w")
        self.throw_away: Path | None = None
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            base = self.throw_away = Path(tempfile.mkdtemp(prefix="csom-testpg-"))
            base.chmod(0o755)
        self.server = Postgres(base, THROW_AWAY).start()
        self.server.prepare()

    def close(self) -> None:
        self.server.stop()
        if self.throw_away:
            shutil.rmtree(self.throw_away, ignore_errors=True)
        self.lock.close()


cluster: Cluster | None = None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(args: list[str]) -> Iterator[None]:
    """Before the settings are read: start the server and lead them to it."""
    global cluster
    for name, value in DEFAULTS.items():
        os.environ.setdefault(name, value)
    if not IS_WORKER and not os.environ.get("DATABASE_URL") and not ASKS_ONLY & set(args):
        cluster = Cluster()
        os.environ.update(cluster.server.environment())
    os.environ.setdefault("DATABASE_URL", "postgres://csom_app@/csom?host=/nowhere")
    os.environ.setdefault("DATABASE_OWNER_URL", os.environ["DATABASE_URL"])
    return (yield)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="run the long suites as well")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--full"):
        for item in items:
            if item.get_closest_marker("full"):
                item.add_marker(pytest.mark.skip(reason="a long suite: run with --full"))


def pytest_collection_finish(session: pytest.Session) -> None:
    if any(item.get_closest_marker("browser") for item in session.items):
        chromium.find_or_install()


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("data") and not Path(os.environ["CSOM_DATA"]).is_dir():
        pytest.skip("no third-party data: set CSOM_DATA")
    if item.get_closest_marker("browser") and not chromium.find():
        lacking("no Chromium: apt-get install chromium libatomic1")


def lacking(reason: str) -> None:
    """Skip what this machine cannot run; where CI=true nothing may be lacking."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason} (CI=true: nothing may be skipped)", pytrace=False)
    pytest.skip(reason)


def pytest_sessionstart(session: pytest.Session) -> None:
    if cluster is None:
        return
    from django.core.management import call_command
    from pytest_django.plugin import blocking_manager_key

    key, server = _template_key(), cluster.server
    databases = server.sql("select datname from pg_database").split()
    for name in databases:
        if name.startswith(("test_", "template_")) and name != key:
            server.sql(f'drop database if exists "{name}" with (force)')
    if key not in databases:
        draft = f"{key}_draft"
        server.sql(f'create database "{draft}" owner {OWNER}')
        with session.config.stash[blocking_manager_key].unblock(), as_owner(NAME=draft):
            call_command("migrate", verbosity=0, interactive=False)
        server.sql(f'alter database "{draft}" rename to "{key}"')
    os.environ[TEMPLATE] = key  # xdist workers inherit it


def pytest_unconfigure() -> None:
    global cluster
    if cluster:
        cluster.close()
        cluster = None


@contextlib.contextmanager
def as_owner(**settings: Any) -> Iterator[Any]:
    """Reconnect the default connection as the owner: migrations, TRUNCATE between tests."""
    from django.conf import settings as django_settings
    from django.db import connection

    before = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update({**django_settings.DB_OWNER, **settings})
    try:
        yield connection
    finally:
        connection.close()
        connection.settings_dict.clear()
        connection.settings_dict.update(before)


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: Any, django_db_modify_db_settings: None
) -> Iterator[None]:
    """This worker's database. The root conftest imports it: there it wins over pytest-django's."""
    from django import test
    from django.core.management import CommandError
    from django.db import connection
    from django.test.utils import setup_databases, teardown_databases

    made_by_django = None
    with django_db_blocker.unblock():
        if template := os.environ.get(TEMPLATE):
            name = "test_" + os.environ.get("PYTEST_XDIST_WORKER", "main")
            with as_owner(NAME="postgres"), connection.cursor() as cursor:
                cursor.execute(f'drop database if exists "{name}" with (force)')
                cursor.execute(f'create database "{name}" template "{template}"')
        else:  # somebody else's server, from DATABASE_URL
            with as_owner():
                made_by_django = setup_databases(verbosity=0, interactive=False)
                name = connection.settings_dict["NAME"]
        connection.close()
        connection.settings_dict["NAME"] = name

    case: Any = test.TransactionTestCase
    flush = case._fixture_teardown

    def flush_as_owner(self: Any) -> None:
        """Empty the tables; again where a page that is still being answered was in the way."""
        for tries_left in (2, 1, 0):
            try:
                with as_owner():
                    flush(self)
                return
            except CommandError:
                if not tries_left:
                    raise
                time.sleep(0.5)

    case._fixture_teardown = flush_as_owner
    yield
    case._fixture_teardown = flush
    with django_db_blocker.unblock():
        connection.close()
        if made_by_django:
            with as_owner():
                teardown_databases(made_by_django, verbosity=0)


@pytest.fixture
def reachable_path() -> Iterator[Path]:
    """A folder that an unprivileged account can enter, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="csom-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def valkey() -> Iterator[Valkey]:
    """A real Valkey of this worker's own, started on first use."""
    base = Path(tempfile.mkdtemp(prefix="csom-valkey-"))
    server = Valkey(base).start()
    yield server
    server.stop()
    shutil.rmtree(base, ignore_errors=True)


@pytest.fixture
def broker(valkey: Valkey) -> Iterator[Valkey]:
    """Point this process's Celery app at the real Valkey for one test."""
    from csom.celery import app

    before = app.conf.broker_url
    _lead(app, valkey.url)
    yield valkey
    _lead(app, before)


@pytest.fixture
def celery_worker_process(
    broker: Valkey, transactional_db: None, tmp_path: Path
) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """A factory of real worker processes on the test database. They see committed rows only.

    `celery_worker_process("--concurrency=1")` returns once the worker answers; kill it as you like.
    """
    from django.db import connection

    from csom.celery import app

    workers: list[subprocess.Popen[bytes]] = []
    server = f"{os.environ['DATABASE_URL'].partition('?')[0].rpartition('/')[0]}"
    query = os.environ["DATABASE_URL"].partition("?")[2]
    database = f"{server}/{connection.settings_dict['NAME']}" + (f"?{query}" if query else "")
    env = {**os.environ, "REDIS_URL": broker.url, "DATABASE_URL": database}
    # Not a child of xdist's or pytest's settings: a worker reads the environment alone.
    env = {name: value for name, value in env.items() if not name.startswith("PYTEST_")}

    def start(*args: str) -> subprocess.Popen[bytes]:
        name = f"test-{os.getpid()}-{len(workers)}@localhost"
        log = tmp_path / f"worker-{len(workers)}.log"
        command = [sys.executable, "-m", "celery", "-A", "csom.celery", "worker", "-n", name]
        with log.open("wb") as output:
            worker = spawn([*command, *args], output, death=signal.SIGKILL, cwd=ROOT, env=env)
        workers.append(worker)
        end = time.monotonic() + 60
        while time.monotonic() < end and worker.poll() is None:
            if app.control.ping(destination=[name], timeout=0.5):
                return worker
        pytest.fail(f"The worker did not answer:\n{log.read_text()[-3000:]}")

    yield start
    for worker in workers:
        stop(worker, signal.SIGKILL)


def _lead(app: Any, url: str) -> None:
    """Change where a Celery app sends, and forget the connections it already holds."""
    app.conf.broker_url = app.conf.broker_read_url = app.conf.broker_write_url = url
    app._pool = app.amqp._producer_pool = None


def _template_key() -> str:
    """Changes when a migration does, or the code that migrations run."""
    import django
    from django.apps import apps

    sources = [ROOT / "tenants" / "isolation.py"]
    for app in apps.get_app_configs():
        sources += sorted(Path(app.path).glob("migrations/*.py"))
    digest = hashlib.sha256(django.__version__.encode())
    for source in sources:
        if source.exists():
            digest.update(source.name.encode())
            digest.update(source.read_bytes())
    return f"template_{digest.hexdigest()[:12]}"
