"""The OpenAPI document against the running application: every operation, every check, generated."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from csom.provision import provision
from tenants.models import Tenant
from tenants.rest import limits
from tenants.roles import Role
from tenants.scope import act_for
from tests import make

SHORT = ("--phases", "examples,fuzzing,stateful", "--max-examples", "3", "--seed", "1")
LONG = ("--max-time", "900")
CONFIG = Path(__file__).with_name("schemathesis.toml")


@pytest.fixture
def secret(transactional_db: None, acme: Tenant, monkeypatch: pytest.MonkeyPatch) -> str:
    """A key of a company that has an account, a note and a task, without a limit to its pace."""
    monkeypatch.setattr(limits, "BURST", 1_000_000)
    admin = make.member(acme, Role.ADMIN)
    assert admin.user is not None
    provision(acme, admin.user, timezone.now())
    with act_for(acme.pk):
        made = make.account("Globex", external_id="acc-1", source="crm")
        make.note(made, admin, S={"text": "Three entities"})
        return make.api_key(admin)


@pytest.mark.case("C5", "C13", "C19", "C21", "C24", "G4")
def test_every_operation_keeps_to_the_document(
    live_server: Any, secret: str, tmp_path: Path, pytestconfig: pytest.Config
):
    extent = LONG if pytestconfig.getoption("--full") else SHORT
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run"),
            f"{live_server.url}/api/v1/openapi.json",
            *("--header", f"Authorization: Bearer {secret}", "--checks", "all"),
            *("--no-color", "--continue-on-failure", *extent),
        ],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
