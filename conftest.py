"""The database fixtures of every test, and how properties are tried."""

import os

from hypothesis import settings

from csom.devstack.pytest_plugin import (  # noqa: F401 - here they win over pytest-django's
    django_db_setup,
)

# No example has a deadline, for a busy machine is no defect. A build tries the same ones each time.
settings.register_profile(
    "csom", deadline=None, print_blob=True, derandomize=os.environ.get("CI") == "true"
)
settings.load_profile("csom")
