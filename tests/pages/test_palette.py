"""The palette offers what one may do, and finds accounts and people of one's own tenant."""

from collections.abc import Callable

import pytest
from django.test import Client

from health.models import AccountRow
from tenants.actor import Actor
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make

SignIn = Callable[[Actor], Client]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def known(acme: Tenant) -> None:
    with act_for(acme.pk):
        for name in ("Northwind Logistics", "Great Northern", "Globex"):
            account = make.account(name)
            AccountRow.objects.create(
                account=account, name=name, name_norm=name.lower(), stage="live",
                arr_minor=16_400_000, score=41.4, band="red",
            )  # fmt: skip
        make.contact(account, "Nora North", title="CFO")


def ask(client: Client, words: str = "") -> str:
    return client.get("/acme/palette/", {"q": words} if words else {}, headers=HTMX).text


def test_it_finds_accounts_and_people_names_that_begin_so_first(
    known: None, csm: Actor, sign_in: SignIn
):
    answer = ask(sign_in(csm), "NORTH")
    assert answer.index("Northwind Logistics") < answer.index("Great Northern")
    assert "Nora North" in answer and "CFO, Globex" in answer and "€164k" in answer
    assert answer.count('role="option"') == 3


def test_actions_are_those_one_may_take(csm: Actor, acme: Tenant, sign_in: SignIn):
    mine = ask(sign_in(csm))
    assert "New task" in mine and "Today" in mine and "Invite a person" not in mine
    admin = ask(sign_in(make.member(acme, Role.ADMIN)))
    assert "Invite a person" in admin and "Import a file" in admin and "New task" not in admin


def test_searching_takes_the_same_number_of_queries_however_many_match(
    known: None, csm: Actor, acme: Tenant, sign_in: SignIn, django_assert_max_num_queries
):
    client = sign_in(csm)
    with act_for(acme.pk):
        for n in range(20):
            account = make.account(f"North {n}")
            AccountRow.objects.create(
                account=account, name=account.name, name_norm=account.name_norm, stage="live"
            )
            make.contact(account, f"Norther {n}")
    with django_assert_max_num_queries(16):
        assert ask(client, "north").count('role="option"') == 13


def test_wildcards_are_letters_here(known: None, csm: Actor, sign_in: SignIn):
    client = sign_in(csm)
    assert 'role="option"' not in ask(client, "%%")
    assert 'role="option"' not in ask(client, "zzz")


def test_without_script_it_is_a_page(known: None, csm: Actor, sign_in: SignIn):
    client = sign_in(csm)
    assert "Go to" in client.get("/acme/palette/").text
    assert "Globex" in client.get("/acme/palette/?q=glob").text
    assert "has a name like this" in client.get("/acme/palette/?q=zzz").text


def test_another_tenants_palette_is_not_there(rival: Tenant, csm: Actor, sign_in: SignIn):
    assert sign_in(csm).get("/rival/palette/").status_code == 404


def test_another_tenants_accounts_are_not_found(known: None, rival: Tenant, sign_in: SignIn):
    client = sign_in(make.member(rival))
    assert "Northwind" not in client.get("/rival/palette/?q=north", headers=HTMX).text


def test_it_is_read_only(csm: Actor, sign_in: SignIn):
    assert sign_in(csm).post("/acme/palette/").status_code == 405
