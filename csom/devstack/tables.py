"""Whether the development database needs migrating, found out without starting Django."""

import hashlib
import subprocess
from pathlib import Path

from .postgres import binaries
from .services import ROOT

ELSEWHERE = ("requirements.lock", "tenants/grants.py", "tenants/isolation.py")
COMPANIES = 2
APPLIED = "select app || '.' || name from django_migrations"


class Tables:
    """The tables behind one address, seen by their owner."""

    def __init__(self, url: str, notes: Path) -> None:
        self.url = url
        self.note = notes / f"migrated-{hashlib.sha256(url.encode()).hexdigest()[:10]}"

    def are_current(self) -> bool:
        """Every migration here is applied, and what others' migrations come with is unchanged."""
        if not self.note.exists() or self.note.read_text() != _digest():
            return False
        applied = self._ask(APPLIED).split()
        files = ROOT.glob("*/migrations/[0-9]*.py")
        return {f"{file.parents[1].name}.{file.stem}" for file in files} <= set(applied)

    def note_current(self) -> None:
        self.note.write_text(_digest())

    def forget(self) -> None:
        """After the tables were exchanged, the next start migrates."""
        self.note.unlink(missing_ok=True)

    def may_lack_demo(self) -> bool:
        """Fewer tenants than the demo has; whether they are part of it, its command knows."""
        return int(self._ask("select count(*) from tenants_tenant")) < COMPANIES

    def _ask(self, question: str) -> str:
        command = [str(binaries() / "psql"), "-XAtq", self.url, "-c", question]
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()


def _digest() -> str:
    digest = hashlib.sha256()
    for name in ELSEWHERE:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()
