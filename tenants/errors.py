"""Refusals: an action said no, in words fit for the person who asked."""

import re
from collections.abc import Mapping
from typing import Any


class Refused(Exception):
    """Base of every refusal. Views show the message; the API answers 409 with the code."""

    status = 409
    facts: Mapping[str, Any] = {}  # JSON-ready, for clients of the API

    @property
    def code(self) -> str:
        """The class name in snake case, stable for clients: StaleNote -> stale_note."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__).lower()
