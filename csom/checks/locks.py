"""Both locks are hashed and agree, and every dependency of pyproject.toml is in them."""

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PIN = re.compile(r"^([a-z0-9._-]+)==(\S+?)(?: ;.*)? \\$", re.MULTILINE)
NAME = re.compile(r"^[A-Za-z0-9._-]+")


def main() -> int:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    whole = (ROOT / "requirements.lock").read_text()
    image = (ROOT / "docker" / "requirements.lock").read_text()
    found = list(findings(project, whole, image))
    print("\n".join(found))
    return 1 if found else 0


def findings(project: dict[str, object], whole: str, image: str) -> Iterator[str]:
    everything, shipped = set(PIN.findall(whole)), set(PIN.findall(image))
    for name, version in sorted(shipped - everything):
        yield f"docker/requirements.lock has {name} {version}, requirements.lock has not"
    names = {name for name, _ in shipped}
    for wanted in project["project"]["dependencies"]:  # type: ignore[index]
        name = NAME.findall(wanted)[0].lower()
        if name not in names:
            yield f"{name} is not in docker/requirements.lock: ./run lock"
    names = {name for name, _ in everything}
    for wanted in project["dependency-groups"]["dev"]:  # type: ignore[index]
        if isinstance(wanted, str) and NAME.findall(wanted)[0].lower() not in names:
            yield f"{wanted} is not in requirements.lock: ./run lock"


if __name__ == "__main__":
    sys.exit(main())
