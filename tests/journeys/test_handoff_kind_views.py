"""The pages of handoffs within CS and of promises, and who may act on them."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.actions.ownership import assign_accounts
from charter.queries import default_body
from journeys.models import Commitment, Handoff
from tenants.actor import Actor
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.journeys.conftest import Deal
from tests.journeys.test_handoff_kinds import csm_said

pytestmark = pytest.mark.django_db
SignIn = Callable[[Actor], Client]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def tom(deal: Deal) -> Actor:
    """The CSM who has the account since a moment ago."""
    other = make.member(deal.tenant, Role.CSM, "Tom Weiss", team="APAC")
    with act_for(deal.tenant.pk):
        assign_accounts(
            account_ids=[deal.account.pk], owner=other.user, actor=deal.manager,
            now=timezone.now() - timedelta(minutes=5),
        )  # fmt: skip
    return other


def test_the_csm_before_begins_writes_and_submits_and_the_new_one_accepts(
    deal: Deal, tom: Actor, sign_in: SignIn
):
    before, begin = sign_in(deal.csm), f"/acme/accounts/{deal.account.pk}/handoff/"
    page = before.get("/acme/handoffs/").text
    assert "Changed hands, not handed over" in page and "from Maya Okafor to Tom Weiss" in page
    account = f"/acme/accounts/{deal.account.pk}/"
    for who in (before, sign_in(tom)):
        assert "it was not handed over" in who.get(account).text
    stranger = sign_in(make.member(deal.tenant, Role.CSM, "Far Away", team="LATAM"))
    assert "it was not handed over" not in stranger.get(account).text
    assert stranger.post(begin).status_code == 404
    begun = before.post(begin)
    assert begun.status_code == 302
    address = begun["Location"]
    assert "it was not handed over" not in before.get(account).text
    again = before.post(begin, headers=HTMX)
    assert again.status_code in (404, 409)
    assert sign_in(tom).post(begin).status_code == 409
    page = before.get(address).text
    assert "CSM to CSM" in page and "Open plays and tasks" in page and "Save and hand over" in page
    with act_for(deal.tenant.pk):
        handoff = Handoff.objects.get(kind="csm_to_csm")
    said = csm_said(deal, commitments="Training on site") | {"version": "1"}
    wrong = before.post(f"{address}submit/", said | {"introduced_on": "soon"})
    assert wrong.status_code == 422 and "Parental leave" in wrong.text
    assert before.post(f"{address}submit/", said).status_code == 302
    assert before.post(f"{address}save/", said).status_code == 409
    assert before.post(f"{address}accept/").status_code == 404, "the giver does not accept"
    new = sign_in(tom)
    assert "Due next: introduce the new csm" in new.get(f"{address}accept/").text
    assert new.post(f"{address}accept/").status_code == 302
    twice = new.post(f"{address}accept/")
    assert twice.status_code == 409 and "accepted already" in twice.text
    assert "Training on site" in new.get(f"/acme/accounts/{deal.account.pk}/plan/").text
    with act_for(deal.tenant.pk):
        handoff.refresh_from_db()
    assert handoff.state == "accepted"


def test_promises_are_kept_withdrawn_and_opened_on_the_page(deal: Deal, sign_in: SignIn):
    with act_for(deal.tenant.pk):
        promise = Commitment.objects.create(
            account=deal.account, handoff=deal.handoff, text="Training on site",
            made_at=timezone.now(),
        )  # fmt: skip
    client, at = sign_in(deal.csm), f"/acme/promises/{promise.pk}"
    assert "Training on site" in client.get(f"/acme/handoffs/{deal.handoff.pk}/").text
    no_reason = client.post(f"{at}/withdraw/", {"reason": ""}, headers=HTMX)
    assert no_reason.status_code == 422
    assert client.post(f"{at}/kept/", headers=HTMX).status_code == 204
    again = client.post(f"{at}/kept/", headers=HTMX)
    assert again.status_code == 409 and "kept already" in again["HX-Trigger"]
    late = client.post(f"{at}/withdraw/", {"reason": "Dropped"}, headers=HTMX)
    assert late.status_code == 409 and "Dropped" in late.text
    assert client.post(f"{at}/reopen/").status_code == 302
    assert client.post(f"{at}/withdraw/", {"reason": "Dropped"}).status_code == 302
    page = client.get(f"/acme/accounts/{deal.account.pk}/plan/").text
    assert "Withdrawn" in page and "Dropped" in page
    stranger = sign_in(make.member(deal.tenant, Role.SALES, "Otto"))
    assert stranger.post(f"{at}/reopen/").status_code == 404


def test_the_inbox_narrows_by_kind_and_by_who_handed_over(deal: Deal, sign_in: SignIn):
    with act_for(deal.tenant.pk):
        Handoff.objects.filter(pk=deal.handoff.pk).update(
            state="returned", returns=1, sender=deal.seller.user_id, signed_at=timezone.now()
        )
    client = sign_in(deal.manager)
    page = client.get("/acme/handoffs/").text
    assert "Accepted at the first try" in page and "Sam Berg" in page and "returned 1 time" in page
    rows = f"/acme/handoffs/?side=all&state=answered&kind=sales_to_cs&giver={deal.seller.user_id}"
    assert "Globex" in client.get(rows).text and "handed over by Sam Berg" in client.get(rows).text
    assert "Globex" not in client.get("/acme/handoffs/?kind=csm_to_csm").text
    for odd in ("kind=x", "giver=x", "state=x", "giver="):
        assert client.get(f"/acme/handoffs/?{odd}").status_code == 200


def test_the_charter_shows_and_changes_what_a_handoff_must_say(deal: Deal, sign_in: SignIn):
    admin = sign_in(make.member(deal.tenant, Role.ADMIN))
    assert "Open plays and tasks" in admin.get("/acme/charter/").text
    rules = default_body("handoffs")
    said = {"seen_version": "1", "note": "", "csm_to_csm-plan": "on"}
    said |= {f"rule-{key}": str(told) for key, told in rules.items() if key != "kinds"}
    refused = admin.post("/acme/charter/handoffs/edit/", said)
    assert refused.status_code == 422 and "at least one mandatory item" in refused.text
    said |= {f"{kind['key']}-{kind['items'][0]['key']}": "on" for kind in rules["kinds"]}
    del said["csm_to_csm-plan"]
    said |= {"csm_to_csm-commitments": "on"}
    assert admin.post("/acme/charter/handoffs/edit/", said).status_code == 302
    assert "Open plays and tasks" not in admin.get("/acme/charter/").text
