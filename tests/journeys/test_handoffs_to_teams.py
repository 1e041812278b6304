"""CS hands something to Sales, Support, Finance or Marketing; and “none” is signed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client

from accounts.models import Contact
from journeys.actions.after import finish_step
from journeys.actions.clocks import record_breach
from journeys.actions.handoff_answers import (
    ItemsMissing,
    accept_handoff,
    return_handoff,
    waive_item,
)
from journeys.actions.handoffs import save_handoff, submit_handoff
from journeys.actions.to_teams import NoSuchTeam, NotAMember, NotSignedYet, hand_to_team
from journeys.models import Handoff, Onboarding
from journeys.queries.handoffs import cases, hours, inbox, open_handoff, waiting
from journeys.queries.takers import answers, writes
from journeys.rules.kinds import KINDS, TO_TEAMS
from journeys.rules.sections import SECTIONS, with_signatures
from spiced.models import Note
from tenants.actor import Actor
from tenants.models import TrailEntry
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.journeys.calls import key_of
from tests.journeys.conftest import Deal
from tests.make import NOW, TODAY

SignIn = Callable[[Actor], Client]
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def inside(deal: Deal):
    with act_for(deal.tenant.pk):
        yield deal


def whole(deal: Deal, kind: str) -> dict[str, str]:
    """Everything a kind asks, said."""
    priya = str(Contact.objects.get().pk)
    texts = {"contact": priya, "date": "2026-12-20"}
    return {
        key: ask.options[0][0] if ask.options else texts.get(ask.kind, "said")
        for key, ask in KINDS[kind].asks.items()
    }


def handed(deal: Deal, kind: str, at: datetime = NOW, **more: Any) -> Handoff:
    made = hand_to_team(account=deal.account, kind=kind, actor=deal.csm.user, now=at, **more)
    said = whole(deal, kind)
    made = save_handoff(
        handoff=made, actor=deal.csm.user, now=at, seen_version=made.version, given=said
    )
    return submit_handoff(handoff=made, actor=deal.csm.user, now=at)


@pytest.mark.parametrize("kind", TO_TEAMS)
def test_each_kind_is_written_answered_and_completed(inside: Deal, kind: str):
    colleague = make.member(inside.tenant, Role.CSM, "Kim of the team")
    made = handed(inside, kind, receiver_id=colleague.user_id)
    assert (made.state, made.completeness, made.sender_id) == ("submitted", 5, inside.csm.user_id)
    assert made.receiver_id == colleague.user_id, "not the owner of the account"
    assert answers(colleague, made) and answers(inside.manager, made)
    assert not answers(inside.csm, made) and writes(inside.csm, made)
    back = return_handoff(
        handoff=made, actor=colleague.user, now=LATER, gaps=["the evidence"], note=""
    )
    assert (back.state, back.gaps, back.returns) == ("returned", ["the evidence"], 1)
    again = submit_handoff(handoff=back, actor=inside.csm.user, now=LATER)
    done = accept_handoff(handoff=again, actor=colleague.user, now=LATER)
    assert done.state == "accepted" and done.receiver_id == colleague.user_id
    for step in KINDS[kind].after:
        done = finish_step(handoff=done, actor=colleague.user, now=LATER, step=step)
    assert done.state == "completed" and done.due_at is None
    inside.account.refresh_from_db()
    assert inside.account.stage == "committed" and not Onboarding.objects.exists()


@pytest.mark.parametrize("kind", TO_TEAMS)
def test_what_lacks_a_mandatory_item_is_not_taken_and_what_lacks_two_comes_back(
    inside: Deal, kind: str
):
    made = handed(inside, kind)
    items = list(KINDS[kind].items)
    one, two = (KINDS[kind].asked_for(key)[0] for key in items[:2])
    Handoff.objects.filter(pk=made.pk).update(fields=made.fields | {one: ""})
    made.refresh_from_db()
    with pytest.raises(ItemsMissing):
        accept_handoff(handoff=made, actor=None, now=LATER)
    waived = waive_item(handoff=made, actor=inside.manager.user, now=LATER, reason="Tomorrow")
    assert accept_handoff(handoff=waived, actor=None, now=LATER).state == "accepted"
    empty = hand_to_team(account=inside.account, kind=kind, actor=inside.csm.user, now=NOW)
    bare = dict.fromkeys((one, two), "")
    empty = save_handoff(
        handoff=empty, actor=inside.csm.user, now=NOW, seen_version=1,
        given=whole(inside, kind) | bare,
    )  # fmt: skip
    back = submit_handoff(handoff=empty, actor=inside.csm.user, now=NOW)
    assert back.state == "returned" and KINDS[kind].words(items[0]) in back.gaps


@pytest.mark.parametrize(
    ("severity", "answer", "target"),
    [
        ("s1", timedelta(minutes=30), timedelta(hours=4)),
        ("s2", 2, 16),
        ("s3", 8, 40),
        ("s4", 16, None),
    ],
)
def test_the_severity_sets_the_clocks_of_support(
    inside: Deal, severity: str, answer: Any, target: Any
):
    made = hand_to_team(
        account=inside.account, kind="cs_to_support", actor=inside.csm.user, now=NOW
    )
    assert made.due_at is None, "nothing is promised for writing it"
    said = whole(inside, "cs_to_support") | {"severity": severity}
    made = save_handoff(handoff=made, actor=None, now=NOW, seen_version=1, given=said)
    made = submit_handoff(handoff=made, actor=inside.csm.user, now=NOW)
    calendar = hours().calendar

    def due(promised: Any) -> datetime | None:
        if promised is None:
            return None
        is_clock = isinstance(promised, timedelta)
        return NOW + promised if is_clock else calendar.add_hours(NOW, promised)

    assert made.due_at == due(answer)
    (case,) = cases([made], NOW)
    assert case.clock is not None and case.clock.left_hours == pytest.approx(
        case.clock.promised_hours
    )
    done = accept_handoff(handoff=made, actor=None, now=NOW)
    assert done.due_at == due(target)
    done = finish_step(handoff=done, actor=None, now=NOW, step="mitigated")
    assert done.due_at is None and done.state == "accepted"


def test_a_clock_that_passes_is_a_breach_once(inside: Deal):
    made = handed(inside, "cs_to_support")
    late = made.due_at + timedelta(hours=1)  # type: ignore[operator]
    for _ in range(2):
        assert record_breach(handoff_id=made.pk, due_at=made.due_at, now=late)  # type: ignore[arg-type]
    made.refresh_from_db()
    assert made.breached_at == made.due_at
    assert accept_handoff(handoff=made, actor=None, now=late).state == "accepted"


def test_finance_counts_from_the_signature(inside: Deal):
    signed = NOW - timedelta(days=1)
    made = hand_to_team(
        account=inside.account, kind="cs_to_finance", actor=None, now=NOW, at=signed
    )
    assert made.due_at == hours().calendar.add_hours(signed, 16)
    assert made.signed_at == signed and made.sender_id == inside.csm.user_id
    with pytest.raises(NotSignedYet):
        hand_to_team(account=inside.account, kind="cs_to_finance", actor=None, now=NOW, at=LATER)


def test_to_sales_goes_to_the_seller_who_decides_in_sixteen_hours(inside: Deal):
    made = handed(inside, "cs_to_sales")
    assert made.receiver_id == inside.seller.user_id
    assert made.due_at == hours().calendar.add_hours(NOW, 16)
    assert answers(inside.seller, made) and not answers(inside.csm, made)
    assert not writes(inside.seller, made), "the seller takes it"
    assert [each.pk for each in inbox(inside.seller, side="incoming", state="open", now=NOW)] == [
        made.pk
    ]
    assert waiting(inside.seller)[0] == 2, "the one to write and the one to answer"


def test_a_seller_answers_no_handoff_of_cs(inside: Deal):
    assert not answers(inside.seller, inside.handoff) and writes(inside.seller, inside.handoff)


def test_an_account_may_have_several_and_they_hide_no_handoff_within_cs(inside: Deal):
    for _ in range(2):
        handed(inside, "cs_to_support")
    assert Handoff.objects.filter(kind="cs_to_support").count() == 2
    assert open_handoff(inside.account.pk) == inside.handoff
    with pytest.raises(IntegrityError):
        Handoff.objects.create(account=inside.account, kind="sales_to_cs", signed_at=NOW)


def test_the_inbox_tells_who_gives_and_who_takes(inside: Deal):
    kim = make.member(inside.tenant, Role.CSM, "Kim of the team", team="APAC")
    made = handed(inside, "cs_to_marketing", receiver_id=kim.user_id)

    def found(actor: Actor, side: str) -> bool:
        return made in inbox(actor, side=side, state="open", now=NOW, kind="cs_to_marketing")

    assert found(kim, "incoming") and not found(kim, "outgoing")
    assert found(inside.csm, "outgoing") and not found(inside.csm, "incoming")
    assert waiting(kim)[0] == 1 and not found(inside.manager, "incoming")
    left_open = handed(inside, "cs_to_finance")
    assert left_open in inbox(inside.manager, side="incoming", state="open", now=NOW)
    assert left_open not in inbox(inside.csm, side="incoming", state="open", now=NOW)


def test_what_cannot_be_begun_is_refused(inside: Deal):
    said = {"account": inside.account, "actor": inside.csm.user, "now": NOW}
    for kind in ("csm_to_csm", "sales_to_cs", "cs_to_legal"):
        with pytest.raises(NoSuchTeam):
            hand_to_team(kind=kind, **said)
    with pytest.raises(NotAMember):
        hand_to_team(kind="cs_to_support", receiver_id=make.user().pk, **said)
    assert Note.objects.exists() and Handoff.objects.count() == 1


def test_it_is_begun_and_answered_in_the_browser(deal: Deal, sign_in: SignIn):
    with act_for(deal.tenant.pk):
        kim = make.member(deal.tenant, Role.CSM, "Kim of the team")
    maya, at = sign_in(deal.csm), f"/acme/accounts/{deal.account.pk}/"
    assert "Hand over" in maya.get(at).text
    page = maya.get(f"{at}hand-over/").text
    assert "Kim of the team" in page and "Marketing" in page
    for wrong in ({}, {"kind": "csm_to_csm"}, {"kind": "cs_to_support", "receiver": "x"}):
        assert maya.post(f"{at}hand-over/", wrong).status_code == 422
    ahead = {"kind": "cs_to_finance", "signed_on": "2099-01-01"}
    assert maya.post(f"{at}hand-over/", ahead).status_code == 422
    said = {"kind": "cs_to_support", "receiver": str(kim.user_id), "signed_on": ""}
    made = maya.post(f"{at}hand-over/", said)
    assert made.status_code == 302
    page = maya.get(made["Location"]).text
    assert "CS to Support" in page and "Severity we propose" in page and "Kim of the team" in page
    with act_for(deal.tenant.pk):
        filled = whole(deal, "cs_to_support") | {"version": "1"}
    assert maya.post(f"{made['Location']}submit/", filled | {"severity": "s9"}).status_code == 422
    assert maya.post(f"{made['Location']}submit/", filled).status_code == 302
    own = maya.get(f"{made['Location']}accept/")
    assert own.status_code == 409 and "and Kim of the team answers it" in own.text
    team = sign_in(kim)
    assert "CS to Support" in team.get("/acme/handoffs/?side=incoming").text
    assert team.post(f"{made['Location']}accept/").status_code == 302
    assert "Fixed or worked around" in team.get(made["Location"]).text


def test_a_seller_takes_what_comes_from_cs_and_hands_to_the_others(deal: Deal, sign_in: SignIn):
    with act_for(deal.tenant.pk):
        made = handed(deal, "cs_to_sales")
    sam = sign_in(deal.seller)
    assert "Accept <kbd>" in sam.get(f"/acme/handoffs/{made.pk}/").text
    assert sam.post(f"/acme/handoffs/{made.pk}/accept/").status_code == 302
    at = f"/acme/accounts/{deal.account.pk}/hand-over/"
    page = sam.get(at).text
    assert 'value="cs_to_finance"' in page and 'value="cs_to_sales"' not in page
    assert sam.post(at, {"kind": "cs_to_sales"}).status_code == 422
    own = sam.post(at, {"kind": "cs_to_finance", "receiver": str(deal.seller.user_id)})["Location"]
    assert "Save and hand over" in sam.get(own).text
    assert sam.get(f"{own}accept/").status_code == 409, "nobody answers their own"
    assert sam.post(f"{own}accept/", headers={"HX-Request": "true"}).status_code == 409
    first = sam.get(f"/acme/handoffs/{deal.handoff.pk}/accept/")
    assert first.status_code == 409 and "Sam Berg hands this over, and CS answers it" in first.text


def test_a_program_begins_one(deal: Deal):
    call = key_of(deal.tenant)
    body = {"account_id": str(deal.account.pk), "kind": "cs_to_support"}
    made = call("handoffs/", body | {"receiver": deal.manager.user.email})  # type: ignore[union-attr]
    assert made.status_code == 201, made.content
    told = made.json()
    assert (told["kind"], told["state"], told["due_at"]) == ("cs_to_support", "draft", None)
    assert told["receiver"] == deal.manager.user.email and "severity" in told["mandatory"]  # type: ignore[union-attr]
    at, said = f"handoffs/{told['id']}/", {"severity": "s1"}
    assert call(at, {"seen_version": 1, "said": {"severity": "urgent"}}).status_code == 422
    assert call(at, {"seen_version": 1, "said": said}).json()["said"]["severity"] == "s1"
    assert call("handoffs/", body | {"kind": "sales_to_cs"}).status_code == 422
    assert call("handoffs/", body | {"receiver": "nobody@example.com"}).status_code == 422
    late = body | {"kind": "cs_to_finance", "signed_at": "2099-01-01T12:00:00Z"}
    assert call("handoffs/", late).status_code == 422


# -- “none” is signed --


RISKS = next(ask for section in SECTIONS for ask in section.asks if ask.key == "risks")


@pytest.mark.parametrize("text", ["none", "None.", " - none ", "NO", "–", "keine"])
def test_none_counts_only_with_a_name_and_a_day(text: str):
    assert not RISKS.is_said({"risks": text})
    signed = with_signatures([RISKS], {"risks": text}, {"risks"}, "Sam Berg", TODAY)
    assert RISKS.is_said(signed)
    assert signed["risks_signed_by"] == "Sam Berg"
    assert signed["risks_signed_on"] == TODAY.isoformat()
    kept = with_signatures([RISKS], signed, None, "Somebody else", TODAY + timedelta(days=9))
    assert kept == signed, "the first signature stays"
    assert "risks_signed_on" not in with_signatures([RISKS], signed, set(), "Sam Berg", TODAY)
    said = with_signatures([RISKS], signed | {"risks": "An audit"}, {"risks"}, "Sam Berg", TODAY)
    assert said == {"risks": "An audit"} and RISKS.is_said(said)
    assert not RISKS.is_said({"risks": " "})


def saved(deal: Deal, said: dict[str, str], **more: Any) -> Handoff:
    deal.handoff.refresh_from_db()
    return save_handoff(
        handoff=deal.handoff, actor=deal.seller.user, now=NOW,
        seen_version=deal.handoff.version, given=said, **more,
    )  # fmt: skip


def test_a_handoff_with_no_risks_waits_for_the_signature(inside: Deal):
    handoff = saved(inside, inside.said | {"risks": "none"}, signed=set())
    (case,) = cases([handoff], NOW)
    assert case.judgement.missing == ("risks",)
    submitted = submit_handoff(handoff=handoff, actor=inside.seller.user, now=NOW)
    with pytest.raises(ItemsMissing, match="risks"):
        accept_handoff(handoff=submitted, actor=inside.csm.user, now=NOW)
    return_handoff(handoff=submitted, actor=inside.csm.user, now=NOW, gaps=["risks"])
    handoff = saved(inside, {}, signed={"risks"})
    assert handoff.fields["risks_signed_by"] == "Sam Berg"
    assert handoff.fields["risks_signed_on"] == TODAY.isoformat()
    submitted = submit_handoff(handoff=handoff, actor=inside.seller.user, now=NOW)
    assert accept_handoff(handoff=submitted, actor=inside.csm.user, now=NOW).state == "accepted"


def test_the_signature_is_on_the_page_and_in_the_form(deal: Deal, sign_in: SignIn):
    sam, at = sign_in(deal.seller), f"/acme/handoffs/{deal.handoff.pk}/"
    said = deal.said | {"risks": "none", "version": "1"}
    assert "Signed: I looked, and there are none" in sam.get(at).text
    assert sam.post(f"{at}submit/", said | {"risks_signed": "on"}).status_code == 302
    page = sign_in(deal.csm).get(at).text
    assert "Signed by Sam Berg on " in page and 'name="risks_signed"' not in page
    with act_for(deal.tenant.pk):
        deal.handoff.refresh_from_db()
        assert deal.handoff.state == "submitted"
        assert TrailEntry.objects.filter(verb="journeys.handoff_submitted").count() == 1


def test_a_program_names_who_signs(deal: Deal):
    call, at = key_of(deal.tenant), f"handoffs/{deal.handoff.pk}/"
    none = {"said": {"risks": "none"}}
    told = call(at, none | {"seen_version": 1}).json()
    assert "risks" in told["missing"]
    email = deal.seller.user.email  # type: ignore[union-attr]
    bad = call(at, none | {"seen_version": 2, "signed_by": "nobody@example.com"})
    assert bad.status_code == 422 and "signed_by" in bad.content.decode()
    told = call(at, none | {"seen_version": 2, "signed_by": email}).json()
    assert "risks" not in told["missing"] and told["said"]["risks_signed_by"] == "Sam Berg"
