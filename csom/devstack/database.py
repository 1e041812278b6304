"""Commands on the development database: manage.py, a shell, psql."""

import sys
from collections.abc import Sequence

from .postgres import binaries
from .process import run_attached
from .services import ROOT, running


def manage(arguments: Sequence[str]) -> int:
    """manage.py with the servers up; Ctrl-C belongs to the child."""
    with running() as env:
        return run_attached([sys.executable, "manage.py", *arguments], env, ROOT)


def shell(arguments: Sequence[str]) -> int:
    return manage(["shell", *arguments])


def psql(arguments: Sequence[str]) -> int:
    """psql as the owner, who sees every tenant."""
    with running(broker=False) as env:
        command = [binaries() / "psql", env["DATABASE_OWNER_URL"], *arguments]
        return run_attached(command, env, ROOT)
