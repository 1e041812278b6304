"""Nothing in the repository names a package registry's host or a folder of somebody's machine."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Spelled in pieces, so that this file does not find itself.
FORBIDDEN = {
    "a registry's host": re.compile(
        r"(py"
        r"pi\.org|python"
        r"hosted\.org|npm"
        r"js\.(org|com)|doc"
        r"ker\.io|gh"
        r"cr\.io"
        r"|qu"
        r"ay\.io|jsde"
        r"livr\.net|unp"
        r"kg\.com|cd"
        r"njs\.com)"
    ),
    "an absolute home path": re.compile(
        r"(/ho" r"me/[a-z]|/ro" r"ot/|/Us" r"ers/[A-Za-z]|[A-Z]:\\Us" r"ers\\)"
    ),
}
BINARY = {".png", ".jpg", ".ico", ".woff", ".woff2", ".xlsx", ".gz", ".zip", ".pdf"}


def main() -> int:
    found = list(findings())
    print("\n".join(found))
    return 1 if found else 0


def findings() -> Iterator[str]:
    """One line per place that should not be there."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    for name in listed.stdout.decode().split("\0"):
        path = ROOT / name
        if name and path.is_file() and path.suffix not in BINARY:
            yield from lines_of(name, path.read_text(errors="replace"))


def lines_of(name: str, text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), 1):
        for what, pattern in FORBIDDEN.items():
            if pattern.search(line):
                yield f"{name}:{number}: {what}: {line.strip()[:120]}"


if __name__ == "__main__":
    sys.exit(main())
