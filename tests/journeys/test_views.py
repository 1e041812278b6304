"""The pages of handoffs answer to whom they should, and say what is wrong."""

from collections.abc import Callable

import pytest
from django.test import Client

from journeys.actions.handoffs import save_handoff, submit_handoff
from journeys.models import Handoff
from journeys.rules.judgement import RATED
from tenants.actor import Actor
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.journeys.conftest import Deal
from tests.make import NOW

SignIn = Callable[[Actor], Client]
COMMANDS = ["save", "submit", "accept", "return", "waive", "rate", "steps/first_contact"]


@pytest.fixture
def waiting(deal: Deal) -> Deal:
    """The handoff is with CS."""
    hand_over(deal)
    return deal


def hand_over(deal: Deal, **other: str) -> None:
    with act_for(deal.tenant.pk):
        saved = save_handoff(
            handoff=deal.handoff, actor=deal.seller.user, now=NOW, seen_version=1,
            given=deal.said | other,
        )  # fmt: skip
        submit_handoff(handoff=saved, actor=deal.seller.user, now=NOW)


def state(deal: Deal) -> Handoff:
    with act_for(deal.tenant.pk):
        return Handoff.objects.select_related("account").get(pk=deal.handoff.pk)


def address(deal: Deal, command: str = "") -> str:
    tail = f"{command}/" if command else ""
    return f"/acme/handoffs/{deal.handoff.pk}/{tail}"


def test_the_inbox_shows_both_sides_their_own(deal: Deal, sign_in: SignIn):
    for who in (deal.csm, deal.seller, deal.manager):
        page = sign_in(who).get("/acme/handoffs/").text
        assert "Globex" in page and "Submit:" in page and "goals, stakeholders" in page
    other = make.member(deal.tenant, Role.SALES, "Otto")
    assert "No open handoffs" in sign_in(other).get("/acme/handoffs/").text
    assert "Globex" in sign_in(other).get("/acme/handoffs/?side=all&state=late").text
    assert "No handoff matches" in sign_in(deal.csm).get("/acme/handoffs/?state=accepted").text


def test_the_inbox_asks_the_same_number_of_questions_however_long(
    deal: Deal, sign_in: SignIn, django_assert_max_num_queries
):
    with act_for(deal.tenant.pk):
        for n in range(12):
            account = make.account(f"Account {n}", owner=deal.csm.user, stage="committed")
            Handoff.objects.create(account=account, signed_at=NOW, due_at=NOW)
    client = sign_in(deal.csm)
    with django_assert_max_num_queries(28):
        assert "Account 11" in client.get("/acme/handoffs/").text


def test_the_page_shows_the_sections_and_what_is_missing(deal: Deal, sign_in: SignIn):
    page = sign_in(deal.seller).get(address(deal)).text
    for words in ("Why now", "Save and hand over", "two goals with success criteria"):
        assert words.lower() in page.lower()
    assert (
        "Save and hand over"
        not in sign_in(make.member(deal.tenant, Role.EXECUTIVE)).get(address(deal)).text
    )


def test_sales_saves_hands_over_and_cs_accepts(deal: Deal, sign_in: SignIn):
    sales = sign_in(deal.seller)
    assert sales.post(address(deal, "save"), deal.said | {"version": 1}).status_code == 302
    answer = sales.post(address(deal, "submit"), deal.said | {"version": 2}, follow=True)
    assert "Handed over to CS" in answer.text
    cs = sign_in(deal.csm)
    assert "Accept" in cs.get(address(deal, "accept")).text
    assert cs.post(address(deal, "accept")).status_code == 302
    assert cs.post(address(deal, "accept")).status_code == 409
    found = state(deal)
    assert (found.state, found.account.stage) == ("accepted", "onboarding")
    assert cs.post(address(deal, "steps/first_contact")).status_code == 302
    assert cs.post(address(deal, "steps/first_contact")).status_code == 409
    assert cs.get(address(deal, "rate")).status_code == 200
    assert cs.post(address(deal, "rate"), dict.fromkeys(RATED, 5)).status_code == 302
    assert "5.0 of 5" in cs.get(address(deal)).text


def test_an_answer_to_another_version_than_the_one_shown_is_refused(waiting: Deal, sign_in: SignIn):
    client, version = sign_in(waiting.csm), state(waiting).version
    for what, said in (("accept", {}), ("return", {"note": "Which?"})):
        dialog = client.get(address(waiting, what)).text
        assert f'<input type="hidden" name="version" value="{version}">' in dialog
        stale = client.post(address(waiting, what), said | {"version": version - 1})
        assert stale.status_code == 409 and "changed this handoff meanwhile" in stale.text
    assert state(waiting).state == "submitted"
    seen = {"version": version}
    assert client.post(address(waiting, "accept"), seen).status_code == 302


def test_an_empty_handoff_says_what_it_lacks(deal: Deal, sign_in: SignIn):
    answer = sign_in(deal.seller).post(address(deal, "submit"), {"version": 1}, follow=True)
    assert "Not handed over yet" in answer.text and "Returned." in answer.text


def test_cs_returns_with_the_gaps_named(waiting: Deal, sign_in: SignIn):
    client = sign_in(waiting.csm)
    asked = client.get(address(waiting, "return")).text
    assert "What is missing" in asked and ">optional<" not in asked
    assert client.post(address(waiting, "return"), {}).status_code == 422
    answer = client.post(
        address(waiting, "return"), {"gaps": ["why now"]}, headers={"HX-Request": "true"}
    )
    assert answer.headers["HX-Redirect"] == address(waiting)
    assert "why now" in sign_in(waiting.seller).get(address(waiting)).text


def test_a_waiver_is_a_managers(deal: Deal, sign_in: SignIn):
    hand_over(deal, discount="")
    assert sign_in(deal.csm).get(address(deal, "waive")).status_code == 403
    assert sign_in(deal.csm).post(address(deal, "accept")).status_code == 409
    lead = sign_in(deal.manager)
    assert lead.get(address(deal, "waive")).status_code == 200
    assert lead.post(address(deal, "waive"), {}).status_code == 422
    assert lead.post(address(deal, "waive"), {"reason": "Tomorrow"}).status_code == 302
    assert "Waived until" in sign_in(deal.csm).get(address(deal, "accept")).text
    assert sign_in(deal.csm).post(address(deal, "accept")).status_code == 302


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_another_tenants_handoff_is_not_there(deal: Deal, sign_in: SignIn, command: str):
    rival = make.tenant("rival")
    client = sign_in(make.member(rival, Role.REVOPS))
    path = f"/rival/handoffs/{deal.handoff.pk}/" + (f"{command}/" if command else "")
    assert (client.post(path, {"version": 1}) if command else client.get(path)).status_code == 404
    assert client.get(address(deal)).status_code == 404


@pytest.mark.parametrize("command", COMMANDS)
def test_who_lacks_the_right_is_refused(deal: Deal, sign_in: SignIn, command: str):
    client = sign_in(make.member(deal.tenant, Role.EXECUTIVE))
    assert client.post(address(deal, command), {"version": 1}).status_code == 403


@pytest.mark.parametrize("command", COMMANDS)
def test_someone_elses_account_is_out_of_reach(deal: Deal, sign_in: SignIn, command: str):
    role = Role.SALES if command in ("save", "submit") else Role.MANAGER
    client = sign_in(make.member(deal.tenant, role, "Otto", team="APAC"))
    assert client.post(address(deal, command), {"version": 1}).status_code == 404


@pytest.mark.parametrize("command", ["save", "submit", "steps/first_contact"])
def test_commands_are_not_read(deal: Deal, sign_in: SignIn, command: str):
    client = sign_in(deal.csm)
    assert client.get(address(deal, command)).status_code == 405
    assert client.post("/acme/handoffs/").status_code == 405
    assert client.post(address(deal)).status_code == 405
    assert client.put(address(deal, "accept")).status_code == 405


def test_bad_input_keeps_what_was_typed(deal: Deal, sign_in: SignIn):
    client = sign_in(deal.seller)
    sent = {"version": 1, "kickoff_on": "soon", "risks": "Old data"}
    answer = client.post(address(deal, "save"), sent)
    assert answer.status_code == 422 and "Old data" in answer.text
    assert client.post(address(deal, "save"), {"version": 7}).status_code == 409
    assert client.post(address(deal, "save"), {"version": 1, "sponsor": "x"}).status_code == 422
    assert sign_in(deal.csm).post(address(deal, "rate"), {"context": 9}).status_code == 422


def test_an_unknown_step_is_not_there(deal: Deal, sign_in: SignIn):
    assert sign_in(deal.csm).post(address(deal, "steps/dance")).status_code == 404


def test_nobody_is_shown_a_tenant_they_are_not_of(rival: Tenant, deal: Deal, sign_in: SignIn):
    assert sign_in(make.member(rival)).get("/acme/handoffs/").status_code == 404


def test_the_account_page_leads_to_its_handoff(waiting: Deal, sign_in: SignIn):
    page = sign_in(waiting.csm).get(f"/acme/accounts/{waiting.account.pk}/").text
    assert f'href="{address(waiting)}">handoff submitted' in page
