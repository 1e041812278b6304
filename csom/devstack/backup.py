"""Backups: everything of every tenant in one file, checked before anybody relies on it.

Both ways go through the owner, whom the tenants' policies do not hold. A dump by the application's
role would fail, or worse, succeed and be empty; so a dump without tenants is refused.
"""

import argparse
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from .postgres import binaries
from .services import DATA, running
from .tables import Tables

TENANTS = "tenants_tenant"
EMPTY = (
    "select not exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace "
    "where n.nspname = 'public' and c.relkind in ('r', 'p'))"
)


def save(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="./run backup")
    parser.add_argument("file", type=Path)
    path: Path = parser.parse_args(arguments).file.absolute()
    draft = path.with_name(f".{path.name}.part")
    with running(broker=False) as env:
        dump = [_tool("pg_dump"), "--format=custom", f"--file={draft}", env["DATABASE_OWNER_URL"]]
        try:
            draft.touch(mode=0o600)
            subprocess.run(dump, check=True)
            counts = checked_counts(draft)
            draft.replace(path)
        except (subprocess.CalledProcessError, Refused) as error:
            print(f"No backup was written: {error}", file=sys.stderr)
            return 1
        finally:
            draft.unlink(missing_ok=True)
    print(_summary(counts, f"are in {path.name}"))
    return 0


def load(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="./run restore")
    parser.add_argument("file", type=Path)
    parser.add_argument("--replace", action="store_true", help="empty the database first")
    options = parser.parse_args(arguments)
    try:
        counts = checked_counts(options.file)
        with running(broker=False) as env:
            restore(options.file, env["DATABASE_OWNER_URL"], replace=options.replace)
            Tables(env["DATABASE_OWNER_URL"], DATA).forget()
    except Refused as error:
        print(f"Nothing was restored: {error}", file=sys.stderr)
        return 1
    print(_summary(counts, "are back") + "\nRun ./run manage migrate if this release is newer.")
    return 0


class Refused(Exception):
    """A file or a database that must not be used as asked."""


def restore(path: Path, database: str, *, replace: bool) -> None:
    psql = [_tool("psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", database]
    is_empty = subprocess.run([*psql, "-c", EMPTY], check=True, capture_output=True, text=True)
    if is_empty.stdout.strip() != "t" and not replace:
        raise Refused("the database is not empty. --replace drops what is in it first")
    # One transaction: either all of the file is in, or the database is as it was.
    into = subprocess.Popen(
        [*psql, "--single-transaction", "--file=-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    assert into.stdin
    if replace:
        into.stdin.write(b"drop owned by current_user cascade;\n")
        into.stdin.flush()
    script = subprocess.run(
        [_tool("pg_restore"), "--no-owner", "--file=-", path], stdout=into.stdin, check=False
    )
    if script.returncode:  # half a script must not be committed
        into.stdin.write(b"\nselect 1 / 0 as the_file_is_damaged;\n")
    into.stdin.close()
    if into.wait() or script.returncode:
        raise Refused("PostgreSQL refused it; the database is as it was")


def checked_counts(path: Path) -> dict[str, int]:
    """Rows per table in the file. Raises Refused where there are no tenants."""
    counts: Counter[str] = Counter()
    for (table, _), rows in rows_of(path).items():
        counts[table] += rows
    if not counts.get(TENANTS):
        raise Refused("there is no tenant in it, so it is no backup of this product")
    return counts


def rows_of(path: Path) -> Counter[tuple[str, str]]:
    """Rows in a dump by (table, tenant); the tenant is empty where the table knows none."""
    command = [_tool("pg_restore"), "--data-only", "--file=-", str(path)]
    counts: Counter[tuple[str, str]] = Counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE) as listing:
        assert listing.stdout
        table, place = "", -1
        for line in listing.stdout:
            if not table:
                if line.startswith(b"COPY public."):
                    named, _, rest = line.decode().removeprefix("COPY public.").partition(" (")
                    columns = rest.partition(")")[0].split(", ")
                    table = named
                    place = columns.index("tenant_id") if "tenant_id" in columns else -1
                    counts[table, ""] += 0
            elif line == b"\\.\n":
                table = ""
            else:
                counts[table, line.split(b"\t")[place].decode().strip() if place >= 0 else ""] += 1
    if listing.returncode or table:
        raise Refused(f"{path.name} is not a readable dump")
    return counts


def _summary(counts: dict[str, int], where: str) -> str:
    return (
        f"{counts[TENANTS]} tenants, {sum(counts.values()):,} rows in {len(counts)} tables {where}."
    )


def _tool(name: str) -> str:
    return str(binaries() / name)
