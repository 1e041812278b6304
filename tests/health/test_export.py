"""A file of accounts holds one moment of them, whatever is written while it is made."""

import csv
import io
import threading
from collections.abc import Callable

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client

from accounts.models import Account
from health.actions.rows import keep_rows
from health.models import AccountRow
from tenants.actor import Actor
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make

ROUNDS, MANY, EACH = 15, 300, 100_000


@pytest.mark.case("H11")
@pytest.mark.django_db(transaction=True)
def test_an_export_is_of_one_moment(acme: Tenant, sign_in: Callable[[Actor], Client]):
    """Money moves between accounts without pause; each file holds all of it."""
    with act_for(acme.pk):
        for at in range(MANY):
            make.account(f"Firm {at:03}")
        keep_rows(account_ids=None, now=make.NOW)
        AccountRow.objects.update(arr_minor=EACH)
        ids = list(Account.objects.order_by("name").values_list("pk", flat=True))
    ends = threading.Event()

    def move() -> None:
        while not ends.is_set():
            with act_for(acme.pk):
                for pk, by in ((ids[0], -7), (ids[-1], 7)):
                    AccountRow.objects.filter(account=pk).update(arr_minor=F("arr_minor") + by)
        connection.close()

    mover = threading.Thread(target=move)
    mover.start()
    try:
        revops = sign_in(make.member(acme, Role.REVOPS))
        files = [
            revops.get("/acme/accounts/export/?owner=all&sort=name&col=arr").content.decode()
            for _ in range(ROUNDS)
        ]
    finally:
        ends.set()
        mover.join()
    for file in files:
        rows = list(csv.DictReader(io.StringIO(file.lstrip("\ufeff"))))
        assert len(rows) == MANY
        [money] = [name for name in rows[0] if name.startswith("ARR")]
        assert round(sum(float(row[money].replace(",", "")) for row in rows)) == MANY * EACH // 100
    assert len({file.splitlines()[1] for file in files}) > 1, "nothing moved meanwhile"
