"""The compose file is valid, and what it refers to exists: services, volumes, files, settings."""

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "docker-compose.yml"
DOCKERFILE = ROOT / "Dockerfile"
OPERATIONS = ROOT / "docs" / "operations.md"
SETTINGS = ROOT / "csom" / "settings.py"
READ = re.compile(r"\b(?:text|flag|words)\(\s*\"([A-Z_]+)\"")
VARIABLE = re.compile(r"\$\{([A-Z_]+)[:}]")
OLDEST = {"postgres": 15, "valkey": 7}


def main() -> int:
    schema = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    is_valid = subprocess.run([*schema, str(COMPOSE)]).returncode == 0
    found = [
        *of_compose(COMPOSE.read_text()),
        *of_dockerfile(DOCKERFILE.read_text()),
        *undescribed(READ.findall(SETTINGS.read_text())),
    ]
    print("\n".join(found))
    return 0 if is_valid and not found else 1


def of_compose(text: str) -> Iterator[str]:
    """What the schema cannot see."""
    content: dict[str, Any] = YAML(typ="safe").load(text)
    services = content["services"]
    for name, service in services.items():
        for other, needs in _dependencies(service).items():
            if other not in services:
                yield f"{name} depends on {other}, which is no service"
            elif needs == "service_healthy" and "healthcheck" not in services[other]:
                yield f"{name} waits for {other} to be healthy, which has no health check"
        for mount in service.get("volumes", []):
            source = mount.partition(":")[0]
            if source.startswith("."):
                if not (ROOT / source).exists():
                    yield f"{name} mounts {source}, which does not exist"
            elif source not in content.get("volumes", {}):
                yield f"{name} mounts the volume {source}, which is not declared"
        for network in service.get("networks", []):
            if network not in content.get("networks", {}):
                yield f"{name} is on the network {network}, which is not declared"
        yield from _image(name, service.get("image", ""))
    yield from undescribed(VARIABLE.findall(text))


def undescribed(variables: Iterable[str]) -> Iterator[str]:
    """Settings that docs/operations.md does not tell about."""
    described = OPERATIONS.read_text()
    for variable in sorted(set(variables)):
        if f"`{variable}`" not in described:
            yield f"{variable} is not described in docs/operations.md"


def of_dockerfile(text: str) -> Iterator[str]:
    """Every source of a COPY exists, and the image does not end as root."""
    for line in text.splitlines():
        words = line.split()
        if words[:1] == ["COPY"] and not words[1].startswith("--from"):
            sources = [word for word in words[1:-1] if not word.startswith("--")]
            for source in sources:
                if not list(ROOT.glob(source.removeprefix("./") or ".")):
                    yield f"Dockerfile copies {source}, which does not exist"
    users = re.findall(r"^USER (\S+)", text, re.MULTILINE)
    if not users or users[-1] in {"root", "0"}:
        yield "Dockerfile ends as root"


def _dependencies(service: dict[str, Any]) -> dict[str, str]:
    wanted = service.get("depends_on", {})
    if isinstance(wanted, list):
        return dict.fromkeys(wanted, "service_started")
    return {name: how.get("condition", "service_started") for name, how in wanted.items()}


def _image(name: str, image: str) -> Iterator[str]:
    base, _, tag = image.rpartition(":")
    oldest = OLDEST.get(base.rpartition("/")[2])
    major = re.match(r"\d+", tag)
    if oldest and (not major or int(major[0]) < oldest):
        yield f"{name} runs {image}; {base} {oldest} or newer is needed"


if __name__ == "__main__":
    sys.exit(main())
