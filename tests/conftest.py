"""The cast: two tenants, a person for each role of the first, a stranger from the second."""

from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from tenants.actor import Actor
from tenants.models import Tenant
from tenants.roles import PEOPLE, Role
from tenants.scope import act_for
from tests import make


@pytest.fixture
def acme(db: None) -> Tenant:
    return make.tenant("acme")


@pytest.fixture
def rival(db: None) -> Tenant:
    return make.tenant("rival")


@pytest.fixture
def inside(acme: Tenant) -> Iterator[Tenant]:
    """Act for acme in the test itself."""
    with act_for(acme.pk):
        yield acme


@pytest.fixture
def cast(acme: Tenant) -> dict[Role, Actor]:
    """One person of acme for each role."""
    return {role: make.member(acme, role) for role in PEOPLE}


@pytest.fixture
def csm(acme: Tenant) -> Actor:
    return make.member(acme, Role.CSM, "Maya Okafor")


@pytest.fixture
def sign_in() -> Callable[[Actor], Client]:
    """A client signed in as an actor."""

    def signed_in(actor: Actor) -> Client:
        client = Client()
        assert actor.user is not None
        client.force_login(actor.user)
        return client

    return signed_in
