"""The drill: a backup restored into a server of its own, and looked at as one would after a loss.

A backup counts when this passed. It needs nothing but the file: no settings, no running servers.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from .backup import Refused, checked_counts, restore, rows_of
from .postgres import DATABASE, THROW_AWAY, Postgres
from .services import ROOT, settings


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="./run drill")
    parser.add_argument("file", type=Path)
    path: Path = parser.parse_args(arguments).file.absolute()
    folder = Path(tempfile.mkdtemp(prefix="csom-drill-"))
    folder.chmod(0o755)
    server, begun = Postgres(folder, THROW_AWAY), time.monotonic()
    try:
        counts = checked_counts(path)
        server.start().prepare()
        restore(path, server.environment(DATABASE)["DATABASE_OWNER_URL"], replace=False)
        took = time.monotonic() - begun
        _compare(server, path)
        _look(server)
    except (Refused, OSError) as error:
        print(f"The drill failed: {error}", file=sys.stderr)
        return 1
    finally:
        server.stop()
        for each in {folder, server.base}:
            shutil.rmtree(each, ignore_errors=True)
    print(
        f"{path.name} is a backup: {sum(counts.values()):,} rows came back in {took:.0f} s and "
        "are those of each tenant, tenants are kept apart, and each one's first page opens."
    )
    return 0


def _compare(server: Postgres, path: Path) -> None:
    """Each tenant has as many rows in each table as it had when the file was written."""
    for (table, tenant), rows in rows_of(path).items():
        where = f" where tenant_id = '{tenant}'" if tenant else ""
        if not tenant and rows == 0:
            continue
        here = int(server.sql(f'select count(*) from "{table}"{where}', database=DATABASE))
        if here != rows:
            whose = f" of tenant {tenant}" if tenant else ""
            raise Refused(f"{table} has {here:,} rows{whose} and the file {rows:,}")


def _look(server: Postgres) -> None:
    """Have the product itself look, as the application's role."""
    environment = {**settings(), **server.environment(DATABASE), "DEBUG": "0"}
    command = [sys.executable, "-m", "csom.devstack.restored"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Refused(done.stdout.strip() or done.stderr[-2000:])
