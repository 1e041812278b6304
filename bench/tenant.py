"""A tenant of many accounts to measure with, and its person, key and browser."""

import os
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg2
from django.db import connection
from django.test import Client
from django.utils import timezone

from csom.provision import provision
from tenants.actions.keys import create_key
from tenants.models import Membership, Tenant, User
from tenants.roles import Role
from tenants.scope import act_for

# What an account is unless a benchmark says otherwise; n counts from 1.
ACCOUNT = {
    "tenant_id": "%(tenant)s",
    "id": "gen_random_uuid()",
    "source": "'bench'",
    "external_id": "'k' || n",
    "name": "'Account ' || n",
    "name_norm": "'account ' || n",
    "segment": "'mid'",
    "touch_model": "'mid'",
    "stage": "'live'",
    "lifecycle": "1",
    "is_strategic": "false",
    "tags": "'{}'",
    "custom": "'{}'",
    "arr_minor": "3000000",
    "currency": "'EUR'",
    "customer_since": "%(now)s::date - 500",
    "renews_on": "%(now)s::date + n %% 365",
    "version": "1",
    "created_at": "%(now)s",
    "changed_at": "%(now)s",
} | dict.fromkeys(("domain", "region", "industry", "segment_by_rule", "segment_reason"), "''")


def accounts(**columns: str) -> str:
    """SQL that makes %(n)s accounts. columns: SQL of those that are not as in ACCOUNT."""
    made = ACCOUNT | columns
    return (
        f"INSERT INTO accounts_account ({', '.join(made)})"
        f" SELECT {', '.join(made.values())} FROM generate_series(1, %(n)s) n"
    )


def vacuum() -> None:
    """What the server does by itself a minute after much was written."""
    owner = psycopg2.connect(os.environ["DATABASE_OWNER_URL"])
    owner.autocommit = True
    with owner.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    owner.close()


class Bench:
    """A fresh tenant with `n` accounts keyed k1, k2, … of the source `bench`."""

    def __init__(self, slug: str, n: int = 0) -> None:
        self.now: datetime = timezone.now()
        self.tenant = Tenant.objects.create(slug=slug, name="Bench", time_zone="UTC")
        self.person = User.objects.create_user(email=f"{slug}@example.com", name="Maya Okafor")
        member = {"tenant": self.tenant, "user": self.person, "team": "EMEA"}
        Membership.objects.create(role=str(Role.REVOPS), **member)
        provision(self.tenant, self.person, self.now)
        self.run(accounts(), n=n)

    @property
    def id(self) -> UUID:
        """The tenant's."""
        return self.tenant.pk

    def run(self, *statements: str, **given: Any) -> None:
        """Statements in one transaction of the tenant."""
        given |= {"tenant": self.id, "now": self.now, "person": self.person.pk}
        with act_for(self.id), connection.cursor() as cursor:
            for sql in statements:
                cursor.execute(sql, given)
        connection.close()

    def browser(self) -> Client:
        """Signed in as the person."""
        client = Client(SERVER_NAME="localhost")
        client.force_login(self.person)
        return client

    def caller(self, scopes: tuple[str, ...]) -> Client:
        """With a key of these scopes."""
        made = {"name": "Bench", "days": 30, "author": self.person, "now": self.now}
        with act_for(self.id):
            _, secret = create_key(scopes=scopes, **made)
        connection.close()
        return Client(SERVER_NAME="localhost", headers={"Authorization": f"Bearer {secret}"})
