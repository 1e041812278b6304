"""Every page of settings and of the way in opens for whom it is meant."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from tenants.actor import Actor
from tenants.addresses import inside, outside
from tenants.models import Tenant
from tenants.roles import Role
from tests import make

SignIn = Callable[[Actor], Client]
PAGES = ["settings", "company", "people", "invite", "keys", "new_key", "jobs"]


@pytest.fixture
def admin(acme: Tenant, sign_in: SignIn) -> Client:
    return sign_in(make.member(acme, Role.ADMIN, "Ada Lund"))


@pytest.mark.parametrize("name", [*(f"tenants:{page}" for page in PAGES), "audit", "audit_csv"])
def test_an_administrator_opens_every_page_of_settings(admin: Client, name: str):
    assert admin.get(inside("acme", name)).status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        *("account_login", "account_reset_password", "account_reset_password_done"),
        *("account_reset_password_from_key_done", "account_signup", "account_inactive"),
        *("account_email_verification_sent", "sign_up"),
    ],
)
def test_anybody_opens_the_way_in(db: None, name: str):
    answer = Client().get(outside(name))
    assert answer.status_code == 200
    assert b'class="bare' in answer.content


@pytest.mark.parametrize(
    "name",
    [
        *("account_logout", "account_email", "account_change_password", "mfa_index"),
        *("usersessions_list", "tenants:profile", "tenants:switch", "account_reauthenticate"),
    ],
)
def test_a_person_opens_their_own_pages(csm: Actor, sign_in: SignIn, name: str):
    answer = sign_in(csm).get(outside(name))
    assert answer.status_code == 200
    assert b'class="bare' in answer.content
    assert reverse("home").encode() in answer.content


def test_a_filter_that_cannot_be_read_exports_nothing(
    acme: Tenant, sign_in: Callable[[Actor], Client]
):
    admin = sign_in(make.member(acme, Role.ADMIN))
    answer = admin.get("/acme/settings/audit/export/?since=2026-13-01")
    assert answer.status_code == 422 and "cannot be read" in answer.content.decode()
