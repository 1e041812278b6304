"""The embedded servers: they start anywhere, as anybody, and nothing outlives its parent."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg2
import pytest
import redis

from csom.devstack import services
from csom.devstack.postgres import APP_ROLE, OWNER, THROW_AWAY, Postgres
from csom.devstack.process import socket_dir
from csom.devstack.services import ROOT
from csom.devstack.valkey import Valkey

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
PARENT = """
import sys, time
from pathlib import Path
from csom.devstack.postgres import THROW_AWAY, Postgres
from csom.devstack.valkey import Valkey
base = Path(sys.argv[1])
Postgres(base / "pg", THROW_AWAY).start().prepare()
Valkey(base / "valkey").start()
print("up", flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_no_server_outlives_its_parent(
    reachable_path: Path,
    living: Callable[[Path], list[int]],
    gone: Callable[[Path], bool],
    how: signal.Signals,
) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(reachable_path)], stdout=subprocess.PIPE, cwd=ROOT
    )
    assert parent.stdout and parent.stdout.readline() == b"up\n"
    assert len(living(reachable_path)) >= 3
    parent.send_signal(how)
    parent.wait()
    assert gone(reachable_path)


def test_the_server_is_not_root_and_speaks_on_a_private_socket_only(reachable_path: Path) -> None:
    server = Postgres(reachable_path / "pg", THROW_AWAY).start()
    try:
        assert server.child
        assert Path(f"/proc/{server.child.pid}").stat().st_uid != 0
        assert server.sql("show listen_addresses") == ""
        assert server.sockets.stat().st_mode & 0o777 == 0o700
    finally:
        server.stop()


def test_a_folder_nobody_may_enter_is_left_as_it_is(tmp_path: Path) -> None:
    hidden = tmp_path / "hidden"
    hidden.mkdir(mode=0o700)
    server = Postgres(hidden / "pg", THROW_AWAY)
    try:
        server.start()
        assert server.answers()
        assert hidden.stat().st_mode & 0o777 == 0o700
    finally:
        server.stop()
        if server.base != hidden / "pg":
            shutil.rmtree(server.base)


def test_the_two_roles_have_no_power_over_policies(reachable_path: Path) -> None:
    server = Postgres(reachable_path / "pg", THROW_AWAY).start()
    try:
        server.prepare()
        server.prepare()
        powers = server.sql(
            "select rolname, rolsuper, rolbypassrls, rolcreaterole from pg_roles "
            f"where rolname in ('{OWNER}', '{APP_ROLE}') order by 1"
        )
        assert powers.split() == [f"{APP_ROLE}|f|f|f", f"{OWNER}|f|f|f"]
        connection = psycopg2.connect(server.environment()["DATABASE_URL"])
        with contextlib.closing(connection), connection.cursor() as cursor:
            cursor.execute("select current_user, current_database()")
            assert cursor.fetchone() == (APP_ROLE, "csom")
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute("create table public.mine ()")
    finally:
        server.stop()


def test_a_second_start_joins_the_running_server_and_leaves_it_alone(reachable_path: Path) -> None:
    first = Postgres(reachable_path / "pg", THROW_AWAY).start()
    try:
        second = Postgres(reachable_path / "pg", THROW_AWAY).start()
        assert second.child is None
        second.stop()
        assert first.answers()
    finally:
        first.stop()
    assert not first.answers()


def test_rows_survive_a_killed_server(reachable_path: Path) -> None:
    server = Postgres(reachable_path / "pg", {}).start()
    server.sql("create table kept as select 7 as number")
    assert server.child
    os.killpg(server.child.pid, signal.SIGKILL)
    server.stop()
    again = Postgres(reachable_path / "pg", {}).start()
    try:
        assert again.sql("select number from kept") == "7"
    finally:
        again.stop()


def test_valkey_answers_on_a_socket_for_its_user_only(valkey: Valkey) -> None:
    assert valkey.socket.stat().st_mode & 0o777 == 0o700
    client = redis.Redis(unix_socket_path=str(valkey.socket))
    assert client.ping()
    assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    assert client.config_get("port") == {"port": "0"}


def test_a_deep_folder_gets_its_sockets_elsewhere(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 100)
    sockets = socket_dir(deep)
    try:
        assert len(str(sockets)) < 86
        assert socket_dir(deep) == sockets
        assert socket_dir(tmp_path / ("y" * 100)) != sockets
    finally:
        sockets.rmdir()


def test_a_socket_folder_of_somebody_else_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "run").mkdir()
    monkeypatch.setattr("os.geteuid", lambda: 4711)
    with pytest.raises(SystemExit, match="belongs to someone else"):
        socket_dir(tmp_path)


def test_many_threads_of_a_fresh_checkout_agree_on_one_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "DATA", tmp_path / "data")
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: services.settings()["SECRET_KEY"], range(64)))
    assert len(keys) == 1 and keys == {(tmp_path / "data" / "secret-key").read_text()}
    assert (tmp_path / "data" / "secret-key").stat().st_mode & 0o777 == 0o600
    assert len(list((tmp_path / "data").iterdir())) == 1
