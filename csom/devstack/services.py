"""The servers a command needs, and the environment that leads Django to them."""

import contextlib
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .postgres import LASTING, Postgres, major_version
from .valkey import Valkey

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / ".data"


@contextmanager
def running(*, broker: bool = True) -> Iterator[dict[str, str]]:
    """The environment for children, with the development servers up for as long as it is held.

    Servers that the environment already names are left to whoever runs them; servers that
    `./run up` holds open are joined.
    """
    DATA.mkdir(exist_ok=True)
    env = {**settings(), **os.environ}
    started: list[Postgres | Valkey] = []
    try:
        if not env.get("DATABASE_URL"):
            postgres = Postgres(DATA / f"pg-{major_version()}", LASTING)
            started.append(postgres)
            postgres.start().prepare()
            env |= postgres.environment()
        if broker and not env.get("REDIS_URL"):
            valkey = Valkey(DATA / "valkey")
            started.append(valkey)
            env |= valkey.start().environment()
        env.setdefault("DATABASE_OWNER_URL", env["DATABASE_URL"])
        yield env
    finally:
        for server in reversed(started):
            server.stop()


def settings() -> dict[str, str]:
    """What development sets where the user did not."""
    return {
        "DJANGO_SETTINGS_MODULE": "csom.settings",
        "SECRET_KEY": _secret_key(),
        "DEBUG": "1",
        "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1]",
        "CSOM_SIGNUP": "open",
        "CSOM_DATA": str(ROOT.parent / "shared" / "data"),
    }


def _secret_key() -> str:
    """One key per checkout, so that a restart signs nobody out. Whoever links it first wins."""
    path = DATA / "secret-key"
    if not path.exists():
        DATA.mkdir(exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=DATA) as draft:  # made for its owner's eyes only
            draft.write(secrets.token_urlsafe(50))
            draft.flush()
            with contextlib.suppress(FileExistsError):
                path.hardlink_to(draft.name)
    return path.read_text()
