"""PostgreSQL and Valkey stopped, killed, full and slow while people and programs go on."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.db import connection
from django.utils import timezone

from csom.devstack.postgres import APP_ROLE, DATABASE
from tenants.jobs import later
from tenants.models import Job
from tenants.scope import act_for
from tests.faults import kinds
from tests.faults.load import Load
from tests.faults.site import PATIENCE, Site, until
from tests.faults.world import World
from tests.pooler import Pooler

END_ALL = f"select pg_terminate_backend(pid) from pg_stat_activity where usename = '{APP_ROLE}'"


@pytest.fixture
def soon(request: pytest.FixtureRequest) -> float:
    """Seconds within which all is well again; more where a run shares its machine."""
    return 60 if request.config.getoption("--full") else PATIENCE


@pytest.fixture
def outage(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Let a server be away for a while: ten minutes in the long run."""
    yield lambda: time.sleep(600 if request.config.getoption("--full") else 1)


@pytest.fixture
def pooler(installation: Site, reachable_path: Path) -> Iterator[Pooler]:
    """The installation's web server and worker reach the database through PgBouncer."""
    where = f"host={installation.postgres.sockets} dbname={DATABASE} user={APP_ROLE}"
    installation.pooler = Pooler(reachable_path, where, connections=8)
    installation.pooler.start()
    installation.end_processes()  # those that are started from now on go through it
    yield installation.pooler
    installation.end_processes()
    installation.pooler.kill()
    installation.pooler = None


@pytest.fixture
def load(installation: Site) -> Iterator[Load]:
    """Load on a running site, whose web server and worker must live through it."""
    installation.web()
    installation.worker()
    before = {name: one.pid for name, one in installation.processes.items()}
    made = Load(installation, World(f"load-{time.monotonic_ns()}"))
    with made:
        made.goes_on(patience=PATIENCE)
        yield made
    made.check()
    for name in ("web", "worker"):
        assert installation.alive(name), installation.log(name)
        assert before[name] == installation.processes[name].pid


def works(site: Site, load: Load, patience: float) -> None:
    """A job queued now is done by the worker that has been there all the time."""
    tenant = load.world.tenant
    connection.close()
    with act_for(tenant.pk):
        later(kinds.once, key=str(time.monotonic_ns()), now=timezone.now())

    def is_done() -> bool:
        site.tick()
        time.sleep(0.5)
        with act_for(tenant.pk):
            return not Job.objects.filter(kind="test.once").exclude(state="done").exists()

    until(is_done, lambda: f"the worker works: {site.log('worker')}", patience=patience)


@pytest.mark.case("A4", "A5")
def test_postgres_stopped_and_started(
    installation: Site, load: Load, soon: float, outage: Any
) -> None:
    installation.postgres.stop()
    load.is_refused()
    assert installation.ask("GET", "/livez").status == 200
    assert installation.ask("GET", "/readyz").status == 503
    outage()
    installation.postgres.start()
    load.goes_on(patience=soon)
    assert installation.ask("GET", "/readyz").status == 200
    works(installation, load, soon)


@pytest.mark.case("A4")
def test_postgres_killed(installation: Site, load: Load, soon: float) -> None:
    server = installation.postgres
    process = server.child
    assert process is not None
    os.kill(int(server.sql("select pid from pg_stat_activity where usename = 'csom_app' limit 1")),
            signal.SIGKILL)  # fmt: skip
    until(server.answers, "the server recovers by itself")
    load.goes_on(patience=soon)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    load.is_refused()
    until(lambda: starts(installation), "the killed server starts again")
    load.goes_on(patience=soon)
    works(installation, load, soon)


def starts(site: Site) -> bool:
    """Start it; what the killed one left may hold it up for a moment."""
    with contextlib.suppress(SystemExit):
        site.postgres.start()
        return True
    return False


@pytest.mark.case("A13")
def test_a_pooler_killed_and_started(
    installation: Site, pooler: Pooler, load: Load, soon: float
) -> None:
    pooler.kill()
    load.is_refused()
    assert installation.ask("GET", "/livez").status == 200
    assert installation.ask("GET", "/readyz").status == 503
    pooler.start()
    load.goes_on(patience=soon)
    assert installation.ask("GET", "/readyz").status == 200
    works(installation, load, soon)


@pytest.mark.case("A14")
def test_every_connection_in_use(installation: Site, load: Load, soon: float) -> None:
    held: list[Any] = []
    for _ in range(3):  # whoever was connected is ended, and finds every place taken
        installation.postgres.sql(END_ALL)
        with contextlib.suppress(psycopg2.OperationalError):
            while True:
                held.append(psycopg2.connect(installation.url("csom_owner")))
    load.is_refused()
    for line in held:
        line.close()
    load.goes_on(patience=soon)


@pytest.mark.case("A6")
def test_a_database_that_takes_reads_only(installation: Site, load: Load, soon: float) -> None:
    alter = f"alter role {APP_ROLE} set default_transaction_read_only ="
    installation.postgres.sql(f"{alter} on; ")
    try:
        installation.postgres.sql(END_ALL)
        load.is_refused()
        read = load.read
        until(lambda: load.read > read + 2, "pages are read")
    finally:
        installation.postgres.sql(f"{alter} off")
        installation.postgres.sql(END_ALL)
    load.goes_on(patience=soon)


@pytest.mark.case("A8")
def test_a_full_disk(installation: Site, load: Load, soon: float) -> None:
    if installation.small is None:
        pytest.skip("a small disk cannot be mounted here")
    with installation.full_disk():
        load.is_refused()
        read = load.read
        until(lambda: load.read > read + 2, "pages are read")
    load.goes_on(patience=soon)
    works(installation, load, soon)


@pytest.mark.case("A10")
def test_valkey_stopped_and_started(
    installation: Site, load: Load, soon: float, outage: Any
) -> None:
    installation.valkey.stop()
    load.goes_on(patience=PATIENCE)
    with act_for(load.world.tenant.pk):
        later(kinds.once, key="meanwhile", now=timezone.now())
    outage()
    installation.valkey.start()
    works(installation, load, soon)


@pytest.mark.case("A9")
def test_valkey_emptied(installation: Site, load: Load, soon: float) -> None:
    installation.broker.flushall()
    load.goes_on(patience=soon)
    works(installation, load, soon)


@pytest.mark.case("A11")
def test_valkey_without_memory(installation: Site, load: Load, soon: float) -> None:
    installation.broker.config_set("maxmemory", 1)
    try:
        load.goes_on(patience=PATIENCE)
        with act_for(load.world.tenant.pk):
            later(kinds.once, key="meanwhile", now=timezone.now())
    finally:
        installation.broker.config_set("maxmemory", "256mb")
    works(installation, load, soon)


@pytest.mark.case("A12")
def test_valkey_that_answers_after_five_seconds(
    installation: Site, load: Load, soon: float
) -> None:
    installation.proxy.delay = 5.0
    load.goes_on(patience=PATIENCE)
    installation.proxy.delay = 0.0
    works(installation, load, soon)
