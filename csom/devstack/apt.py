"""Tools that no wheel brings: found on the PATH, or fetched with apt where we may."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

from .services import DATA


def find(names: Sequence[str]) -> str | None:
    """The first of several names that is on the PATH, where the system's own tools count too."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin"])
    return next((found for name in names if (found := shutil.which(name, path=path))), None)


def find_or_install(names: Sequence[str], packages: Sequence[str]) -> str | None:
    """As root on Debian and Ubuntu, fetch what is missing. None where that is not ours to do."""
    if (found := find(names)) or os.geteuid() != 0 or not shutil.which("apt-get"):
        return found
    with (DATA / "apt.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if found := find(names):  # another worker was faster
            return found
        print(f"Installing {' '.join(packages)} for the tests", file=sys.stderr, flush=True)
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for step in (["update"], ["install", "--no-install-recommends", *packages]):
            done = subprocess.run(
                ["apt-get", "-y", "-qq", *step], capture_output=True, text=True, env=env
            )
            if done.returncode:
                print(f"apt-get {step[0]} failed: {done.stderr[-500:]}", file=sys.stderr)
                return None
    return find(names)
