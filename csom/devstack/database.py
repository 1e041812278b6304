"""Commands on the development database: manage.py, a shell, psql."""

import subprocess
import sys
from collections.abc import Sequence

from .postgres import binaries
from .services import ROOT, running


def manage(arguments: Sequence[str]) -> int:
    """manage.py with the servers up; Ctrl-C belongs to the child."""
    with running() as env:
        return _attached([sys.executable, "manage.py", *arguments], env)


def shell(arguments: Sequence[str]) -> int:
    return manage(["shell", *arguments])


def psql(arguments: Sequence[str]) -> int:
    """psql as the owner, who sees every tenant."""
    with running(broker=False) as env:
        return _attached([str(binaries() / "psql"), env["DATABASE_OWNER_URL"], *arguments], env)


def _attached(command: list[str], env: dict[str, str]) -> int:
    """Run on our terminal and outlive Ctrl-C, so that the servers stop after the child."""
    child = subprocess.Popen(command, cwd=ROOT, env=env)
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:
            continue
