"""The people of an account: added, changed, gone; with the trail and what is refused."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account, Contact
from tenants.actor import Actor
from tenants.models import Tenant, TrailEntry
from tenants.roles import Role
from tenants.scope import act_for
from tests import make

SignIn = Callable[[Actor], Client]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def account(acme: Tenant, csm: Actor) -> Account:
    with act_for(acme.pk):
        return make.account("Northwind", owner=csm.user)


@pytest.fixture
def priya(acme: Tenant, account: Account) -> Contact:
    with act_for(acme.pk):
        return make.contact(account, roles=["champion"])


@pytest.fixture
def maya(csm: Actor, sign_in: SignIn) -> Client:
    return sign_in(csm)


def test_a_contact_is_added(maya: Client, acme: Tenant, account: Account):
    sent = {"name": "Jo Berg", "roles": ["champion", "end_user"], "influence": 4}
    url = f"/acme/accounts/{account.pk}/contacts/new/"
    assert "New contact at Northwind" in maya.get(url, headers=HTMX).text
    answer = maya.post(url, sent, headers=HTMX)
    assert answer.status_code == 204 and "contacts:changed" in answer["HX-Trigger"]
    with act_for(acme.pk):
        made = Contact.objects.get()
        assert (made.name_norm, made.roles) == ("jo berg", ["champion", "end_user"])
        assert TrailEntry.objects.filter(verb="accounts.contact_added").exists()
    for wrong in ({"name": ""}, sent | {"influence": 9}, sent | {"roles": ["king"]}):
        assert maya.post(url, wrong).status_code == 422


def test_a_contact_is_changed_unless_somebody_was_faster(
    maya: Client, acme: Tenant, priya: Contact
):
    url = f"/acme/contacts/{priya.pk}/edit/"
    sent = {"name": "Priya Raman", "stance": "advocate", "roles": ["champion"], "version": 1}
    assert maya.post(url, sent).status_code == 302
    with act_for(acme.pk):
        priya.refresh_from_db()
        assert (priya.stance, priya.version) == ("advocate", 2)
        entry = TrailEntry.objects.get(verb="accounts.contact_changed")
        assert entry.facts["changes"] == {"stance": ["", "advocate"]}
    answer = maya.post(url, sent | {"stance": "blocker"})
    assert answer.status_code == 409 and "while you were writing" in answer.text


def test_a_contact_leaves_once(maya: Client, acme: Tenant, priya: Contact):
    url = f"/acme/contacts/{priya.pk}/left/"
    assert maya.post(url, {"on": "2098-01-01"}).status_code == 422
    assert maya.post(url, {"on": "2026-11-02"}, headers=HTMX).status_code == 204
    with act_for(acme.pk):
        priya.refresh_from_db()
        assert priya.status == "departed"
    assert maya.post(url, {"on": "2026-11-02"}).status_code == 409


def test_who_may_not_and_what_is_not_theirs(
    acme: Tenant, rival: Tenant, maya: Client, account: Account, priya: Contact, sign_in: SignIn
):
    with act_for(rival.pk):
        theirs = make.contact(make.account("Theirs"))
    with act_for(acme.pk):
        eve = sign_in(make.member(acme, Role.EXECUTIVE, "Eve"))
        tom = sign_in(make.member(acme, Role.CSM, "Tom"))
    for page in ("edit", "left"):
        assert maya.get(f"/acme/contacts/{theirs.pk}/{page}/").status_code == 404
        assert tom.get(f"/acme/contacts/{priya.pk}/{page}/").status_code == 404
        assert eve.get(f"/acme/contacts/{priya.pk}/{page}/").status_code == 403
        assert maya.put(f"/acme/contacts/{priya.pk}/{page}/").status_code == 405
    assert tom.get(f"/acme/accounts/{account.pk}/contacts/new/").status_code == 404
    assert eve.get(f"/acme/accounts/{account.pk}/contacts/new/").status_code == 403


def test_whoever_becomes_champion_or_sponsor_is_dated(
    maya: Client, acme: Tenant, account: Account, priya: Contact
):
    url = f"/acme/accounts/{account.pk}/contacts/new/"
    maya.post(url, {"name": "Jo Berg", "roles": ["end_user"]}, headers=HTMX)
    maya.post(url, {"name": "Ann Lund", "roles": ["exec_sponsor"]}, headers=HTMX)
    with act_for(acme.pk):
        since = dict(Contact.objects.values_list("name", "sponsor_since"))
        jo = Contact.objects.get(name="Jo Berg")
    assert since == {
        "Priya Raman": None, "Jo Berg": None, "Ann Lund": timezone.localdate()
    }  # fmt: skip
    edit = f"/acme/contacts/{jo.pk}/edit/"
    maya.post(edit, {"name": "Jo Berg", "roles": ["champion"], "version": jo.version})
    with act_for(acme.pk):
        assert Contact.objects.get(name="Jo Berg").sponsor_since == timezone.localdate()
