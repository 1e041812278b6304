"""Callers of the API for the tests of journeys and of dates."""

from collections.abc import Callable
from typing import Any

from django.test import Client

from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make

Call = Callable[..., Any]


def key_of(tenant: Tenant, **fields: Any) -> Call:
    """A caller with a key: call(address) reads, call(address, body) posts."""
    with act_for(tenant.pk):
        secret = make.api_key(make.member(tenant, Role.ADMIN), **fields)
    client = Client(headers={"Authorization": f"Bearer {secret}"})

    def call(address: str, body: Any = None, **headers: str) -> Any:
        url = f"/api/v1/{address}"
        if body is None:
            return client.get(url, headers=headers)
        return client.post(url, body, content_type="application/json", headers=headers)

    return call


def refused(answer: Any, status: int, code: str) -> bool:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    return True
