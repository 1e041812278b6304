"""A tenant of many accounts to measure with, and its person, key and browser."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.test import Client
from django.utils import timezone

from csom.provision import provision
from tenants.actions.keys import create_key
from tenants.models import Membership, Tenant, User
from tenants.roles import Role
from tenants.scope import act_for

ACCOUNTS = """
    INSERT INTO accounts_account (tenant_id, id, source, external_id, name, name_norm, domain,
        segment, segment_by_rule, segment_reason, touch_model, is_strategic, stage, lifecycle, region, industry, tags, custom,
        arr_minor, currency, customer_since, renews_on, version, created_at, changed_at)
    SELECT %(tenant)s, gen_random_uuid(), 'bench', 'k' || n, 'Account ' || n, 'account ' || n, '',
        'mid', '', '', 'mid', false, 'live', 1, '', '', '{}', '{}', 3000000, 'EUR', %(now)s::date - 500,
        %(now)s::date + n %% 365, 1, %(now)s, %(now)s
    FROM generate_series(1, %(n)s) n
"""


class Bench:
    """A fresh tenant with `n` accounts keyed k1, k2, … of the source `bench`."""

    def __init__(self, slug: str, n: int = 0) -> None:
        self.now: datetime = timezone.now()
        self.tenant = Tenant.objects.create(slug=slug, name="Bench", time_zone="UTC")
        self.person = User.objects.create_user(email=f"{slug}@example.com", name="Maya Okafor")
        member = {"tenant": self.tenant, "user": self.person, "team": "EMEA"}
        Membership.objects.create(role=str(Role.REVOPS), **member)
        provision(self.tenant, self.person, self.now)
        self.run(ACCOUNTS, n=n)

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
