"""A client of the API keeps CSOM in step with a CRM: twice is the same as once."""

import csv
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, Contact, Contract, Opportunity
from pulse.models import Ticket
from tenants.models import Tenant
from tenants.rest import limits
from tenants.roles import Role
from tenants.scope import act_for
from tests import make

pytestmark = pytest.mark.django_db
Row = dict[str, Any]
STAGES = {"Won": "won", "Lost": "lost", "Engaging": "sal", "Prospecting": "prospect"}


class Sync:
    """What a client does: post in batches, with a key for each, and count the answers."""

    def __init__(self, secret: str, source: str) -> None:
        self.client = Client(headers={"Authorization": f"Bearer {secret}"})
        self.source = source
        self.refusals: list[Row] = []

    def send(self, noun: str, rows: list[Row], run: str) -> tuple[int, int, int, int]:
        """created, updated, unchanged, refused."""
        counts = [0, 0, 0, 0]
        for at in range(0, len(rows), 500):
            answer = self.post(noun, rows[at : at + 500], f"{run}-{noun}-{at}").json()
            for place, word in enumerate(("created", "updated", "unchanged", "refused")):
                counts[place] += answer[word]
            self.refusals += [each for row in answer["results"] for each in row["refusals"]]
        return counts[0], counts[1], counts[2], counts[3]

    def post(self, noun: str, rows: list[Row], key: str) -> Any:
        answer = self.client.post(
            f"/api/v1/{noun}/bulk/",
            {"source": self.source, "data": rows},
            content_type="application/json",
            headers={"Idempotency-Key": key},
        )
        assert answer.status_code in (200, 207), answer.content
        return answer

    def read(self, noun: str) -> Iterator[Row]:
        url = f"/api/v1/{noun}/?limit=200&source={self.source}"
        while url:
            page = self.client.get(url).json()
            yield from page["data"]
            url = page["next"]


@pytest.fixture
def sync(acme: Tenant, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Sync]:
    monkeypatch.setattr(limits, "BURST", 10_000)
    with act_for(acme.pk):
        secret = make.api_key(make.member(acme, Role.ADMIN))
    return lambda source: Sync(secret, source)


def test_a_crm_of_three_hundred_accounts_is_synced_twice(sync: Any, acme: Tenant):
    crm = sync("crm")
    book = {
        "accounts": [
            {"external_id": f"A{n}", "name": f"Account {n}", "segment": "scale", "employees": n}
            for n in range(300)
        ],
        "contacts": [
            {"external_id": f"P{n}", "account": f"A{n}", "name": f"Person {n}"}
            | {"email": f"p{n}@example.com", "roles": ["champion"]}
            for n in range(300)
        ],
        "contracts": [
            {"external_id": f"C{n}", "account": f"A{n}", "starts_on": "2026-01-01"}
            | {"arr_minor": 100_000 * (n + 1), "currency": "EUR", "product": "platform"}
            for n in range(300)
        ],
    }
    assert {noun: crm.send(noun, rows, "first") for noun, rows in book.items()} == dict.fromkeys(
        book, (300, 0, 0, 0)
    )
    assert {noun: crm.send(noun, rows, "second") for noun, rows in book.items()} == dict.fromkeys(
        book, (0, 0, 300, 0)
    )
    book["accounts"][7]["segment"] = "enterprise"
    assert crm.send("accounts", book["accounts"], "third") == (0, 1, 299, 0)
    accounts = {row["external_id"]: row for row in crm.read("accounts")}
    assert len(accounts) == 300 and accounts["A7"]["segment"] == "enterprise"
    assert accounts["A41"]["arr_minor"] == 100_000 * 42
    with act_for(acme.pk):
        assert (Contact.objects.count(), Contract.objects.count()) == (300, 300)


def test_bad_rows_come_back_with_what_to_do_about_them(sync: Any, acme: Tenant):
    crm = sync("crm")
    crm.send("accounts", [{"external_id": "A1", "name": "Globex"}], "a")
    good = {"account": "A1", "starts_on": "2026-01-01", "arr_minor": 1}
    bad: list[Row] = [
        good | {"external_id": "C1", "account": "A404"},
        good | {"external_id": "C2", "starts_on": "01/02/2026"},
        good | {"external_id": "C3", "ends_on": "2025-01-01"},
        good | {"external_id": "C4", "arr_minor": 10.5},
        good | {"external_id": "C5", "status": "signed"},
        good | {"external_id": "C6"},
    ]
    assert crm.send("contracts", bad, "c") == (1, 0, 0, 5)
    fields = [refusal["field"] for refusal in crm.refusals]
    assert fields == ["account", "starts_on", "ends_on", "arr_minor", "status"]
    reasons = " ".join(refusal["reason"] for refusal in crm.refusals)
    for words in ("A404", "such as 2026-11-19", "2025-01-01", "10.5", "pending, active, ended"):
        assert words in reasons
    mended = [bad[0] | {"account": "A1"}, bad[2] | {"ends_on": "2027-01-01"}, bad[5]]
    assert crm.send("contracts", mended, "d") == (2, 0, 1, 0)


@pytest.mark.case("C23")
def test_a_call_repeated_after_a_lost_answer_changes_nothing(sync: Any, acme: Tenant):
    crm = sync("crm")
    rows = [{"external_id": "A1", "name": "Globex"}]
    first = crm.post("accounts", rows, "lost")
    with act_for(acme.pk):
        Account.objects.update(name="Renamed by hand")
    again = crm.post("accounts", rows, "lost")
    assert again.content == first.content and again["Idempotent-Replayed"] == "true"
    with act_for(acme.pk):
        assert Account.objects.get().name == "Renamed by hand"


# -- third-party data --


def data(name: str) -> Path:
    folder = Path(os.environ.get("CSOM_DATA", "")) / name
    if not folder.is_dir():
        pytest.skip(f"no {name} in CSOM_DATA")
    return folder


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.data
def test_a_sales_pipeline_is_synced_twice(sync: Any, acme: Tenant):
    folder, crm = data("crm-sales-opportunities"), sync("sales")
    accounts = [
        {"external_id": row["account"], "name": row["account"], "industry": row["sector"]}
        | {"employees": int(row["employees"]), "region": row["office_location"]}
        for row in rows_of(folder / "accounts.csv")
    ]
    deals = [
        {"external_id": row["opportunity_id"], "name": f"{row['account']} {row['product']}".strip()}
        | {"account": row["account"] or None, "product": row["product"]}
        | {"stage": STAGES[row["deal_stage"]], "seller_name": row["sales_agent"]}
        | {"opened_on": row["engage_date"] or None, "closed_on": row["close_date"] or None}
        | {"amount_minor": int(row["close_value"]) * 100 if row["close_value"] else None}
        for row in rows_of(folder / "sales_pipeline.csv")[:2000]
    ]
    n, m = len(accounts), len(deals)
    assert crm.send("accounts", accounts, "1") == (n, 0, 0, 0)
    assert crm.send("opportunities", deals, "1") == (m, 0, 0, 0), crm.refusals[:3]
    assert crm.send("accounts", accounts, "2") == (0, 0, n, 0)
    assert crm.send("opportunities", deals, "2") == (0, 0, m, 0)
    with act_for(acme.pk):
        assert Opportunity.objects.filter(stage="won").count() == sum(
            deal["stage"] == "won" for deal in deals
        )


@pytest.mark.data
def test_hubspot_objects_are_synced_twice(sync: Any, acme: Tenant):
    folder, crm = data("hubspot-objects"), sync("hubspot")
    companies = [
        {"external_id": row["id"], "name": row["property_name"] or row["id"]}
        | {"region": row["property_country"]}
        for row in rows_of(folder / "company_data.csv")
    ]
    deals = [
        {"external_id": row["deal_id"], "name": row["property_dealname"] or row["deal_id"]}
        | {"stage": "prospect"}
        for row in rows_of(folder / "deal_data.csv")
    ]
    for noun, rows in {"accounts": companies, "opportunities": deals}.items():
        first = crm.send(noun, rows, "1")
        assert first[0] and first[0] + first[3] == len(rows), crm.refusals[:3]
        assert crm.send(noun, rows, "2") == (0, 0, first[0], first[3])
    assert {refusal["code"] for refusal in crm.refusals} <= {"repeated"}


@pytest.mark.data
def test_a_salesforce_tree_is_synced_twice(sync: Any, acme: Tenant):
    folder, crm = data("salesforce-tree") / "account-opportunity-task-case", sync("salesforce")

    def records(name: str) -> list[Row]:
        return json.loads((folder / name).read_text())["records"]

    def of(row: Row, *names: str) -> Any:
        lower = {key.lower(): value for key, value in row.items()}
        return next((lower[name] for name in names if lower.get(name)), None)

    accounts = [
        {"external_id": row["attributes"]["referenceId"], "name": of(row, "name")}
        for row in records("Account.json")
    ]
    cases = [
        {"external_id": row["attributes"]["referenceId"], "subject": of(row, "subject") or "Case"}
        | {"account": str(of(row, "accountid")).lstrip("@"), "opened_at": "2026-11-19T09:00:00Z"}
        for row in records("Case.json")
    ]
    assert crm.send("accounts", accounts, "1") == (len(accounts), 0, 0, 0)
    assert crm.send("tickets", cases, "1") == (len(cases), 0, 0, 0), crm.refusals
    assert crm.send("accounts", accounts, "2") == (0, 0, len(accounts), 0)
    assert crm.send("tickets", cases, "2") == (0, 0, len(cases), 0)
    with act_for(acme.pk):
        assert Ticket.objects.filter(account__source="salesforce").count() == len(cases)
