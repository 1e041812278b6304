"""Conditions in the browser: built row by row, kept in lists and views, asked by the API."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account, CustomField
from charter.actions import install_defaults
from charter.models import Document
from charter.queries import in_force
from health.models import SavedView
from tenants.actor import Actor
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.health.test_matching import TODAY

SignIn = Callable[[Actor], Client]
BUILD = "/acme/conditions/build/?name=where&use=lists"
RED = {"field": "band", "op": "=", "value": "red"}
ROW = {"where::kind": "all", "where:0:what": "band", "where:0:op": "in", "where:0:v0": "red"}


@pytest.fixture
def actor(acme: Tenant) -> Actor:
    return make.member(acme, Role.REVOPS, "Rosa Vega")


@pytest.fixture
def revops(actor: Actor, sign_in: SignIn) -> Client:
    return sign_in(actor)


@pytest.fixture
def book(acme: Tenant) -> dict[str, Account]:
    """Three accounts: red and rich, green and of a region, green with an own field."""
    with act_for(acme.pk):
        install_defaults(author=None, now=timezone.now())
        CustomField.objects.create(key="tier", label="Tier", kind="choice", choices=["Gold"])
        found = {}
        for name, band, arr, fields in [
            ("Redwood", "red", 900_00, {}),
            ("Nordwand", "green", 200_00, {"region": "DACH"}),
            ("Goldach", "green", 0, {"custom": {"tier": "Gold"}}),
        ]:
            account = make.account(name, arr_minor=arr, **fields)
            make.row(account, band=band)
            make.snapshot(account, TODAY, band=band, arr=arr)
            found[name] = account
    return found


def named(page: str) -> set[str]:
    return {name for name in ("Redwood", "Nordwand", "Goldach") if f">{name}</a>" in page}


def where(condition: dict[str, Any], **more: str) -> str:
    return urlencode({"where": json.dumps(condition)} | more)


def test_the_rows_read_back_as_a_sentence_with_a_count(book: Any, revops: Client):
    page = revops.post(BUILD, ROW).text
    assert "Health band is At risk. <b>1 of 3 accounts now, €900.</b>" in page
    assert "Tier" in page and "At risk" in page  # an own field, a definition
    only = revops.post(BUILD + "&part=meaning", ROW).text
    assert "1 of 3 accounts" in only and "<select" not in only


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"where:0:what": "custom.tier", "where:0:v0": "Gold"}, "Tier is Gold. <b>1 of 3"),
        ({"where:0:what": "region", "where:0:v0": "DACH"}, "Region is DACH. <b>1 of 3"),
        ({"where:0:what": "definition.customer", "where:0:op": "isnt"},
         "Not (it counts as “Customer”). <b>1 of 3"),
        ({"where:0:what": "arr", "where:0:op": ">=", "where:0:v0": "0"}, "it leaves nobody out"),
        ({"where:0:what": "arr", "where:0:op": ">=", "where:0:v0": "5000"}, "None of 3 accounts"),
        ({"where:0:what": ""}, "Choose what to look at."),
        ({"where:0:v0": ""}, "A row is not complete yet."),
    ],
)  # fmt: skip
def test_what_rows_mean_now(book: Any, revops: Client, row: dict[str, str], words: str):
    assert words in revops.post(BUILD, ROW | row).text


def test_a_row_is_added_where_the_focus_goes_and_one_is_taken_out(book: Any, revops: Client):
    page = revops.post(BUILD, ROW | {"do": "where|add:"}).text
    assert 'id="where:1:what"' in page
    assert page.count("autofocus") == 1
    assert page.index('name="where:1:what"') < page.index("autofocus")
    page = revops.post(BUILD, ROW | {"do": "where|group:"}).text
    assert 'name="where:1:kind"' in page and 'name="where:1-0:what" autofocus' in page
    page = revops.post(BUILD, ROW | {"do": "where|remove:0"}).text
    assert "where:0:what" not in page and page.count("autofocus") == 1


@pytest.mark.case("E16")
def test_rows_that_are_none_are_refused(revops: Client):
    assert revops.post(BUILD, {"where:0:what": "arr"}).status_code == 422
    assert revops.post("/acme/conditions/build/?name=<b>&use=lists", ROW).status_code == 404
    assert revops.post("/acme/conditions/build/?name=where&use=all", ROW).status_code == 404
    assert revops.get(BUILD).status_code == 405


def test_a_list_takes_any_condition_and_a_view_keeps_it(
    book: Any, revops: Client, actor: Actor, acme: Tenant
):
    page = revops.get("/acme/accounts/condition/?on=accounts&owner=all&sort=name").text
    assert 'name="where:0:what"' in page
    answer = revops.post("/acme/accounts/condition/?on=accounts&owner=all&sort=name", ROW)
    assert answer.status_code == 302
    asked = {key: values[0] for key, values in parse_qs(urlsplit(answer["Location"]).query).items()}
    assert asked.pop("where") == '{"field":"band","op":"in","value":["red"]}'
    assert asked == {"owner": "all", "sort": "name"}
    listed = revops.get(answer["Location"]).text
    assert named(listed) == {"Redwood"} and "<b>health band is At risk</b>" in listed
    query = urlsplit(answer["Location"]).query
    assert revops.post(f"/acme/accounts/views/new/?{query}", {"name": "Hot"}).status_code == 302
    with act_for(acme.pk):
        view = SavedView.objects.get()
    assert named(revops.get(f"/acme/accounts/?{view.query}").text) == {"Redwood"}
    again = revops.get(f"/acme/accounts/condition/?on=accounts&{view.query}").text
    assert '<option value="red" selected>' in again


def test_a_condition_that_lacks_something_says_so_at_its_row(book: Any, revops: Client):
    answer = revops.post("/acme/accounts/condition/", ROW | {"where:0:v0": ""})
    assert answer.status_code == 422
    assert 'id="where:0-error"' in answer.text and "Choose at least one value." in answer.text
    without = revops.post("/acme/accounts/condition/?where=x", {"where::kind": "all"})
    assert without.status_code == 302 and "where" not in without["Location"]
    rows = {}
    for at in range(60):
        rows |= {key.replace(":0:", f":{at}:"): text for key, text in ROW.items()}
    long = revops.post("/acme/accounts/condition/", rows)
    assert long.status_code == 422 and "longer than an address" in long.text
    plain = revops.post("/acme/accounts/condition/", ROW | {"do": "where|add:"})
    assert plain.status_code == 200 and 'name="where:1:what"' in plain.text


@pytest.mark.case("E16")
@pytest.mark.parametrize(
    "text", ["{", "[]", '{"measure": "luck", "op": "<", "value": 1}', "[" * 900]
)
def test_an_address_with_a_broken_condition_is_told(book: Any, revops: Client, text: str):
    for page in ("accounts", "at-risk"):
        assert revops.get(f"/acme/{page}/?{urlencode({'where': text})}").status_code == 422


def test_the_api_lists_accounts_by_a_condition(book: Any, revops: Client, actor: Actor):
    with act_for(actor.tenant.pk):
        key = {"Authorization": f"Bearer {make.api_key(actor)}"}
    both = {"any": [RED, {"field": "custom.tier", "op": "=", "value": "Gold"}]}
    answer = revops.get(f"/api/v1/health/?{where(both, band='green')}", headers=key)
    assert [row["name"] for row in answer.json()["data"]] == ["Goldach"]
    wrong = {"measure": "luck", "op": "<", "value": 1}
    refused = revops.get(f"/api/v1/health/?{where(wrong)}", headers=key)
    assert refused.status_code == 422 and "no measure “luck”" in refused.text


def chapter(acme: Tenant, kind: str) -> dict[str, str]:
    """What a browser sends of a chapter's plain fields."""
    with act_for(acme.pk):
        document = in_force(kind)
    found = {"seen_version": str(document.version), "note": ""}
    if kind == "definitions":
        return found | {f"{e['key']}-meaning": e["meaning"] for e in document.body[kind]}
    raise AssertionError(kind)


def customer(**row: str) -> dict[str, str]:
    told = {"what": "arr", "op": ">", "v0": "500"} | row
    rows = {f"customer-condition:0:{key}": text for key, text in told.items()}
    return {"customer-condition::kind": "all"} | rows


def test_a_changed_definition_shows_whom_it_moves_before_it_holds(
    book: Any, revops: Client, acme: Tenant
):
    url, form = "/acme/charter/definitions/edit/", chapter(acme, "definitions") | customer()
    assert 'value="arr" selected' in revops.get(url).text
    looked = revops.post(url, form)
    assert looked.status_code == 200
    assert "Customer: 2 to 1 account, €1.1k to €900" in looked.text
    assert named(looked.text) == {"Nordwand"}
    with act_for(acme.pk):
        assert in_force("definitions").version == 1
    mark = looked.text.split('name="looked_at" value="')[1].split('"')[0]
    other = form | customer(v0="100") | {"looked_at": mark}
    assert revops.post(url, other).status_code == 200  # something else was looked at
    assert revops.post(url, form | {"looked_at": mark}).status_code == 302
    with act_for(acme.pk):
        now = in_force("definitions")
        assert now.version == 2
        assert now.body["definitions"][0]["condition"] == {
            "measure": "arr", "op": ">", "value": 50_000
        }  # fmt: skip
    shown = revops.get("/acme/charter/definitions/now/").text
    assert "version 2" in shown and "1 of 3" in shown


def test_a_definition_of_everybody_is_warned_of_and_may_be_had(
    book: Any, revops: Client, acme: Tenant
):
    form = chapter(acme, "definitions") | customer(op=">=", v0="0")
    page = revops.post("/acme/charter/definitions/edit/", form).text
    assert "Every one of 3 accounts would match." in page
    nobody = chapter(acme, "definitions") | customer(v0="100000")
    page = revops.post("/acme/charter/definitions/edit/", nobody).text
    assert "None of 3 accounts would match." in page


def test_a_definition_that_refers_to_itself_is_refused_and_nothing_is_lost(
    book: Any, revops: Client, acme: Tenant
):
    form = chapter(acme, "definitions") | customer(what="definition.customer", op="is")
    answer = revops.post("/acme/charter/definitions/edit/", form)
    assert answer.status_code == 422
    assert "in a circle" in answer.text and 'value="definition.customer" selected' in answer.text
    bad = chapter(acme, "definitions") | customer(v0="lots")
    answer = revops.post("/acme/charter/definitions/edit/", bad)
    assert answer.status_code == 422 and "Enter a number of EUR." in answer.text
    assert 'value="lots"' in answer.text
    with act_for(acme.pk):
        assert Document.objects.filter(kind="definitions").count() == 1


def test_who_may_not_change_the_charter_builds_no_definitions(
    book: Any, acme: Tenant, sign_in: SignIn
):
    client = sign_in(make.member(acme, Role.CSM))
    for kind in ("definitions", "segments"):
        assert client.get(f"/acme/charter/{kind}/edit/").status_code == 403
    assert client.get("/acme/charter/definitions/now/").status_code == 200


def test_others_count_only_their_own(book: Any, rival: Tenant, sign_in: SignIn):
    client = sign_in(make.member(rival, Role.REVOPS))
    page = client.post("/rival/conditions/build/?name=where&use=lists", ROW).text
    assert "0 of 0 accounts" in page and "Gold" not in page
