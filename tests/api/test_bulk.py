"""The API of accounts and of what they do: lists, one row, many rows at once."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from accounts.targets import TARGETS
from charter.actions import install_defaults
from pulse.models import UsageDay
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make

pytestmark = pytest.mark.django_db
ACCOUNTS = "/api/v1/accounts/"
GLOBEX = {"external_id": "A1", "name": "Globex", "segment": "enterprise", "tags": ["pilot"]}


def put(call: Callable[..., Any], noun: str, *rows: Any, source: str = "crm") -> Any:
    return call(f"/api/v1/{noun}/bulk/", {"source": source, "data": list(rows)})


def test_rows_are_created_then_unchanged_then_updated(call: Any):
    first = put(call, "accounts", GLOBEX)
    assert first.status_code == 200
    assert first.json()["created"] == 1 and first.json()["results"][0]["result"] == "created"
    again = put(call, "accounts", GLOBEX).json()
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 1)
    assert again["results"][0]["id"] == first.json()["results"][0]["id"]
    third = put(call, "accounts", GLOBEX | {"segment": "scale"}).json()
    assert (third["updated"], third["unchanged"]) == (1, 0)


@pytest.mark.case("C19")
def test_a_refused_row_says_why_and_keeps_no_other_from_being_taken(call: Any):
    answer = put(
        call,
        "accounts",
        GLOBEX,
        {"external_id": "A2", "name": "", "employees": -4},
        {"external_id": "A3", "name": "Initech", "colour": "red"},
        "nonsense",
        {"external_id": "A4", "name": "Umbrella", "owner": "nobody@example.com"},
    )
    assert answer.status_code == 207
    body = answer.json()
    assert (body["created"], body["refused"]) == (1, 4)
    reasons = [
        (row["index"], refusal["field"], refusal["value"], refusal["code"])
        for row in body["results"]
        for refusal in row["refusals"]
    ]
    assert reasons == [
        (1, "name", "", "missing"),
        (1, "employees", -4, "negative"),
        (2, "colour", "red", "unknown_field"),
        (3, "", "nonsense", "wrong_type"),
        (4, "owner", "nobody@example.com", reasons[-1][3]),
    ]
    assert all(
        refusal["reason"].endswith(".") for row in body["results"] for refusal in row["refusals"]
    )


def test_a_long_value_is_cut_where_it_is_told_back(call: Any):
    body = put(call, "accounts", {"external_id": "A1", "name": "x" * 999}).json()
    assert len(body["results"][0]["refusals"][0]["value"]) == 201


@pytest.mark.case("C19")
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], ""),
        ({"data": [GLOBEX]}, "source"),
        ({"source": "Not A Name", "data": [GLOBEX]}, "source"),
        ({"source": "crm"}, "data"),
        ({"source": "crm", "data": []}, "data"),
        ({"source": "crm", "data": [GLOBEX] * 501}, "data"),
        ({"source": "crm", "data": [GLOBEX], "mode": 1}, "mode"),
    ],
)
def test_a_body_of_another_shape_is_not_valid(call: Any, body: Any, field: str):
    answer = call(f"{ACCOUNTS}bulk/", body)
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert list(answer.json()["errors"]) == [field]


def test_one_row_is_found_by_id_and_by_the_key_of_its_source(call: Any):
    made = put(call, "accounts", GLOBEX, {"external_id": "a/b c", "name": "Slash"}).json()
    by_id = call(f"{ACCOUNTS}{made['results'][0]['id']}/").json()
    assert call(f"{ACCOUNTS}external/crm/A1/").json() == by_id
    assert (by_id["name"], by_id["segment"], by_id["tags"]) == ("Globex", "enterprise", ["pilot"])
    assert by_id["owner"] is None and "name_norm" not in by_id and "tenant_id" not in by_id
    assert call(f"{ACCOUNTS}external/crm/a%2Fb%20c/").json()["name"] == "Slash"
    assert call(f"{ACCOUNTS}{make.some_id()}/").json()["code"] == "not_found"
    assert call(f"{ACCOUNTS}external/other/A1/").status_code == 404


def test_lists_are_narrowed_by_filters_made_from_the_fields(call: Any, acme: Tenant):
    with act_for(acme.pk):
        maya = make.member(acme, Role.CSM, "Maya Okafor").user
    assert maya is not None
    put(
        call,
        "accounts",
        GLOBEX | {"owner": maya.email},
        {"external_id": "A2", "name": "Initech", "is_strategic": True},
    )
    put(call, "contracts", contract("C1", "A1", "2026-01-01"), contract("C2", "A2", "2026-06-01"))

    def found(query: str, noun: str = "accounts") -> list[str]:
        answer = call(f"/api/v1/{noun}/?{query}")
        assert answer.status_code == 200, answer.content
        return sorted(row["external_id"] for row in answer.json()["data"])

    assert found("") == ["A1", "A2"]
    assert found(f"owner={maya.email}") == ["A1"]
    assert found("is_strategic=true") == ["A2"]
    assert found("tags=pilot") == ["A1"] and found("tags=other") == []
    assert found("segment=enterprise&source=crm") == ["A1"]
    assert found("changed_since=2100-01-01T00:00:00Z") == []
    assert found("account=A2", "contracts") == ["C2"]
    assert found("starts_on_from=2026-06-01", "contracts") == ["C2"]
    assert found("starts_on_before=2026-06-01", "contracts") == ["C1"]


def contract(key: str, account: str, day: str) -> dict[str, Any]:
    return {"external_id": key, "account": account, "starts_on": day, "arr_minor": 1200000}


@pytest.mark.case("C21")
@pytest.mark.parametrize(
    "query",
    ["colour=red", "account_id=x", "is_trial=yes", "starts_on_from=soon", "status=odd", "plan="],
)
def test_a_filter_that_is_not_understood_is_refused(call: Any, query: str):
    answer = call(f"/api/v1/contracts/?{query}")
    assert answer.status_code == 422 and list(answer.json()["errors"]) == [query.split("=")[0]]


def test_contracts_make_the_arr_of_their_account(call: Any):
    put(call, "accounts", GLOBEX)
    assert put(call, "contracts", contract("C1", "A1", "2020-01-01")).status_code == 200
    assert call(f"{ACCOUNTS}external/crm/A1/").json()["arr_minor"] == 1200000
    assert call("/api/v1/contracts/").json()["data"][0]["account"] == "A1"


def test_usage_is_taken_by_the_thousand_and_paged(call: Any, acme: Tenant):
    put(call, "accounts", GLOBEX)
    rows = [
        {"account": "A1", "day": f"2026-10-{1 + n % 28:02}", "feature": "f", "person": f"p{n}"}
        | {"n": n}
        for n in range(700)
    ]
    answer = put(call, "usage", *rows)
    assert answer.status_code == 200 and answer.json()["created"] == 700
    assert put(call, "usage", *rows).json()["unchanged"] == 700
    url, seen = "/api/v1/usage/?limit=300&day_from=2026-10-01", []
    while url:
        body = call(url).json()
        seen += [(row["day"], row["person"]) for row in body["data"]]
        url = body["next"]
    assert len(seen) == 700 and sorted(seen) == seen
    with act_for(acme.pk):
        assert UsageDay.objects.count() == 28


@pytest.mark.case("C1")
def test_a_bulk_post_sent_twice_takes_effect_once(call: Any, acme: Tenant):
    body = {"source": "crm", "data": [GLOBEX, {"external_id": "A2"}]}
    first = call(f"{ACCOUNTS}bulk/", body, **{"Idempotency-Key": "k"})
    again = call(f"{ACCOUNTS}bulk/", body, **{"Idempotency-Key": "k"})
    assert (first.status_code, again.status_code) == (207, 207)
    assert first.content == again.content and again["Idempotent-Replayed"] == "true"
    assert "RateLimit-Remaining" in again
    with act_for(acme.pk):
        assert Account.objects.count() == 1


@pytest.mark.parametrize("noun", sorted(TARGETS))
def test_every_noun_has_its_list_and_its_bulk_post(call: Any, noun: str):
    assert call(f"/api/v1/{noun}/").json() == {"data": [], "next": None}
    answer = put(call, noun, {})
    assert answer.status_code == 207 and answer.json()["refused"] == 1


@pytest.mark.parametrize("noun", sorted(TARGETS))
def test_the_example_of_the_document_can_be_sent(call: Any, acme: Tenant, noun: str):
    document = call("/api/v1/openapi.json", **{"Accept": "application/json"}).json()
    post = document["paths"][f"/api/v1/{noun}/bulk/"]["post"]
    [example] = post["requestBody"]["content"]["application/json"]["examples"].values()
    with act_for(acme.pk):
        install_defaults(author=None, now=timezone.now())
        make.account(external_id="acc-1")
    answer = call(f"/api/v1/{noun}/bulk/", example["value"])
    assert answer.status_code == 207
    body = answer.json()
    assert [row["result"] for row in body["results"]] == ["created", "refused"], body


def test_a_key_without_the_scope_is_refused(acme: Tenant):
    with act_for(acme.pk):
        secret = make.api_key(make.member(acme, Role.ADMIN), scopes=["accounts:read"])
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    assert client.get(ACCOUNTS).status_code == 200
    assert client.get("/api/v1/tickets/").status_code == 403
    answer = client.post(f"{ACCOUNTS}bulk/", {}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
