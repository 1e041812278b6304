"""Where Chromium is, and how the browser tests start it."""

import os

from . import apt

NAMES = ("chromium", "chromium-browser", "google-chrome")
PACKAGES = ("chromium", "libatomic1")  # the library is for Playwright's driver
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
    return os.environ.get("CHROMIUM") or apt.find(NAMES)


def find_or_install() -> str | None:
    return find() or apt.find_or_install(NAMES, PACKAGES)
