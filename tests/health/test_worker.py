"""A change is rescored by a real worker, from the trail to the row of the list."""

import subprocess
import time
from collections.abc import Callable
from datetime import date

import pytest
from django.utils import timezone

from csom.devstack.valkey import Valkey
from health.actions.models import install_defaults
from health.models import AccountRow, Snapshot
from tenants import trail
from tenants.scope import act_for
from tests import make

MOST_SECONDS = 60  # promised; docs/operations.md names what was measured


@pytest.mark.django_db(transaction=True)
def test_a_change_is_rescored_by_a_worker(
    celery_worker_process: Callable[..., subprocess.Popen[bytes]], broker: Valkey
) -> None:
    tenant, now = make.tenant("acme"), timezone.now()
    celery_worker_process("--concurrency=1")
    with act_for(tenant.pk):
        install_defaults(author=None, now=now)
        account = make.account(
            stage="first_impact", touch_model="mid", segment="mid_market",
            customer_since=date(2025, 1, 1), sentiment=4, sentiment_at=now,
        )  # fmt: skip
        trail.record("accounts.account_changed", at=now, account_id=account.pk)
    end, row = time.monotonic() + MOST_SECONDS, None
    while row is None and time.monotonic() < end:
        time.sleep(0.1)
        with act_for(tenant.pk):
            row = AccountRow.objects.filter(account=account).first()
    assert row is not None and row.scored_on is not None
    with act_for(tenant.pk):
        snapshot = Snapshot.objects.get(account=account)
        assert snapshot.day == row.scored_on
        assert snapshot.model is not None and snapshot.model.key == "core"
