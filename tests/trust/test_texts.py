"""Spellings, lengths and letters: what is the same, what is too long, and what stays unique."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import Account
from accounts.rules.names import normalised
from spiced.models import Note
from tenants.actor import Actor
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make

pytestmark = pytest.mark.django_db
SignIn = Callable[[Actor], Client]


@pytest.fixture
def admin(acme: Tenant, sign_in: SignIn) -> Client:
    return sign_in(make.member(acme, Role.ADMIN))


def new_account(client: Client, name: str) -> Any:
    said = {"name": name, "stage": "live", "currency": "EUR"}
    page = client.get("/acme/accounts/new/")
    form = page.context["form"]
    return client.post("/acme/accounts/new/", {
        field.html_name: field.value() for field in form if field.value() not in (None, "")
    } | said)  # fmt: skip


@pytest.mark.case("F4", "F11")
@pytest.mark.parametrize(
    ("kept", "asked"),
    [
        ("Cafe\u0301 Zu\u0308rich", "Caf\u00e9 Z\u00fcrich"),
        ("Caf\u00e9", "CAFE\u0301"),
        ("Stra\u00dfenbau AG", "STRASSENBAU"),
        ("\uff21\uff43\uff4d\uff45 KK", "acme kk"),
        ("\ufb01nance House", "finance house"),
        ("\u0130stanbul Lojistik", "\u0130STANBUL lojistik"),
        ("two \u2003 spaces", "TWO spaces"),
    ],
)
def test_a_name_is_found_by_any_spelling_and_kept_as_given(
    admin: Client, acme: Tenant, kept: str, asked: str
):
    assert normalised(kept).startswith(normalised(asked))
    assert new_account(admin, kept).status_code == 302
    with act_for(acme.pk):
        assert Account.objects.get().name == kept
    told = admin.get("/acme/palette/", {"q": asked}).content.decode()
    assert kept in told


@pytest.mark.case("F5")
@pytest.mark.parametrize("letter", ["\U0001f4bc", "\u0301", "\U0001d400", "\u0e33"])
def test_limits_count_characters_whatever_they_weigh(admin: Client, acme: Tenant, letter: str):
    refused = new_account(admin, "x" + letter * 200)
    assert refused.status_code == 422 and "200" in refused.content.decode()
    assert new_account(admin, "x" + letter * 199).status_code == 302
    with act_for(acme.pk):
        assert Account.objects.get().name == "x" + letter * 199


@pytest.mark.case("F12")
def test_a_text_far_too_long_is_refused_with_its_limit(acme: Tenant, csm: Actor, sign_in: SignIn):
    admin = sign_in(csm)
    with act_for(acme.pk):
        account = make.account("Globex", owner=csm.user)
    for address, name in (
        (f"/acme/accounts/{account.pk}/spiced/S/save/", "text"),
        (f"/acme/accounts/{account.pk}/log/", "notes"),
    ):
        answer = admin.post(address, {name: "x" * 1_000_000, "version": "0"})
        assert answer.status_code == 422, address
        assert "at most" in answer.content.decode(), address
    with act_for(acme.pk):
        assert not Note.objects.exists()


@pytest.mark.case("F11")
@pytest.mark.parametrize(
    ("one", "other"),
    [("maya@example.com", "MAYA@EXAMPLE.COM"), ("maya@example.com", "Maya@Example.com")],
)
def test_addresses_that_differ_in_case_are_one_person(db: None, one: str, other: str):
    make.user(email=one)
    with pytest.raises(IntegrityError), transaction.atomic():
        make.user(email=other)
