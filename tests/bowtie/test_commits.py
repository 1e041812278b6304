"""Deals that the CRM says are won commit their accounts, once, and only the new ones."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.actions.upsert import bring_in
from accounts.models import Account
from accounts.targets import CONTRACTS, OPPORTUNITIES
from bowtie.actions.commits import NEWS, commit_the_won, commit_won
from bowtie.models import Stay
from tests import make
from tests.make import NOW, TODAY

pytestmark = pytest.mark.usefixtures("inside")
SINCE = NOW - timedelta(minutes=1)


@pytest.fixture
def account(inside: Any) -> Account:
    return make.account("Northwind", source="crm", external_id="A1")


def contract(**more: Any) -> None:
    row = {"external_id": "C1", "account": "A1", "arr_minor": 1_800_000, "currency": "EUR"}
    row |= {"starts_on": str(TODAY), "ends_on": str(TODAY + timedelta(days=365))}
    assert not bring_in(CONTRACTS, [row | more], source="crm", now=NOW).refused


def deal(**more: Any) -> None:
    row = {"external_id": "O1", "account": "A1", "name": "Northwind", "kind": "new"}
    row |= {"stage": "won", "opened_on": str(TODAY - timedelta(days=60)), "closed_on": str(TODAY)}
    assert not bring_in(OPPORTUNITIES, [row | more], source="crm", now=NOW).refused


def stage(account: Account) -> str:
    account.refresh_from_db()
    return account.stage


@pytest.mark.parametrize("order", [(contract, deal), (deal, contract)])
def test_a_won_deal_commits_its_account_whatever_comes_first(account: Account, order: Any):
    for each in order:
        assert stage(account) == "prospect"
        each()
        commit_the_won(since=SINCE, now=NOW)
    assert stage(account) == "committed"
    stay = Stay.objects.get(left_at=None)
    assert stay.evidence == {"contract": True, "arr_minor": 1_800_000} and stay.moved_by is None
    assert commit_won(now=NOW) == []


@pytest.mark.parametrize(
    "told",
    [
        {"stage": "sal"},
        {"kind": "expansion"},
        {"closed_on": str(TODAY - timedelta(days=31))},
    ],
    ids=["open", "an expansion", "history"],
)
def test_other_deals_move_nobody(account: Account, told: dict[str, Any]):
    contract()
    deal(**told)
    assert commit_won(now=NOW) == [] and stage(account) == "prospect"


def test_a_contract_that_ended_is_no_signature(account: Account):
    day = TODAY - timedelta(days=1)
    contract(starts_on=str(TODAY - timedelta(days=400)), ends_on=str(day))
    deal()
    assert commit_won(now=NOW) == [] and stage(account) == "prospect"


def test_a_contract_without_arr_is_no_signature(account: Account):
    contract(arr_minor=0)
    deal()
    assert commit_won(now=NOW) == [] and stage(account) == "prospect"


def test_it_listens_to_what_is_told():
    assert set(NEWS) == {OPPORTUNITIES.verb, CONTRACTS.verb}
