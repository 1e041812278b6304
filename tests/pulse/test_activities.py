"""Logging a contact: what is recorded, what is refused, who may."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import Account, Contact
from pulse.actions.activities import NotOfAccount, NotYet, UnknownKind, log_activity
from pulse.models import Activity
from tenants.actor import Actor
from tenants.models import Tenant, TrailEntry
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.make import NOW

SignIn = Callable[[Actor], Client]


@pytest.fixture
def account(acme: Tenant, csm: Actor) -> Account:
    with act_for(acme.pk):
        return make.account("Northwind", owner=csm.user)


@pytest.fixture
def priya(acme: Tenant, account: Account) -> Contact:
    with act_for(acme.pk):
        return make.contact(account)


def test_a_contact_is_recorded_with_purpose_outcome_and_people(
    account: Account, priya: Contact, csm: Actor, inside: Tenant
):
    made = log_activity(
        account=account,
        actor=csm,
        now=NOW,
        kind="call",
        purpose="Find what blocks them",
        outcome="They know who decides",
        contacts=[priya],
    )
    assert (made.contact_ids, made.author, made.is_two_way) == ([priya.pk], csm.user, True)
    priya.refresh_from_db()
    assert priya.last_two_way_at == NOW
    log_activity(
        account=account,
        actor=csm,
        now=NOW,
        kind="call",
        purpose="Earlier",
        at=NOW - timedelta(days=2),
        contacts=[priya],
    )
    priya.refresh_from_db()
    assert priya.last_two_way_at == NOW
    entry = TrailEntry.objects.filter(verb="pulse.activity_logged").first()
    assert entry is not None
    assert entry.account_id == account.pk


def test_what_cannot_be_logged(account: Account, csm: Actor, inside: Tenant):
    wanted = {"account": account, "actor": csm, "now": NOW, "kind": "call", "purpose": "x"}
    with pytest.raises(UnknownKind):
        log_activity(**wanted | {"kind": "dance"})
    with pytest.raises(NotYet):
        log_activity(**wanted, at=NOW + timedelta(hours=1))
    stranger = make.contact(make.account("Other"))
    with pytest.raises(NotOfAccount):
        log_activity(**wanted, contacts=[stranger])
    assert log_activity(**wanted | {"kind": "note"}).is_two_way is False


def test_the_form(acme: Tenant, account: Account, priya: Contact, csm: Actor, sign_in: SignIn):
    maya, url = sign_in(csm), f"/acme/accounts/{account.pk}/log/"
    assert "Priya Raman" in maya.get(url).text
    form = {
        "kind": "meeting",
        "purpose": "Plan",
        "initiator": "us_proactive",
        "on": "2026-11-18",
        "is_two_way": "on",
        "contacts": [str(priya.pk)],
    }
    assert maya.post(url, form | {"purpose": ""}).status_code == 422
    assert maya.post(url, form | {"on": "2999-01-01"}).status_code == 422
    answer = maya.post(url, form, headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert "Logged for Northwind" in answer["HX-Trigger"]
    with act_for(acme.pk):
        assert Activity.objects.get().purpose == "Plan"


def test_who_may_log(acme: Tenant, rival: Tenant, account: Account, sign_in: SignIn):
    url = f"accounts/{account.pk}/log/"
    assert sign_in(make.member(rival)).get(f"/rival/{url}").status_code == 404
    assert sign_in(make.member(acme, Role.EXECUTIVE)).get(f"/acme/{url}").status_code == 403
    assert sign_in(make.member(acme, Role.CSM, team="W")).get(f"/acme/{url}").status_code == 404
    assert sign_in(make.member(acme, Role.MANAGER)).delete(f"/acme/{url}").status_code == 405
