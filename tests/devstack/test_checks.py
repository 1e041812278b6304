"""Each check finds the defect it is there for."""

import tomllib

from csom.checks import compose, hosts, locks
from csom.devstack.services import ROOT

COMPOSE = (ROOT / "docker-compose.yml").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
WHOLE = (ROOT / "requirements.lock").read_text()
IMAGE = (ROOT / "docker" / "requirements.lock").read_text()


def complaints(old: str, new: str) -> list[str]:
    assert old in COMPOSE
    return list(compose.of_compose(COMPOSE.replace(old, new)))


def test_the_compose_file_is_sound() -> None:
    assert not list(compose.of_compose(COMPOSE))
    assert not list(compose.of_dockerfile(DOCKERFILE))


def test_a_dependency_on_no_service_is_found() -> None:
    assert any(
        "depends on redis" in line for line in complaints("    valkey: {cond", "    redis: {cond")
    )


def test_waiting_for_health_that_nobody_checks_is_found() -> None:
    assert any("no health check" in line for line in complaints("healthcheck:", "x-health:"))


def test_an_undeclared_volume_is_found() -> None:
    assert any("volume database" in line for line in complaints("  database: {}\n", ""))


def test_a_missing_folder_is_found() -> None:
    assert any("does not exist" in line for line in complaints("./docker/postgres:", "./nowhere:"))


def test_an_old_server_is_found() -> None:
    assert any("15 or newer" in line for line in complaints("postgres:17", "postgres:13"))


def test_a_setting_nobody_described_is_found() -> None:
    found = complaints("${SECRET_KEY:?", "${SECRET_OF_NOBODY:?")
    assert any("SECRET_OF_NOBODY" in line for line in found)


def test_an_image_that_ends_as_root_is_found() -> None:
    assert list(compose.of_dockerfile(DOCKERFILE.replace("USER csom", "USER root")))
    assert list(compose.of_dockerfile(DOCKERFILE.replace("COPY static", "COPY statics")))


def test_hosts_and_home_folders_are_found() -> None:
    registry, home = "https://" + "pypi" + ".org/simple", "/ho" + "me/anna/csom"
    assert list(hosts.lines_of("x", f"index = {registry}"))
    assert list(hosts.lines_of("x", f"cd {home}"))
    assert not list(hosts.lines_of("x", "a page about the home of /roots and pythons"))


def test_the_locks_agree_and_a_stale_one_is_found() -> None:
    assert not list(locks.findings(PROJECT, WHOLE, IMAGE))
    assert list(locks.findings(PROJECT, WHOLE, IMAGE.replace("\ndjango==5.2", "\ndjango==5.1")))
    assert list(locks.findings(PROJECT, WHOLE, IMAGE.replace("\ngunicorn==", "\nunicorn==")))
    assert list(locks.findings(PROJECT, WHOLE.replace("\nruff==", "\nrough=="), IMAGE))
