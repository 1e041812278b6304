"""Processes that a test starts and looks for afterwards."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def living() -> Callable[[Path], list[int]]:
    """The processes whose command line names a folder."""

    def find(folder: Path) -> list[int]:
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                try:
                    command = (entry / "cmdline").read_bytes()
                except OSError:
                    continue
                if str(folder).encode() in command:
                    found.append(int(entry.name))
        return found

    return find


@pytest.fixture
def gone(living: Callable[[Path], list[int]]) -> Callable[[Path], bool]:
    """Wait until no process names a folder any more."""

    def wait(folder: Path) -> bool:
        end = time.monotonic() + 10
        while time.monotonic() < end:
            if not living(folder):
                return True
            time.sleep(0.05)
        return False

    return wait


@pytest.fixture
def family() -> Callable[[int], list[int]]:
    """A process and all its descendants."""

    def find(root: int) -> list[int]:
        children: dict[int, list[int]] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and (parent := _parent(entry)) is not None:
                children.setdefault(parent, []).append(int(entry.name))
        found = [root]
        for process in found:
            found += children.get(process, [])
        return found

    return find


@pytest.fixture
def ended() -> Callable[[list[int]], bool]:
    """Wait until every one of some processes has ended."""

    def wait(processes: list[int]) -> bool:
        end = time.monotonic() + 20
        while time.monotonic() < end:
            if not any(_parent(Path(f"/proc/{process}")) is not None for process in processes):
                return True
            time.sleep(0.05)
        return False

    return wait


def _parent(entry: Path) -> int | None:
    """The parent of a living process; None for one that ended, waited for or not."""
    try:
        state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return None
    return None if state == "Z" else int(parent)
