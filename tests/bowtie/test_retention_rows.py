"""The retention page opens to its rows: renewals, cells of the cohorts, who left, the file."""

import csv
import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.test import Client
from django.utils import timezone

from accounts.actions.terms import keep_terms
from accounts.models import Account, ArrMovement, ChurnRecord, Contract
from bowtie.queries.cohorts import cohorts, members
from bowtie.queries.ledger import rollup
from bowtie.queries.money import growth, renewals
from bowtie.queries.ways import Slice
from tenants.actor import Actor
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.make import NOW, TODAY

SignIn = Callable[[Actor], Client]
WINDOW = f"since=2025-12-31&until={TODAY}"


def won(name: str, cents: int, on: date, **given: str) -> Account:
    account = make.account(name, **given)
    moved(account, "new", cents, on)
    return account


def moved(account: Account, kind: str, cents: int, on: date) -> None:
    ArrMovement.objects.create(
        account=account, kind=kind, amount_minor=cents, effective_on=on, recorded_at=NOW
    )


def contract(account: Account, cents: int, until: date) -> None:
    Contract.objects.create(
        account=account,
        external_id=str(account.pk),
        starts_on=until - timedelta(days=365),
        ends_on=until,
        arr_minor=cents,
    )


@pytest.fixture
def book(acme: Tenant) -> dict[str, Account]:
    """Four accounts: one renews for less, one leaves, one is open past due, one is not due."""
    with act_for(acme.pk):
        start = date(2025, 5, 2)
        less = won("Less", 1000_00, start, region="EMEA")
        contract(less, 1000_00, date(2026, 5, 2))
        moved(less, "contraction", -300_00, date(2026, 5, 2))
        gone = won("Gone", 500_00, start, region="EMEA")
        contract(gone, 500_00, date(2026, 5, 2))
        moved(gone, "churn", -500_00, date(2026, 5, 2))
        late = won("Late", 200_00, start, region="=APAC()")
        contract(late, 200_00, TODAY - timedelta(days=20))
        moved(late, "churn", -200_00, TODAY - timedelta(days=20))
        rest = won("=Rest()", 300_00, start)
        ChurnRecord.objects.create(
            account=gone, external_id="1", ended_on=date(2026, 5, 2), arr_minor=500_00,
            initiation="customer_decision", cause="price", recorded_at=NOW,
        )  # fmt: skip
        ChurnRecord.objects.create(
            account=rest, external_id="2", ended_on=date(2026, 6, 2), recorded_at=NOW
        )
        keep_terms(account_ids=[less.pk, gone.pk, late.pk], now=NOW)
    return {"less": less, "gone": gone, "late": late, "rest": rest}


@pytest.fixture(autouse=True)
def at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def lead(acme: Tenant, sign_in: SignIn) -> Client:
    return sign_in(make.member(acme, Role.REVOPS))


def test_renewals_are_renewed_open_or_lost(acme: Tenant, book: dict[str, Account]):
    of = (date(2025, 12, 31), TODAY, NOW, TODAY)
    with act_for(acme.pk):
        found = {each.name: each for each in renewals(*of)}
        slice_ = {each.name for each in renewals(*of, Slice(region="EMEA"))}
        later = renewals(date(2025, 12, 31), TODAY, NOW, TODAY + timedelta(days=41))
    assert {name: each.state for name, each in found.items()} == {
        "Less": "renewed", "Gone": "lost", "Late": "open"
    }  # fmt: skip
    assert (found["Less"].due_minor, found["Less"].renewed_minor) == (1000_00, 700_00)
    assert slice_ == {"Less", "Gone"}
    assert {each.state for each in later if each.name == "Late"} == {"lost"}


def test_archived_accounts_count_as_money_wherever_it_is_counted(
    acme: Tenant, book: dict[str, Account]
):
    of = (date(2025, 12, 31), TODAY, NOW)
    with act_for(acme.pk):
        before = rollup(*of), renewals(*of, TODAY), growth(*of, TODAY), cohorts(TODAY, NOW)
        Account.objects.filter(name__in=("Gone", "Less")).update(archived_at=NOW)
        after = rollup(*of), renewals(*of, TODAY), growth(*of, TODAY), cohorts(TODAY, NOW)
    assert before == after
    assert (before[0].n, len(before[1]), len(before[2]), before[3][0].n) == (4, 3, 2, 4)


def test_the_api_tells_renewals_as_the_page_does(acme: Tenant, book: object):
    with act_for(acme.pk):
        key = make.api_key(make.member(acme, Role.ADMIN))
    api = Client(headers={"Authorization": f"Bearer {key}"})
    said = api.get(f"/api/v1/retention/?{WINDOW}").json()["renewals"]
    assert said == {
        "due": {"n": 3, "due_minor": 1700_00},
        "renewed": {"n": 1, "due_minor": 1000_00},
        "open": {"n": 1, "due_minor": 200_00},
        "lost": {"n": 1, "due_minor": 500_00},
        "logo": 1 / 3,
        "dollar": 700_00 / 1700_00,
        "is_low_n": True,
        "signing": {
            **{"n": 0, "n_on_time": 0, "n_early": 0, "n_unknown": 1},
            **{"on_time": None, "early": None, "is_low_n": True},
        },
    }
    nothing = api.get("/api/v1/retention/?since=2020-01-01&until=2020-02-01").json()["renewals"]
    assert (nothing["due"]["n"], nothing["logo"], nothing["dollar"]) == (0, None, None)


def test_the_figures_of_renewals_open_to_their_rows(book: dict[str, Account], lead: Client):
    page = lead.get(f"/acme/retention/?{WINDOW}")
    said = page.context["renewals"]
    assert (said["n"], said["logo"], said["dollar"]) == (3, "33.3%", "41.2%")
    assert [row["n"] for row in said["rows"]] == [3, 1, 1, 1]
    for row, names in zip(
        said["rows"], [{"Gone", "Late", "Less"}, {"Less"}, {"Late"}, {"Gone"}], strict=True
    ):
        assert row["url"].replace("&", "&amp;") in page.text
        opened = lead.get(row["url"])
        assert {name for _, name, _ in opened.context["rows"]} == names
        assert row["amount"] in opened.text
    assert lead.get(f"/acme/retention/renewals/?{WINDOW}&state=other").status_code == 404


def test_a_cell_of_the_cohorts_opens_to_what_makes_it(acme: Tenant, book: object, lead: Client):
    page = lead.get(f"/acme/retention/?{WINDOW}")
    urls = re.findall(r'href="([^"]*/retention/cohorts/[^"]*)"', page.text)
    assert len(urls) == len([v for *_, vs in page.context["heat"]["rows"] for v in vs if v])
    with act_for(acme.pk):
        [quarter] = cohorts(TODAY, NOW)
        for month in (0, 11, 12, 18):
            found = members(quarter.quarter, month, TODAY, NOW)
            assert len(found) == quarter.n == 4
            assert sum(m.left for m in found) / sum(m.won for m in found) == quarter.arr[month]
    opened = lead.get(f"/acme/retention/cohorts/2025-04-01/12/?{WINDOW}")
    assert opened.context["together"][1:] == ["€2,000.00", "€1,200.00"]
    assert "60.0% of the ARR won" in opened.text
    assert page.context["heat"]["rows"][0][2][4] == 0.6
    for strange in ("2025-04-02/12", "2025-05-01/12", "0001-01-01/1", "x/1", "2025-04-01/37"):
        assert lead.get(f"/acme/retention/cohorts/{strange}/").status_code == 404


def test_reasons_open_and_say_where_the_ledger_disagrees(book: dict[str, Account], lead: Client):
    page = lead.get(f"/acme/retention/?{WINDOW}")
    assert "1 account of these still has ARR at its end, by the ledger" in page.text
    rows = {row["cause"]: row["url"] for row in page.context["reasons"]}
    [price] = lead.get(rows["Competition or price: price"]).context["rows"]
    assert price[1] == "Gone" and price[2][-2:] == ["€500.00", "€0.00"]
    [unsaid] = lead.get(rows["Not recorded"]).context["rows"]
    assert unsaid[1] == "=Rest()" and unsaid[2][-1] == "€300.00"
    assert len(lead.get(f"/acme/retention/left/?{WINDOW}").context["rows"]) == 2


def test_the_file_holds_what_the_figures_are_made_of(book: dict[str, Account], lead: Client):
    answer = lead.get(f"/acme/retention/export/?{WINDOW}")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert "acme-retention-2025-12-31-" in answer["Content-Disposition"]
    text = answer.content.decode("utf-8-sig")
    rows = {row["account"]: row for row in csv.DictReader(StringIO(text))}
    assert set(rows) == {"Less", "Gone", "Late", "'=Rest()"}
    assert rows["Late"]["region"] == "'=APAC()"
    result = lead.get(f"/acme/retention/?{WINDOW}").context["result"]

    def total(column: str) -> int:
        return int(sum(Decimal(row[column]) for row in rows.values()) * 100)

    assert total("start EUR") == result.opening == result.base
    assert (total("end"), total("kept"), total("least")) == (
        result.closing, result.kept, result.least
    )  # fmt: skip
    assert total("churn") == result.movements["churn"]
    sliced = lead.get(f"/acme/retention/export/?{WINDOW}&region=EMEA").content.decode("utf-8-sig")
    assert {row["account"] for row in csv.DictReader(StringIO(sliced))} == {"Less", "Gone"}
    assert lead.get("/acme/retention/export/?since=2026-02-02&until=2026-01-01").status_code == 422


def test_the_file_holds_what_one_may_take_away(
    acme: Tenant, book: dict[str, Account], sign_in: SignIn, csm: Actor
):
    with act_for(acme.pk):
        Account.objects.filter(pk=book["gone"].pk).update(owner=csm.user)
    text = sign_in(csm).get(f"/acme/retention/export/?{WINDOW}").content.decode("utf-8-sig")
    assert [row["account"] for row in csv.DictReader(StringIO(text))] == ["Gone"]
    seller = sign_in(make.member(acme, Role.SALES))
    assert seller.get(f"/acme/retention/export/?{WINDOW}").status_code == 403
    assert "/retention/export/" not in seller.get(f"/acme/retention/?{WINDOW}").text
