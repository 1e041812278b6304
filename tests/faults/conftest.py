"""An installation to break. Tests share it, each in tenants of its own."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from csom.devstack.pytest_plugin import TEMPLATE
from tests.faults.site import Site, site


@pytest.fixture(scope="session")
def servers(django_db_setup: None, django_db_blocker: Any) -> Iterator[Site]:
    """PostgreSQL and Valkey of their own, with Django of this process led to them."""
    if TEMPLATE not in os.environ:
        pytest.skip("needs the template of the embedded server")
    with site() as made:
        made.blocker = django_db_blocker
        yield made


@pytest.fixture
def installation(servers: Site) -> Iterator[Site]:
    """The servers as they should be. Web and worker go on from one test to the next."""
    servers.repair()
    with servers.as_database():
        yield servers
