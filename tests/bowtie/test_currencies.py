"""Retention of contracts in several currencies: rates move ARR, and no rate of retention."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.actions.revenue import keep_ledger
from accounts.models import Account, Contract
from bowtie.queries.cohorts import cohorts, members
from bowtie.queries.ledger import rollup, windows
from bowtie.queries.money import growth, renewals
from bowtie.queries.ways import Slice
from bowtie.rules.retention import Retention, Window, retention
from charter.actions import install_defaults, publish
from charter.queries import in_force
from tenants.actor import Actor
from tenants.ids import uuid7
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.make import NOW, TODAY

SINCE = date(2025, 9, 1)
AT = date(2025, 3, 1)
SLUMP = {2025: "1", 2026: "0.5"}
RISE = {2025: "1", 2026: "1.5"}


def signed(
    account: Account, arr: int, start: date = AT, end: date | None = None, code: str = "USD"
) -> None:
    Contract.objects.create(
        account=account, external_id=str(uuid7()), starts_on=start, ends_on=end,
        arr_minor=arr, currency=code,
    )  # fmt: skip


def keep(csm: Actor, usd: dict[int, str], **more: dict[int, str]) -> None:
    body = {
        "first_month": 1,
        "rates": [
            {"year": year, "currency": code, "rate": rate}
            for code, by_year in {"USD": usd, **more}.items()
            for year, rate in by_year.items()
        ],
    }
    install_defaults(author=None, now=NOW)
    Contract.objects.update(created_at=NOW)
    publish(kind="rates", body=body, note="", seen_version=1, author=csm.user, now=NOW)
    keep_ledger(account_ids=list(Account.objects.values_list("pk", flat=True)), now=NOW)


def cents(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


def told(since: date = SINCE, chosen: Slice | None = None) -> Retention:
    of = (since, TODAY, NOW, chosen or Slice())
    result = rollup(*of)
    assert result == retention(windows(*of)) and result.reconciles
    return result


@pytest.mark.parametrize("usd", [SLUMP, RISE, {2025: "0.333", 2026: "0.777"}])
def test_rates_alone_move_no_figure_of_retention(inside: Tenant, csm: Actor, usd: dict[int, str]):
    signed(make.account("Stays"), 100_00)
    signed(make.account("Own money"), 70_00, code="EUR")
    signed(make.account("Renews"), 33_33, end=date(2026, 1, 1))
    signed(Account.objects.get(name="Renews"), 33_33, start=date(2026, 1, 1))
    keep(csm, usd)
    result = told()
    assert (result.grr, result.nrr, result.logo) == (1, 1, 1)
    assert (result.grr_movement, result.nrr_movement, result.quick_ratio) == (1, 1, None)
    then, now = (Decimal(usd[year]) for year in (2025, 2026))
    assert result.movements["fx"] == sum(
        cents(arr * now) - cents(arr * then) for arr in (100_00, 33_33)
    )
    assert set(result.movements) == {"fx"}
    [quarter] = cohorts(TODAY, NOW)
    assert {share for share in quarter.arr if share is not None} == {1}
    [due] = renewals(SINCE, TODAY, NOW, TODAY)
    assert due.due_minor == due.renewed_minor == cents(33_33 * then)
    assert {each.kept_minor - each.end_minor for each in growth(SINCE, TODAY, NOW, TODAY)} == {0}


@pytest.mark.parametrize("usd", [SLUMP, RISE])
@pytest.mark.parametrize("left_on", [date(2025, 12, 1), date(2026, 1, 1), date(2026, 5, 1)])
def test_who_leaves_is_lost_whole_whatever_rates_did(
    inside: Tenant, csm: Actor, usd: dict[int, str], left_on: date
):
    signed(make.account("Stays"), 100_00, code="EUR")
    signed(make.account("Leaves"), 100_00, end=left_on)
    keep(csm, usd)
    result = told()
    assert (result.n, result.stayed, result.base, result.kept) == (2, 1, 200_00, 100_00)
    assert (result.grr, result.nrr, result.grr_movement, result.nrr_movement) == (0.5,) * 4
    assert (result.lost, result.losses) == (100_00, 100_00)
    [quarter] = cohorts(TODAY, NOW)
    assert (quarter.arr[18], quarter.logos[18]) == (0.5, 0.5)
    assert [each.left for each in members(date(2025, 1, 1), 18, TODAY, NOW)] == [0, 100_00]
    [due] = renewals(SINCE, TODAY, NOW, TODAY)
    on_the_eve = cents(100_00 * Decimal(usd[(left_on - timedelta(days=1)).year]))
    assert (due.due_minor, due.renewed_minor, due.state) == (on_the_eve, 0, "lost")


def test_what_grows_or_shrinks_does_so_at_its_years_rate(inside: Tenant, csm: Actor):
    account = make.account()
    signed(account, 100_00)
    signed(account, 20_00, start=date(2026, 3, 1))
    keep(csm, SLUMP)
    result = told()
    assert result.movements == {"fx": -50_00, "expansion": 10_00}
    assert (result.nrr, result.nrr_movement) == (1.1, 1.1)


def test_an_account_that_shrinks_under_what_rates_gave_stays_a_customer():
    window = Window(100, 5, {"fx": 10, "contraction": -105})
    result = retention([window])
    assert (result.stayed, result.kept, result.logo) == (1, 0, 1)


@pytest.fixture
def book(acme: Tenant) -> str:
    with act_for(acme.pk):
        signed(make.account("Dollars"), 100_00)
        signed(make.account("Euros"), 70_00, code="EUR")
        signed(make.account("Francs"), 10_00, start=date(2026, 2, 1), code="CHF")
        keep(make.member(acme, Role.REVOPS), RISE, CHF={2025: "2", 2026: "1.05"})
    return f"since={SINCE}&until={TODAY}"


def test_the_page_shows_what_rates_moved_and_slices_by_currency(
    book: str, acme: Tenant, sign_in: Callable[[Actor], Client]
):
    lead = sign_in(make.member(acme, Role.MANAGER))
    page = lead.get(f"/acme/retention/?{book}")
    assert page.text.count("Exchange rates") >= 2 and "is in no rate" in page.text
    assert page.context["result"].movements == {"fx": 50_00, "new": 10_50}
    assert "50.00" in lead.get(f"/acme/retention/ledger/?{book}&kind=fx").text
    sliced = lead.get(f"/acme/retention/?{book}&currency=USD").context["result"]
    assert (sliced.opening, sliced.closing, sliced.accounts) == (100_00, 150_00, 1)
    with act_for(acme.pk):
        assert told(chosen=Slice(currency="CHF")).closing == 10_50
        assert told(chosen=Slice(currency="GBP")).accounts == 0


def test_the_api_slices_by_currency_too(book: str, acme: Tenant):
    with act_for(acme.pk):
        api = Client(
            headers={"Authorization": f"Bearer {make.api_key(make.member(acme, Role.ADMIN))}"}
        )
    found: dict[str, Any] = api.get(f"/api/v1/retention/?{book}&currency=USD").json()
    assert (found["movements"], found["nrr"]) == ({"fx": 50_00}, 1)
    assert api.get(f"/api/v1/retention/?{book}&currency=usd").status_code == 422


def test_a_contract_stands_in_its_own_money_and_in_ours(
    book: str, acme: Tenant, sign_in: Callable[[Actor], Client]
):
    with act_for(acme.pk):
        dollars = Account.objects.get(name="Dollars")
        assert in_force("rates").version == 2
    revops = sign_in(make.member(acme, Role.REVOPS))
    page = revops.get(f"/acme/accounts/{dollars.pk}/contract/").text
    assert "$100" in page and "€150" in page and "Exchange rate" in page
    assert "There is no rate" not in page
    with act_for(acme.pk):
        signed(dollars, 5_00, start=date(2024, 2, 1), code="USD")
    page = revops.get(f"/acme/accounts/{dollars.pk}/contract/").text
    assert "There is no rate from USD to EUR for 2024" in page
    retention_page = revops.get(f"/acme/retention/?{book}").text
    assert "1 account is held as before" in retention_page


def test_the_api_reads_a_contract_in_its_own_money_and_in_ours(book: str, acme: Tenant):
    with act_for(acme.pk):
        key = make.api_key(make.member(acme, Role.ADMIN))
    api = Client(headers={"Authorization": f"Bearer {key}"})
    told = {each["currency"]: each for each in api.get("/api/v1/contracts/").json()["data"]}
    assert (told["USD"]["arr_minor"], told["USD"]["arr_reporting_minor"]) == (100_00, 150_00)
    assert told["EUR"]["arr_reporting_minor"] == 70_00
    one = f"/api/v1/contracts/{told['CHF']['id']}/"
    assert api.get(one).json()["arr_reporting_minor"] == 10_50
    with act_for(acme.pk):
        Contract.objects.filter(currency="CHF").update(currency="GBP")
    assert api.get(one).json()["arr_reporting_minor"] is None
