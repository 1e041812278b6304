"""An account with a CSM, and a play about falling use."""

from typing import Any

import pytest

import charter.actions
from accounts.models import Account
from plays.actions.definitions import publish, save_draft
from plays.models import Play
from tenants.actor import Actor
from tenants.models import Tenant
from tests import make
from tests.make import NOW

BODY: dict[str, Any] = {
    "when": {"measure": "usage_trend", "op": "<=", "value": -0.3},
    "priority": 2,
    "steps": [
        {
            "title": "Call the champion",
            "owner": "csm",
            "due_hours": 8,
            "kind": "call",
            "minutes": 25,
        },
        {
            "title": "Agree the way back",
            "owner": "csm",
            "due_hours": 16,
            "kind": "task",
            "minutes": 9,
        },
    ],
    "first_action_hours": 8,
    "cooldown_days": 30,
    "success": {"when": {"measure": "usage_trend", "op": ">=", "value": -0.1}, "within_days": 20},
    "is_proactive": False,
}


def put_in_force(key: str = "usage_drop", name: str = "Falling use", **changes: Any) -> Play:
    draft = save_draft(key=key, name=name, body=BODY | changes, author=None, now=NOW)
    return publish(play=draft, author=None, now=NOW)


@pytest.fixture
def account(inside: Tenant, csm: Actor) -> Account:
    charter.actions.install_defaults(author=None, now=NOW)
    return make.account(
        "Northwind", owner=csm.user, arr_minor=164_000_00, stage="live", touch_model="mid"
    )
