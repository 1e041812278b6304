"""A caller with a fresh key of acme."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make


@pytest.fixture
def call(acme: Tenant) -> Callable[..., Any]:
    """Call as a fresh key of acme: call(address) reads, call(address, body) posts."""
    with act_for(acme.pk):
        secret = make.api_key(make.member(acme, Role.ADMIN))
    client = Client(headers={"Authorization": f"Bearer {secret}"})

    def called(url: str, data: Any = None, **headers: str) -> Any:
        if data is None:
            return client.get(url, headers=headers)
        return client.post(url, data, content_type="application/json", headers=headers)

    return called
