"""Children that die with us, even when we are killed outright."""

import ctypes
import hashlib
import os
import pwd
import signal
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

APP = "csom"
SOCKET_DIR_MAX = 85  # a socket's whole path ends at 107 bytes on Linux, 103 on macOS
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if os.uname().sysname == "Linux" else None


def unprivileged() -> dict[str, Any]:
    """How to start what refuses uid 0: as `nobody`, who exists on every Debian and Ubuntu."""
    if os.geteuid() != 0:
        return {}
    account = pwd.getpwnam(os.environ.get("DEVSTACK_RUN_AS", "nobody"))
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def spawn(
    args: Sequence[object],
    output: IO[bytes] | int | None,
    *,
    death: int = signal.SIGTERM,
    cwd: str | Path = "/",
    env: dict[str, str] | None = None,
    **identity: Any,
) -> subprocess.Popen[bytes]:
    """Start a child that gets the signal `death` when this process ends, however it ends.

    Call it from the main thread: the kernel watches the thread that forked.
    """
    return subprocess.Popen(
        [str(arg) for arg in args],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        preexec_fn=_die_with_parent(death),
        cwd=cwd,
        env=env,
        **identity,
    )


def run_attached(args: Sequence[object], env: dict[str, str], cwd: Path) -> int:
    """Run a child on our own terminal. Ctrl-C is the child's to answer; we wait for its end."""
    child = subprocess.Popen(
        [str(arg) for arg in args],
        preexec_fn=_die_with_parent(signal.SIGTERM, own_group=False),
        cwd=cwd,
        env=env,
    )
    while True:
        with suppress(KeyboardInterrupt):
            return child.wait()


def stop(child: subprocess.Popen[bytes] | None, how: int, *, patience: float = 10) -> None:
    """Ask politely, wait, then kill the child's whole group."""
    if child is None:
        return
    if child.poll() is None:
        child.send_signal(how)
        with suppress(subprocess.TimeoutExpired):
            child.wait(patience)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def socket_dir(base: Path, *, owner: int | None = None) -> Path:
    """A private folder for sockets: under `base`, or elsewhere when that path is too long."""
    wanted = base / "run"
    if len(str(wanted)) > SOCKET_DIR_MAX:
        shared = "/run" if os.geteuid() == 0 else os.environ.get("XDG_RUNTIME_DIR")
        digest = hashlib.sha256(str(base).encode()).hexdigest()[:10]
        wanted = Path(shared or tempfile.gettempdir()) / f"{APP}-{os.getuid()}-{digest}"
    wanted.mkdir(mode=0o700, parents=True, exist_ok=True)
    if wanted.is_symlink() or wanted.lstat().st_uid not in {os.geteuid(), owner}:
        raise SystemExit(f"{wanted} belongs to someone else")
    return wanted


def _die_with_parent(death: int, *, own_group: bool = True) -> Callable[[], None]:
    parent = os.getpid()

    def in_the_child() -> None:  # after the change of user, before exec
        if _libc is not None:
            _libc.prctl(PR_SET_PDEATHSIG, death)
            if os.getppid() != parent:
                os._exit(1)
        if own_group:
            os.setpgid(0, 0)  # Ctrl-C in the terminal reaches the parent only

    return in_the_child
