"""The rail counts what waits for the person, and alarms only near a promised time."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from csom.context import counted
from journeys.models import Handoff
from plays.models import Task
from tenants.actor import Actor
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make

SignIn = Callable[[Actor], Client]


@pytest.mark.parametrize(("hours", "alarm"), [(-1, True), (1, True), (30, False)])
def test_it_counts_mine_and_alarms_when_a_promise_is_close(
    acme: Tenant, csm: Actor, hours: int, alarm: bool
):
    now = timezone.now()
    due_at = now + timedelta(hours=hours)
    with act_for(acme.pk):
        for owner in (csm, make.member(acme)):
            account = make.account(owner=owner.user)
            Handoff.objects.create(account=account, state="submitted", signed_at=now, due_at=due_at)
            Task.objects.create(
                account=account, owner=owner.user, title="Call", created_at=now,
                due_at=due_at, has_clock=True,
            )  # fmt: skip
        found = counted(csm, now)
    assert found == {
        "plays:today": {"count": 1, "alarm": alarm},
        "journeys:handoffs": {"count": 1, "alarm": alarm},
        "journeys:onboardings": {"count": 0, "alarm": False},
    }


def test_a_task_without_a_promise_never_alarms(acme: Tenant, csm: Actor):
    now = timezone.now()
    with act_for(acme.pk):
        Task.objects.create(owner=csm.user, title="Tidy", created_at=now, due_at=now)
        assert counted(csm, now)["plays:today"] == {"count": 1, "alarm": False}


def test_pages_show_the_counts_and_error_pages_live_without(
    acme: Tenant, csm: Actor, sign_in: SignIn
):
    with act_for(acme.pk):
        Task.objects.create(owner=csm.user, title="Tidy", created_at=timezone.now())
    client = sign_in(csm)
    assert 'class="nav__n">1<' in client.get("/acme/handoffs/").text
    assert client.get("/acme/no-such-page/").status_code == 404
    assert client.get("/acme/settings/audit/").status_code == 403


def test_an_administrator_without_accounts_starts_at_the_first_run(acme: Tenant, sign_in: SignIn):
    client = sign_in(make.member(acme, Role.ADMIN))
    assert client.get("/acme/").headers["Location"] == "/acme/welcome/"
    page = client.get("/acme/welcome/").text
    assert "Bring in accounts" in page and "0 of 6 done" in page
    with act_for(acme.pk):
        make.account(owner=make.member(acme).user)
    assert client.get("/acme/").headers["Location"] == "/acme/settings/"
    assert "of 6 done" in client.get("/acme/welcome/").text
