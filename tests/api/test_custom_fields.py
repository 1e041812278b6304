"""The tenant's own fields over the API: listed, filled, refused one by one."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Account, CustomField
from tenants.models import Tenant
from tenants.scope import act_for
from tests import make

pytestmark = pytest.mark.django_db
Call = Callable[..., Any]
BULK = "/api/v1/accounts/bulk/"


@pytest.fixture(autouse=True)
def defined(acme: Tenant) -> None:
    rows = [
        ("tier", "choice", ["Gold", "Silver"]),
        ("since", "date", []),
        ("seats", "number", []),
        ("live", "yes_no", []),
        ("note", "text", []),
    ]
    with act_for(acme.pk):
        for position, (key, kind, choices) in enumerate(rows):
            CustomField.objects.create(
                key=key, label=key.title(), kind=kind, choices=choices, position=position
            )
        CustomField.objects.create(
            key="old", label="Old", kind="text", position=9, retired_at=make.NOW
        )


def test_definitions_are_listed_page_by_page(call: Call):
    first = call("/api/v1/custom-fields/?limit=4").json()
    assert [each["key"] for each in first["data"]] == ["tier", "since", "seats", "live"]
    assert first["data"][0] == {
        "key": "tier", "label": "Tier", "kind": "choice", "choices": ["Gold", "Silver"],
        "position": 0, "retired_at": None,
    }  # fmt: skip
    rest = call(first["next"]).json()
    assert [each["key"] for each in rest["data"]] == ["note", "old"]
    assert rest["data"][1]["retired_at"] and rest["next"] is None


def test_every_bad_value_is_a_refusal_of_its_own_and_the_others_are_taken(call: Call, acme: Tenant):
    bad = {
        "tier": "Iron", "since": "19.11.2026", "seats": "12", "live": "yes", "note": "x" * 501,
        "old": "new", "colour": "red",
    }  # fmt: skip
    good = {"tier": "gold", "since": "2026-11-19", "seats": 12.5, "live": True, "note": "Rail"}
    rows = [
        {"external_id": "A1", "name": "Globex", "custom": good},
        {"external_id": "A2", "name": "Initech", "custom": bad},
    ]
    answer = call(BULK, {"source": "crm", "data": rows})
    assert answer.status_code == 207
    first, second = answer.json()["results"]
    assert (first["result"], second["result"]) == ("created", "refused")
    told = {each["field"]: (each["code"], each["value"]) for each in second["refusals"]}
    assert told == {
        "custom.tier": ("not_a_choice", "Iron"),
        "custom.since": ("not_a_date", "19.11.2026"),
        "custom.seats": ("wrong_type", "12"),
        "custom.live": ("wrong_type", "yes"),
        "custom.note": ("too_long", "x" * 200 + "…"),
        "custom.old": ("retired_custom_field", "new"),
        "custom.colour": ("unknown_custom_field", "red"),
    }
    assert all(each["reason"].endswith(".") for each in second["refusals"])
    read = call(f"/api/v1/accounts/{first['id']}/").json()
    assert read["custom"] == good | {"tier": "Gold"}
    again = call(BULK, {"source": "crm", "data": rows[:1]})
    assert again.json()["unchanged"] == 1


def test_values_of_a_retired_field_are_still_answered(call: Call, acme: Tenant):
    with act_for(acme.pk):
        account = make.account(custom={"old": "kept"}, external_id="A1", source="crm")
    row = {"external_id": "A1", "custom": {"tier": "Silver"}}
    assert call(BULK, {"source": "crm", "data": [row]}).json()["updated"] == 1
    read = call(f"/api/v1/accounts/{account.pk}/").json()
    assert read["custom"] == {"old": "kept", "tier": "Silver"}


@pytest.mark.parametrize("custom", ["Gold", ["Gold"], 5, {"": 1}, {"tier": {"a": 1}}])
def test_a_shape_that_is_none_is_refused(call: Call, acme: Tenant, custom: Any):
    row = {"external_id": "A1", "name": "Globex", "custom": custom}
    assert call(BULK, {"source": "crm", "data": [row]}).status_code == 207
    with act_for(acme.pk):
        assert not Account.objects.exists()


def test_the_document_tells_of_custom_fields(client: Any):
    page = client.get("/api/v1/docs/").text
    assert "List custom fields" in page and "custom.&lt;key&gt;" in page
