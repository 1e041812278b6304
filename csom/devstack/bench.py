"""`./run bench`: the benchmarks, on a database of their own that is dropped afterwards."""

import os
import sys
from collections.abc import Sequence

from .postgres import LASTING, Postgres, major_version
from .process import run_attached
from .services import DATA, ROOT, settings
from .valkey import Valkey

# The cluster is apart from the demo's, so that neither disturbs the other's caches.
SETTINGS = {**LASTING, "shared_buffers": "1GB", "max_wal_size": "4GB", "work_mem": "64MB"}


def main(arguments: Sequence[str]) -> int:
    DATA.mkdir(exist_ok=True)
    name = f"bench_{os.getpid()}"
    postgres = Postgres(DATA / f"benchpg-{major_version()}", SETTINGS)
    valkey = Valkey(DATA / "benchvalkey")
    try:
        postgres.start().prepare(name)
        env = {**settings(), **os.environ, **postgres.environment(name)}
        env |= {**valkey.start().environment(), "DEBUG": "0"}
        env["BENCH_POSTGRES_PID"] = str(postgres.child.pid if postgres.child else "")
        migrate = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
        if failed := run_attached(migrate, env, ROOT):
            return failed
        return run_attached([sys.executable, "-m", "bench", *arguments], env, ROOT)
    finally:
        if postgres.answers():
            postgres.sql(f'drop database if exists "{name}" with (force)')
        postgres.stop()
        valkey.stop()
