"""The tenant's own fields in lists: shown, sorted, asked for, exported; retired ones no more."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, CustomField
from accounts.queries.custom import fields_in_use
from health.forms.lists import own_columns
from health.models import AccountRow
from health.queries.rows import page_of
from health.rules.lists import Asked
from tenants.actor import Actor
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make

pytestmark = pytest.mark.django_db

SignIn = Callable[[Actor], Client]
URL = "/acme/accounts/"
HX = {"HX-Request": "true"}
VALUES: dict[str, dict[str, Any]] = {
    "Globex": {"tier": "Gold", "seats": 12.5, "since": "2024-05-01", "live": True, "note": "Rail"},
    "Initech": {"tier": "Silver", "seats": 100, "since": "2026-01-31", "live": False},
    "Umbrella": {"note": "railway & port"},
}
KINDS = {"tier": "choice", "seats": "number", "since": "date", "live": "yes_no", "note": "text"}


@pytest.fixture
def revops(acme: Tenant, sign_in: SignIn) -> Client:
    return sign_in(make.member(acme, Role.REVOPS, "Rosa Vega"))


@pytest.fixture
def book(acme: Tenant) -> None:
    with act_for(acme.pk):
        define()
        for name, custom in VALUES.items():
            make.row(make.account(name, custom=custom))


def define() -> None:
    for position, (key, kind) in enumerate(KINDS.items()):
        CustomField.objects.create(
            key=key,
            label=f"Own {key}",
            kind=kind,
            choices=["Gold", "Silver"] if kind == "choice" else [],
            position=position,
        )


def listed(client: Client, query: str, status: int = 200) -> set[str]:
    page = client.get(URL + query)
    assert page.status_code == status
    return {name for name in VALUES if name in page.text}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?custom.tier=Gold", {"Globex"}),
        ("?custom.live=no", {"Initech"}),
        ("?custom.live=yes", {"Globex"}),
        ("?custom.note=RAIL", {"Globex", "Umbrella"}),
        ("?custom.note=%25", set()),
        ("?custom.seats.from=12.5", {"Globex", "Initech"}),
        ("?custom.seats.from=13&custom.seats.to=100", {"Initech"}),
        ("?custom.seats.to=0", set()),
        ("?custom.since.from=2024-05-01&custom.since.to=2024-05-01", {"Globex"}),
        ("?custom.since.to=2026-01-31", {"Globex", "Initech"}),
        ("?custom.seats.is=known", {"Globex", "Initech"}),
        ("?custom.seats.is=unknown", {"Umbrella"}),
        ("?custom.tier=Gold&custom.live=no", set()),
    ],
)
def test_a_list_is_asked_by_own_fields(book: None, revops: Client, query: str, names: set[str]):
    assert listed(revops, query) == names
    page = revops.get(URL + query).text
    assert "Own " in page and f"{len(names)} account" in page


@pytest.mark.parametrize(
    "query",
    ["?custom.tier=Tin", "?custom.seats.from=many", "?custom.since.to=soon", "?custom.gone=1",
     "?custom.seats=5", "?custom.live.is=perhaps", "?custom.=1"],
)  # fmt: skip
def test_a_filter_that_cannot_be_read_is_said_and_exports_nothing(
    book: None, revops: Client, query: str
):
    assert listed(revops, query, status=422) == set(VALUES)
    answer = revops.get(URL + "export/" + query)
    assert answer.status_code == 422
    assert "nothing is exported" in answer.text and "Globex" not in answer.text


def test_columns_show_values_in_words(book: None, revops: Client):
    page = revops.get(URL + "?" + "&".join(f"col=custom.{key}" for key in KINDS)).text
    for words in ("Own tier", "Gold", "12.5", "1 May 2024", ">yes<", "railway &amp; port"):
        assert words in page, words
    assert "Own tier" not in revops.get(URL).text
    assert 'value="custom.tier"' in revops.get(URL + "columns/").text
    chooser = revops.get(URL + "columns/?col=custom.tier").text
    assert chooser.count("checked") == 2  # the account's name is always chosen, and offers no box


@pytest.mark.parametrize("key", list(KINDS))
@pytest.mark.parametrize("sign", ["", "-"])
def test_walking_the_pages_by_an_own_field_meets_each_row_once_in_order(
    inside: Tenant, key: str, sign: str
):
    define()
    samples: dict[str, list[Any]] = {
        "tier": ["Gold", "Silver"],
        "seats": [1, 2.5, 10, -3],
        "since": ["2024-05-01", "2026-01-31", "2025-12-01"],
        "live": [True, False],
        "note": ["b", "a", "ä", "Z"],
    }
    for number in range(23):
        some = samples[key]
        custom = {key: some[number % len(some)]} if number % 3 else {}
        make.row(make.account(f"A{number}", custom=custom))
    own = own_columns(fields_in_use())
    asked = Asked(sort=f"{sign}custom.{key}", columns=("name", f"custom.{key}"), own=own)
    after, met = "", []
    for _ in range(10):
        page = page_of(AccountRow.objects.all(), asked, after, size=5)
        met += page.rows
        after = page.after
        if not after:
            break
    assert len(met) == len({row.account_id for row in met}) == 23
    values = [row.own_fields.get(key) for row in met]  # type: ignore[attr-defined]
    known = [value for value in values if value is not None]
    assert values == known + [None] * (23 - len(known))
    if key != "note":
        assert known == sorted(known, reverse=bool(sign))


def test_a_head_sorts_by_an_own_field(book: None, revops: Client):
    page = revops.get(URL + "?col=custom.seats&sort=-custom.seats").text
    assert page.index("Initech") < page.index("Globex") < page.index("Umbrella")
    assert 'aria-sort="descending"' in page and "sort=custom.seats" in page


def test_the_export_has_the_chosen_own_fields_as_an_import_takes_them(book: None, revops: Client):
    query = "?sort=name&" + "&".join(f"col=custom.{key}" for key in KINDS)
    text = revops.get(URL + "export/" + query).text.lstrip("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["Account"] for row in rows] == ["Globex", "Initech", "Umbrella"]
    assert [rows[0][f"Own {key}"] for key in KINDS] == [
        "Gold", "12.5", "2024-05-01", "yes", "Rail"
    ]  # fmt: skip
    assert rows[1]["Own live"] == "no" and rows[2]["Own seats"] == ""
    narrowed = revops.get(URL + "export/?custom.tier=Silver").text
    assert "Initech" in narrowed and "Globex" not in narrowed


def test_the_dialog_offers_own_filters_and_keeps_the_hidden_ones(book: None, revops: Client):
    dialog = revops.get(URL + "filters/?custom.seats.is=known&custom.tier=Gold", headers=HX).text
    assert "Custom fields" in dialog and "<details open>" in dialog
    assert 'name="custom.seats.is" value="known"' in dialog
    assert '<option value="Gold" selected>' in dialog
    assert "<details>" in revops.get(URL + "filters/", headers=HX).text


def test_a_chosen_set_follows_the_own_filter(book: None, revops: Client, acme: Tenant, csm: Actor):
    given = {"owner": csm.user_id, "all": "1", "n": "1"}
    answer = revops.post(URL + "chosen/assign/?custom.tier=Gold", given, headers=HX)
    assert answer.status_code == 204
    with act_for(acme.pk):
        assert [one.name for one in Account.objects.filter(owner=csm.user)] == ["Globex"]


def test_a_retired_field_is_no_column_and_no_filter(book: None, revops: Client, acme: Tenant):
    with act_for(acme.pk):
        CustomField.objects.filter(key="tier").update(retired_at=make.NOW)
    shown = revops.get(URL + "?col=custom.tier&col=arr&sort=custom.tier")
    assert shown.status_code == 200 and "Own tier" not in shown.text and "ARR" in shown.text
    assert "Own tier" not in revops.get(URL + "columns/").text
    assert "Own tier" not in revops.get(URL + "filters/").text
    assert listed(revops, "?custom.tier=Gold", status=422) == set(VALUES)
    assert revops.get(URL + "export/?custom.tier=Gold").status_code == 422


def test_own_columns_cost_the_same_queries_for_any_number_of_rows(
    book: None, revops: Client, acme: Tenant
):
    query = URL + "?sort=custom.seats&" + "&".join(f"col=custom.{key}" for key in KINDS)

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            revops.get(query)
        return len(caught)

    queries()
    few = queries()
    with act_for(acme.pk):
        for number in range(40):
            make.row(make.account(f"More {number}", custom={"seats": number}))
    assert queries() == few


def test_what_people_wrote_in_own_fields_is_text(revops: Client, acme: Tenant):
    evil = "<script>alert(1)</script>"
    with act_for(acme.pk):
        CustomField.objects.create(key="note", label=evil, kind="text")
        account = make.account("Globex", custom={"note": evil})
        make.row(account)
    for address in (
        URL + "?col=custom.note&custom.note=alert",
        URL + "filters/",
        URL + "columns/",
        f"{URL}{account.pk}/",
        f"{URL}{account.pk}/edit/",
        "/acme/settings/fields/",
    ):
        page = revops.get(address).text
        assert evil not in page and "&lt;script&gt;" in page, address
