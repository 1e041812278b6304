"""What each company keeps of its accounts beside what the product keeps."""

import json
from datetime import datetime, timedelta

from django.db import connection

from accounts.actions.custom import add_field
from csom.demo.scene import Scene

HOSTING = ("Our cloud", "Their cloud", "Their machines")


def fill_fields(scene: Scene, begun: datetime) -> None:
    """Two custom fields, filled in for the accounts that are customers."""
    at = begun + timedelta(hours=2)
    add_field(
        key="hosting", label="Hosting", kind="choice", choices=HOSTING, actor=scene.admin, now=at
    )
    add_field(
        key="reference", label="Gives references", kind="yes_no", choices=(),
        actor=scene.admin, now=at,
    )  # fmt: skip
    values = {
        str(scene.accounts[life.number].pk): {
            "hosting": HOSTING[life.number % len(HOSTING)],
            "reference": life.number % 4 == 0,
        }
        for life in scene.lives
        if life.is_customer
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_account a SET custom = v.value"
            " FROM jsonb_each(%s::jsonb) v WHERE a.id = v.key::uuid",
            [json.dumps(values)],
        )
