"""A tenant of US dollars with the wizard open, and a clock that can be set to a day."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from csom.provision import provision
from tenants.actor import Actor
from tenants.models import Tenant
from tenants.roles import Role
from tests import make
from tests.accounts.wizard import Wizard

SignIn = Callable[[Actor], Client]


@pytest.fixture
def uploads(settings: Any, tmp_path: Path) -> Iterator[Path]:
    settings.MEDIA_ROOT = tmp_path
    yield tmp_path


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[date], None]:
    """Let the clock of the product stand on the morning of a day."""

    def stand(day: date) -> None:
        moment = datetime.combine(day, time(0, 30), UTC)
        monkeypatch.setattr(timezone, "now", lambda: moment)

    return stand


@pytest.fixture
def wizard(acme: Tenant, sign_in: SignIn, uploads: Path) -> Wizard:
    acme.currency = "USD"
    acme.save()
    provision(acme, make.member(acme, Role.ADMIN).user, datetime(2020, 1, 1, tzinfo=UTC))
    return Wizard(sign_in(make.member(acme, Role.REVOPS)), acme)
