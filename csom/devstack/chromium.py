"""Where Chromium is, and how the browser tests start it."""

import fcntl
import os
import shutil
import subprocess
import sys

from .services import DATA

NAMES = ("chromium", "chromium-browser", "google-chrome")
# Nothing leaves the machine: every host name but our own fails to resolve.
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
]


def find() -> str | None:
    """CHROMIUM from the environment, or the first one on the PATH."""
    chosen = os.environ.get("CHROMIUM")
    return chosen or next((path for name in NAMES if (path := shutil.which(name))), None)


def install_where_we_may() -> None:
    """On Debian and Ubuntu as root, fetch Chromium and the library Playwright's driver needs."""
    if find() or os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    with (DATA / "apt.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if find():
            return
        print("Installing Chromium for the browser tests", file=sys.stderr, flush=True)
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        wanted = ["chromium", "libatomic1"]
        for step in (["update", "-qq"], ["install", "-qq", "--no-install-recommends", *wanted]):
            done = subprocess.run(["apt-get", "-y", *step], capture_output=True, text=True, env=env)
            if done.returncode:
                print(f"apt-get {step[0]} failed: {done.stderr[-500:]}", file=sys.stderr)
                return
