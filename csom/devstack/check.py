"""`./run check`: every check that needs no test run, one line each.

Besides the tools below, each module of `csom/checks/` with a `main() -> int` is a step.
"""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .services import ROOT, settings

PYTHON = [sys.executable, "-m"]
MANAGE = [sys.executable, "manage.py"]
TOOLS = {
    "format": [*PYTHON, "ruff", "format", "--check", "."],
    "lint": [*PYTHON, "ruff", "check", "."],
    "types": [*PYTHON, "mypy"],
    "imports": [str(Path(sys.executable).with_name("lint-imports"))],
    "django": [*MANAGE, "check", "--fail-level=WARNING"],
    "migrations": [*MANAGE, "makemigrations", "--check", "--dry-run"],
    "openapi": [*MANAGE, "spectacular", "--validate", "--fail-on-warn", f"--file={os.devnull}"],
}


def main(arguments: Sequence[str]) -> int:
    """All steps, or only those named."""
    steps = {**TOOLS, **_modules()}
    if unknown := set(arguments) - steps.keys():
        print(f"No such check: {', '.join(sorted(unknown))}. There are: {', '.join(steps)}.")
        return 2
    chosen = {name: line for name, line in steps.items() if not arguments or name in arguments}
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        results = list(pool.map(_step, chosen, chosen.values()))
    failed = [name for name, is_good in zip(chosen, results, strict=True) if not is_good]
    if failed:
        print(f"FAILED: {', '.join(failed)} ({len(chosen) - len(failed)} of {len(chosen)} passed)")
        return 1
    print(f"All {len(chosen)} checks passed: {', '.join(chosen)}")
    return 0


def _modules() -> dict[str, list[str]]:
    found = sorted((ROOT / "csom" / "checks").glob("[a-z]*.py"))
    return {
        path.stem: [sys.executable, "-m", f"csom.checks.{path.stem}"]
        for path in found
        if "\ndef main(" in path.read_text()
    }


def _step(name: str, command: list[str]) -> bool:
    begun = time.monotonic()
    env = {"DATABASE_URL": "postgres://csom_app@/csom?host=/nowhere", **settings(), **os.environ}
    env |= {"PYTHONWARNINGS": "ignore::RuntimeWarning", "REDIS_URL": "memory://"}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    is_good = done.returncode == 0
    line = f"{'ok  ' if is_good else 'FAIL'} {name:12} {time.monotonic() - begun:5.1f} s\n"
    shown = "" if is_good else f"{done.stdout}{done.stderr}\n"
    print(line + shown, end="", flush=True)
    return is_good
