"""The pages of the bowtie: figures, what stands behind them, moving and marking."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from bowtie.actions.moves import place
from bowtie.models import Overlay, Stay
from bowtie.rules.stages import Stage
from tenants.actor import Actor
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make

SignIn = Callable[[Actor], Client]


@pytest.fixture
def account(acme: Tenant, csm: Actor) -> Iterator[Account]:
    with act_for(acme.pk):
        made = make.account(owner=csm.user, stage="live")
        entered = timezone.now() - timedelta(days=20)
        for stage, at in (("committed", entered), ("live", entered + timedelta(days=8))):
            Stay.objects.filter(account=made, left_at=None).update(left_at=at)
            Stay.objects.create(account=made, stage=stage, entered_at=at, recorded_at=at)
    return made


@pytest.fixture
def lead(acme: Tenant, sign_in: SignIn) -> Client:
    return sign_in(make.member(acme, Role.MANAGER))


def test_every_figure_of_the_board_opens(account: Account, lead: Client):
    page = lead.get("/acme/bowtie/")
    assert page.status_code == 200
    assert "Signed to live" in page.text and "low n" in page.text
    part = lead.get("/acme/bowtie/parts/cr5a/").text
    assert "Globex" in part and "100.0%" in part
    for key in ("cr1", "cr4", "cr5", "cr5b", "cr6", "cr7", "selected", "again", "most"):
        assert lead.get(f"/acme/bowtie/parts/{key}/").status_code == 200
    for key in ("onboarding_churn", "usage_churn"):
        assert lead.get(f"/acme/bowtie/parts/{key}/").status_code == 200
    for key in ("cr8", "cr9", "awareness"):
        assert lead.get(f"/acme/bowtie/parts/{key}/").status_code == 404
    assert "Globex" in lead.get("/acme/bowtie/stages/live/?what=closing").text
    assert "Globex" not in lead.get("/acme/bowtie/stages/live/?what=went_out").text


def test_the_address_says_what_is_asked(account: Account, lead: Client, csm: Actor):
    today = timezone.localdate()
    past = today - timedelta(days=15)
    said = {"as_of": past, "method": "period", "owner": csm.user_id}
    page = lead.get(f"/acme/bowtie/?{urlencode(said)}").text
    assert "by what was known then" in page and "Period method" in page
    assert f"as_of={past}" in page
    seen = lead.get(f"/acme/bowtie/parts/cr5a/?{urlencode(said)}").text
    assert "Globex" in seen and "not yet" in seen


@pytest.mark.parametrize(
    "said",
    [
        "since=2026-05-01&until=2026-04-01",
        "owner=nobody",
        "method=x",
        "as_of=soon",
        "until=0001-01-01",
    ],
)
def test_what_cannot_be_read_is_said_and_the_default_shown(account: Account, lead: Client, said):
    page = lead.get(f"/acme/bowtie/?{said}")
    assert page.status_code == 200
    assert 'class="error' in page.text


def test_the_second_of_two_who_move_is_told(account: Account, lead: Client, acme: Tenant):
    said = {"to_stage": "first_impact", "seen_stage": "onboarding", "override_reason": "Clear"}
    answer = lead.post(f"/acme/accounts/{account.pk}/move/", said)
    assert answer.status_code == 409
    assert "moved Globex to Live meanwhile" in answer.text


def test_a_csm_cannot_open_a_gate(account: Account, csm: Actor, sign_in: SignIn):
    said = {"to_stage": "recurring_impact", "seen_stage": "live", "override_reason": "Please"}
    answer = sign_in(csm).post(f"/acme/accounts/{account.pk}/move/", said)
    assert answer.status_code == 409
    assert "skips the gate of First Impact" in answer.text


def test_a_lead_opens_a_gate_and_revokes_what_was_wrong(
    account: Account, lead: Client, acme: Tenant
):
    here = f"/acme/accounts/{account.pk}"
    assert "The gate asks for" in lead.get(f"{here}/move/").text
    said = {"to_stage": "first_impact", "seen_stage": "live", "override_reason": "Said on a call"}
    assert lead.post(f"{here}/move/", said).status_code == 302
    history = lead.get(f"{here}/stages/").text
    assert "Said on a call" in history and "Revoke First Impact" in history
    assert lead.get(f"{here}/revoke/").status_code == 200
    assert lead.post(f"{here}/revoke/", {"reason": ""}).status_code == 422
    assert lead.post(f"{here}/revoke/", {"reason": "Another account"}).status_code == 302
    assert lead.post(f"{here}/revoke/", {"reason": "Another account"}).status_code == 409
    assert "Another account" in lead.get(f"{here}/stages/").text
    with act_for(acme.pk):
        assert Account.objects.get(pk=account.pk).stage == "live"


def test_a_mark_is_set_shown_and_ended(account: Account, lead: Client, acme: Tenant):
    here = f"/acme/accounts/{account.pk}"
    today = timezone.localdate()
    said = {"kind": "escalated", "since": today, "reason": "Outage"}
    assert lead.post(f"{here}/mark/", said | {"since": "soon"}).status_code == 422
    assert lead.post(f"{here}/mark/", said).status_code == 302
    assert lead.post(f"{here}/mark/", said).status_code == 409
    assert "In escalation" in lead.get(f"{here}/").text
    assert "Outage" in lead.get(f"{here}/stages/").text
    assert lead.post(f"{here}/mark/escalated/end/").status_code == 302
    assert lead.post(f"{here}/mark/escalated/end/").status_code == 409
    with act_for(acme.pk):
        assert Overlay.objects.get().ended_at is not None


def test_an_imported_account_says_what_its_record_lacks(acme: Tenant, lead: Client):
    with act_for(acme.pk):
        made = make.account("Umbrella")
        place(accounts=[made], stage=Stage.RECURRING_IMPACT, actor=None, now=timezone.now())
    page = lead.get(f"/acme/accounts/{made.pk}/stages/").text
    assert "What the record lacks" in page
    assert "two quarters in a row with confirmed impact" in page
    assert "imported" in page
