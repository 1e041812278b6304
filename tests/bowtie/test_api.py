"""The bowtie over the API: the same figures, the same gates."""

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from bowtie.actions.moves import place
from bowtie.rules.gates import GO_LIVE
from bowtie.rules.stages import Stage
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make

Call = Callable[..., object]


@pytest.fixture
def account(acme: Tenant) -> Iterator[Account]:
    with act_for(acme.pk):
        made = make.account(stage="onboarding")
    return made


@pytest.fixture
def api(acme: Tenant) -> Client:
    with act_for(acme.pk):
        secret = make.api_key(make.member(acme, Role.ADMIN))
    return Client(headers={"Authorization": f"Bearer {secret}"})


def post(api: Client, account: Account, **said):
    here = f"/api/v1/accounts/{account.pk}/stages/"
    return api.post(here, said, content_type="application/json")


def test_gates_hold_and_their_refusals_have_codes(api: Client, account: Account):
    answer = post(api, account, to_stage="live", seen_stage="committed")
    assert (answer.status_code, answer.json()["code"]) == (409, "stage_moved")
    answer = post(api, account, to_stage="live", seen_stage="onboarding", evidence=["sign_off"])
    assert (answer.status_code, answer.json()["code"]) == (409, "gate_closed")
    assert "data loaded" in answer.json()["detail"]
    answer = post(api, account, to_stage="first_impact", seen_stage="onboarding")
    assert (answer.status_code, answer.json()["code"]) == (409, "override_needed")
    assert "Live" in answer.json()["detail"]
    answer = post(api, account, to_stage="committed", seen_stage="onboarding")
    assert (answer.status_code, answer.json()["code"]) == (409, "no_such_move")
    for said in ({"override_reason": "x"}, {"evidence": ["handoff"]}, {"evidence": "sign_off"}):
        assert (
            post(api, account, to_stage="live", seen_stage="onboarding", **said).status_code == 422
        )
    answer = post(api, account, to_stage="live", seen_stage="onboarding", evidence=list(GO_LIVE))
    assert answer.status_code == 201
    [stay] = api.get(f"/api/v1/accounts/{account.pk}/stages/").json()["data"]
    assert (stay["stage"], stay["came_from"]) == ("live", "onboarding")
    assert stay["evidence"] == dict.fromkeys(GO_LIVE, True)


def test_an_import_places_only_accounts_without_a_history(api: Client, acme: Tenant):
    with act_for(acme.pk):
        made = make.account("Placed")
        assert place(accounts=[made], stage=Stage.LIVE, actor=None, now=timezone.now()) == 1
        assert place(accounts=[made], stage=Stage.MAX_IMPACT, actor=None, now=timezone.now()) == 0
    row = {"external_id": made.external_id, "name": "Placed anew"}
    for more, refused in (({"stage": "max_impact"}, 1), ({}, 0)):
        answer = api.post(
            "/api/v1/accounts/bulk/",
            {"source": "csom", "data": [row | more]},
            content_type="application/json",
        )
        assert answer.json()["refused"] == refused
    with act_for(acme.pk):
        assert Account.objects.get(pk=made.pk).stage == "live"


def test_volumes_and_rates_are_read(api: Client, acme: Tenant):
    with act_for(acme.pk):
        made = make.account(segment="small")
        place(accounts=[made], stage=Stage.LIVE, actor=None, now=timezone.now())
    found = api.get("/api/v1/bowtie/").json()
    live = next(each for each in found["stages"] if each["stage"] == "live")
    assert live == {"stage": "live", "opening": 0, "came_in": 1, "went_out": 0, "closing": 1}
    rates = {each["key"]: each for each in found["rates"]}
    assert rates["cr5a"]["value"] is None and rates["cr5a"]["is_low_n"]
    assert rates["cr5"]["target"] == 0.9
    other = api.get("/api/v1/bowtie/?segment=other&method=period").json()
    assert sum(each["closing"] for each in other["stages"]) == 0


@pytest.mark.parametrize(
    "said",
    [
        "since=2026-02-01&until=2026-01-01",
        "until=9999-12-31",
        "until=",
        "as_of=x",
        "method=x",
        "owner_id=1",
        "colour=red",
    ],
)
def test_what_cannot_be_read_is_refused(api: Client, said: str):
    assert api.get(f"/api/v1/bowtie/?{said}").status_code == 422
