"""Through PgBouncer in transaction mode, clients share connections and never a tenant."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from csom.devstack.services import ROOT
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.pooler import Pooler

CLIENTS = """
import json, sys, threading
import django
django.setup()
from uuid import UUID
from django.db import DatabaseError, connection
from accounts.models import Account
from tenants.scope import act_for

tenants = [UUID(tenant) for tenant in sys.argv[1:]]
backends, wrong, unfenced = set(), [], []

def client(number):
    for turn in range(60):
        mine = tenants[(number + turn) % len(tenants)]
        with act_for(mine):
            seen = set(Account.objects.values_list("tenant_id", flat=True))
            with connection.cursor() as cursor:
                cursor.execute("select pg_backend_pid()")
                backends.add(cursor.fetchone()[0])
            if seen != {mine}:
                wrong.append(str(seen))
        try:
            unfenced.append(Account.objects.count())
        except DatabaseError:
            pass
    connection.close()

threads = [threading.Thread(target=client, args=(number,)) for number in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(json.dumps({"backends": len(backends), "wrong": wrong, "unfenced": unfenced}))
"""

REQUESTS = """
import json, sys, threading
import django
django.setup()
from django.db import connection
from django.test import Client

wrong, backends = [], set()

def ask(slug, session, other):
    client = Client(raise_request_exception=False)
    client.cookies["session"] = session
    for turn in range(100):
        place = ("accounts/?owner=all", "palette/?q=customer")[turn % 2]
        answer = client.get(f"/{slug}/{place}")
        told = answer.content.decode()
        if answer.status_code != 200 or f"Customer of {slug}" not in told or other in told:
            wrong.append(f"{slug} {answer.status_code}")
        with connection.cursor() as cursor:
            cursor.execute("select pg_backend_pid()")
            backends.add(cursor.fetchone()[0])
    connection.close()

first, second = [one.split("=") for one in sys.argv[1:]]
threads = [
    threading.Thread(target=ask, args=(*first, f"Customer of {second[0]}")),
    threading.Thread(target=ask, args=(*second, f"Customer of {first[0]}")),
]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(json.dumps({"backends": len(backends), "wrong": wrong}))
"""


@pytest.fixture
def pooled(transactional_db: None, reachable_path: Path) -> Iterator[str]:
    """The test database behind PgBouncer: one connection for everybody."""
    settings = connection.settings_dict
    who = f"user={settings['USER']}"
    if settings["PASSWORD"]:
        who += f" password='{settings['PASSWORD']}'"
    where = f"host={settings['HOST']} port={settings['PORT'] or 5432} dbname={settings['NAME']}"
    pooler = Pooler(reachable_path, f"{where} {who}")
    pooler.start()
    yield pooler.url(settings["USER"])
    pooler.kill()


@pytest.mark.case("G19")
def test_shared_connections_never_show_another_tenant(pooled: str) -> None:
    tenants = [make.tenant(slug) for slug in ("acme", "rival", "third")]
    for tenant in tenants:
        with act_for(tenant.pk):
            make.account(f"Customer of {tenant.slug}")
    told = run(CLIENTS, pooled, *(str(tenant.pk) for tenant in tenants))
    assert told["backends"] == 1, "the clients were to share"
    assert told["wrong"] == []
    assert told["unfenced"] == [], "a read without a tenant must fail, whoever had the line before"


@pytest.mark.case("G19")
def test_requests_of_two_tenants_over_one_connection_mix_nothing(pooled: str) -> None:
    """Two people of two companies, a hundred requests each, in turn on one line."""
    sessions = []
    for slug in ("acme", "rival"):
        tenant = make.tenant(slug)
        client, member = Client(), make.member(tenant, Role.ADMIN)
        assert member.user
        client.force_login(member.user)
        sessions.append(f"{slug}={client.cookies['session'].value}")
        with act_for(tenant.pk):
            make.row(make.account(f"Customer of {slug}"))
    told = run(REQUESTS, pooled, *sessions)
    assert told == {"backends": 1, "wrong": []}


def run(script: str, database: str, *words: str) -> Any:
    """What a script of its own process prints, with its database behind the pooler."""
    done = subprocess.run(
        [sys.executable, "-c", script, *words],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database},
    )
    assert not done.returncode, done.stderr
    return json.loads(done.stdout)
