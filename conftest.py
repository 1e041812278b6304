"""The database fixtures of every test."""

from csom.devstack.pytest_plugin import (  # noqa: F401 - here they win over pytest-django's
    django_db_setup,
)
