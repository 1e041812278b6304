"""Notes of every touchpoint in one view; a new deal opens a record or has it asked again."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, ArrMovement, Contact
from spiced.actions.confirming import confirm_element
from spiced.actions.notes import save_note
from spiced.actions.records import NoRecord, NoSuchMotion, begin_motion
from spiced.models import CriticalEvent, ImpactGoal, Note
from spiced.queries.merged import merged, new_buyers, occasions
from spiced.queries.notes import contacts, current_note, elements_of, picture
from spiced.rules.minima import Minimum, lacks
from spiced.rules.states import Kind, is_validated
from spiced.rules.touchpoints import Touchpoint, likely
from tenants.actor import Actor
from tenants.models import Tenant, TrailEntry
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.make import NOW, TODAY

TOUCHPOINTS = ("deal", "kickoff", "onboarding", "review", "renewal")
SAID = {
    "deal": {"S": {"text": "Three entities"}},
    "kickoff": {"P": {"text": "Late approvals", "evidence": "Their aging report"}},
    "onboarding": {"I": {"text": "Capture discounts"}},
    "review": {"CE": {"text": "Audit", "on": "2026-12-15"}},
    "renewal": {"D": {"text": "Renew"}},
}


@pytest.fixture
def account(inside: Tenant, csm: Actor) -> Account:
    return make.account(owner=csm.user)


@pytest.fixture
def priya(account: Account) -> Contact:
    return make.contact(account)


@pytest.fixture
def told(account: Account, csm: Actor, priya: Contact) -> Account:
    """One part said at each of five touchpoints."""
    for seen, touchpoint in enumerate(TOUCHPOINTS):
        heard = {"heard_from": priya, "heard_on": TODAY - timedelta(days=5 - seen)}
        said = {letter: values | heard for letter, values in SAID[touchpoint].items()}
        save_note(
            account=account, actor=csm, now=NOW, seen_version=seen, given=said,
            touchpoint=touchpoint,
        )  # fmt: skip
    return account


def test_five_touchpoints_make_one_view_with_source_and_evidence(told: Account, csm: Actor):
    parts = {part.letter: part for part in merged(told, picture(told, TODAY), "EUR")}
    assert [parts[x].source.touchpoint for x in ("S", "P", "I", "CE", "D")] == list(TOUCHPOINTS)
    pain = parts["P"]
    assert pain.element is not None and pain.source is not None
    assert (pain.element.heard_from.name, pain.element.heard_on) == (
        "Priya Raman",
        TODAY - timedelta(4),
    )
    assert (pain.source.author, pain.source.version) == (csm.user, 2)
    assert pain.element.evidence == "Their aging report"
    assert pain.gaps == ("who feels it", "frequency", "annual cost")
    assert dict(occasions(told)) == {
        "Deal": 1, "Kickoff": 1, "Onboarding call": 1, "Review": 1, "Renewal": 1,
    }  # fmt: skip


def test_a_draft_typed_on_under_later_numbers_still_tells_its_occasion(
    account: Account, csm: Actor
):
    for seen, text in enumerate(("One", "One, two")):
        save_note(
            account=account, actor=csm, now=NOW, seen_version=seen, given={"S": {"text": text}},
            touchpoint="kickoff", is_draft=True,
        )  # fmt: skip
    save_note(
        account=account, actor=csm, now=NOW, seen_version=2, given={"P": {"text": "Late"}},
        touchpoint="kickoff", is_draft=True,
    )  # fmt: skip
    parts = {part.letter: part for part in merged(account, picture(account, TODAY), "EUR")}
    assert parts["S"].source is not None and parts["S"].source.version == 3


@pytest.mark.parametrize(
    ("motion", "record", "kept"),
    [
        ("new_buyer", 2, set()),
        ("resell", 2, set()),
        ("cross_sell", 2, {"S", "CE"}),
        ("upsell", 1, set("SPID") | {"CE"}),
    ],
)
def test_a_new_buyer_or_product_opens_a_record_and_an_upsell_keeps_it(
    told: Account, csm: Actor, motion: str, record: int, kept: set[str]
):
    note = begin_motion(account=told, actor=csm, now=NOW, motion=motion, reason="Second team")
    assert (note.record, note.version, note.touchpoint) == (record, 6, "deal")
    now = elements_of(current_note(told))
    assert {letter for letter, element in now.items() if element.text} == kept
    assert elements_of(Note.objects.get(version=5))["D"].text == "Renew"
    assert TrailEntry.objects.filter(verb__startswith="spiced.record_").get().facts["reason"]
    after = save_note(
        account=told, actor=csm, now=NOW, seen_version=6, given={"P": {"text": "Another"}}
    )
    assert after.record == record


def test_an_upsell_has_every_part_asked_again_until_it_is_heard(told: Account, csm: Actor):
    begin_motion(account=told, actor=csm, now=NOW, motion="upsell")
    seen = picture(told, TODAY)
    assert seen.states["S"].reason == "to be asked again for the upsell of 19 Nov"
    assert all(state.kind is Kind.STALE for state in seen.states.values())
    save_note(
        account=told, actor=csm, now=NOW, seen_version=6,
        given={"S": {"text": "Four entities", "heard_on": TODAY}},
    )  # fmt: skip
    assert picture(told, TODAY).states["S"].kind is Kind.PARTIAL


def test_goals_and_dates_of_the_record_before_stay_open_beside_the_note(
    account: Account, csm: Actor, priya: Contact
):
    make.whole_note(account, csm, priya)
    begin_motion(account=account, actor=csm, now=NOW, motion="new_buyer")
    goal, event = ImpactGoal.objects.filter(kind="rational").get(), CriticalEvent.objects.get()
    assert (goal.is_in_note, event.is_in_note, event.status) == (False, False, "open")


def test_what_cannot_begin_is_refused(account: Account, csm: Actor):
    with pytest.raises(NoRecord):
        begin_motion(account=account, actor=csm, now=NOW, motion="upsell")
    with pytest.raises(NoSuchMotion, match="new_buyer"):
        begin_motion(account=account, actor=csm, now=NOW, motion="barter")


def test_a_buyer_the_decision_does_not_name_is_pointed_out(
    account: Account, csm: Actor, priya: Contact
):
    make.whole_note(account, csm, priya)
    assert new_buyers(picture(account, TODAY), contacts(account)) == []
    make.contact(account, "Tom Berg", roles=["economic_buyer"])
    assert new_buyers(picture(account, TODAY), contacts(account)) == ["Tom Berg"]


# -- what makes a part out of date at once, and what two people confirm --


def test_the_contract_changes_and_the_decision_is_out_of_date(
    account: Account, csm: Actor, priya: Contact
):
    make.whole_note(account, csm, priya)
    later = TODAY + timedelta(days=4)
    ArrMovement.objects.create(
        account=account, kind="contraction", amount_minor=-100, effective_on=later, recorded_at=NOW
    )
    states = picture(account, later).states
    assert (states["D"].kind, states["D"].reason) == (Kind.STALE, "the contract changed 23 Nov")
    assert states["S"].kind is Kind.COMPLETE


def test_whose_emotional_impact_it_is_leaves_and_the_impact_is_out_of_date(
    account: Account, csm: Actor, priya: Contact
):
    make.whole_note(account, csm, priya)
    Contact.objects.filter(pk=priya.pk).update(departed_on=TODAY + timedelta(days=1))
    states = picture(account, TODAY + timedelta(days=2)).states
    assert (states["I"].kind, states["I"].reason) == (Kind.STALE, "Priya Raman left 20 Nov")
    assert states["S"].kind is Kind.COMPLETE, "she was no sponsor"


@pytest.mark.parametrize(
    ("letter", "confirmers", "enough"),
    [
        ("S", {"a": set()}, False),
        ("S", {"a": set(), "b": set()}, True),
        ("S", {"a": {"champion"}}, True),
        ("S", {"a": {"end_user"}}, False),
        ("P", {"feels": set()}, True),
        ("P", {}, False),
    ],
)
def test_two_people_validate_a_part_or_one_accountable(
    letter: str, confirmers: dict[str, set[str]], enough: bool
):
    assert is_validated(letter, {"pains": [{"who": "feels"}]}, confirmers) is enough


def test_the_second_to_confirm_makes_a_score_of_two(account: Account, csm: Actor, priya: Contact):
    make.whole_note(account, csm, priya)
    tom = make.contact(account, "Tom Berg", roles=["end_user"])

    def score(person: Contact) -> int:
        confirm_element(
            account=account, actor=csm, now=NOW, letter="S", heard_from=person, heard_on=TODAY
        )
        return elements_of(current_note(account))["S"].score

    assert [score(tom), score(tom), score(priya)] == [1, 1, 2]


def test_what_a_score_lacks_of_the_minimum_is_named():
    least = Minimum(12, 2)
    assert least.words == "12 of 15, each part at least 2"
    assert lacks({"S": 3, "P": 2, "I": 2, "CE": 1, "D": 2}, least) == ("2 in all", "1 of CE")
    assert Minimum(6, 1, ("S", "P", "I")).words == "6 of 15, S, P and I at least 1"


def test_the_occasion_follows_the_stage():
    assert [likely(stage) for stage in ("sal", "committed", "live", "max_impact")] == [
        Touchpoint.DEAL, Touchpoint.KICKOFF, Touchpoint.ONBOARDING, Touchpoint.CALL,
    ]  # fmt: skip


# -- on screen --

SignIn = Callable[[Actor], Client]


def test_the_page_shows_who_said_what_to_whom(told: Account, csm: Actor, sign_in: SignIn):
    page = sign_in(csm).get(f"/acme/accounts/{told.pk}/spiced/known/").text
    assert "Their aging report" in page and "Priya Raman said so" in page
    assert "to Maya Okafor, kickoff" in page and "onboarding call 1" in page


def test_a_deal_begins_in_a_dialog_and_an_unknown_one_is_refused(
    told: Account, csm: Actor, sign_in: SignIn, acme: Tenant
):
    maya, address = sign_in(csm), f"/acme/accounts/{told.pk}/spiced/begin/"
    assert "opens a record with nothing in it" in maya.get(address).text
    assert maya.post(address, {"motion": "barter"}).status_code == 422
    assert maya.post(address, {"motion": "new_buyer"}).status_code == 302
    with act_for(acme.pk):
        assert current_note(told).record == 2


def test_a_part_is_saved_with_its_occasion_and_evidence(
    account: Account, csm: Actor, sign_in: SignIn, acme: Tenant
):
    address = f"/acme/accounts/{account.pk}/spiced/S/save/"
    sent: dict[str, Any] = {"version": 0, "text": "One", "touchpoint": "review", "evidence": "Mail"}
    assert sign_in(csm).post(address, sent | {"touchpoint": "lunch"}).status_code == 422
    assert sign_in(csm).post(address, sent).status_code == 302
    with act_for(acme.pk):
        note = current_note(account)
        assert (note.touchpoint, elements_of(note)["S"].evidence) == ("review", "Mail")


def test_any_two_versions_stand_side_by_side(told: Account, csm: Actor, sign_in: SignIn):
    page = sign_in(csm).get(f"/acme/accounts/{told.pk}/spiced/versions/?before=1&after=4").text
    assert '<th scope="col">Version 1</th>' in page and "Audit" in page
    assert '<ins class="fw-b">Renew' not in page, "version 5 said so"


# -- over the API --


@pytest.fixture
def call(cast: dict[Role, Actor], acme: Tenant) -> Callable[..., Any]:
    with act_for(acme.pk):
        secret = make.api_key(cast[Role.ADMIN])

    def called(method: str, path: str, **body: Any) -> Any:
        send = getattr(Client(headers={"Authorization": f"Bearer {secret}"}), method)
        return (
            send(f"/api/v1/{path}", body, "application/json") if body else send(f"/api/v1/{path}")
        )

    return called


def test_the_merged_view_and_every_version_are_read_over_the_api(
    told: Account, call: Callable[..., Any]
):
    whole = call("get", f"accounts/{told.pk}/spiced/").json()
    pain = whole["parts"]["P"]
    assert (pain["told_at"], pain["told_in"], pain["evidence"]) == (
        "kickoff", 2, "Their aging report",
    )  # fmt: skip
    listed = call("get", f"accounts/{told.pk}/spiced/versions/").json()["data"]
    assert [each["touchpoint"] for each in listed] == list(reversed(TOUCHPOINTS))
    first = call("get", f"accounts/{told.pk}/spiced/versions/1/").json()
    assert first["parts"]["S"]["values"]["text"] == "Three entities"
    assert first["parts"]["P"]["values"]["text"] == ""
    assert call("get", f"accounts/{told.pk}/spiced/versions/9/").status_code == 404


def test_confirming_out_of_sequence_is_422_with_the_missing_part_named(
    account: Account, priya: Contact, call: Callable[..., Any]
):
    path = f"accounts/{account.pk}/spiced/"
    call("post", path, seen_version=0, touchpoint="deal", parts={"I": {"text": "Discounts"}})
    said = {"part": "I", "heard_from": str(priya.pk), "heard_on": "2026-11-02"}
    answer = call("post", f"{path}confirm/", **said)
    assert (answer.status_code, answer.json()["missing"]) == (422, ["S", "P"])
    parts = {"S": {"text": "One"}, "P": {"text": "Late"}}
    call("post", path, seen_version=1, touchpoint="deal", parts=parts)
    assert call("post", f"{path}confirm/", **said).json()["parts"]["I"]["is_confirmed"] is True
    stranger = said | {"heard_from": str(make.some_id())}
    assert call("post", f"{path}confirm/", **stranger).status_code == 422


def test_a_managers_override_is_recorded_with_its_reason(
    account: Account, csm: Actor, cast: dict[Role, Actor], priya: Contact
):
    save_note(account=account, actor=csm, now=NOW, seen_version=0, given={"I": {"text": "More"}})
    confirm_element(
        account=account, actor=cast[Role.MANAGER], now=NOW, letter="I", heard_from=priya,
        heard_on=date(2026, 11, 2), override_reason="The board said so",
    )  # fmt: skip
    facts = TrailEntry.objects.get(verb="spiced.element_confirmed").facts
    assert (facts["override_reason"], facts["missing"]) == ("The board said so", ["S", "P"])


def test_a_deal_begins_over_the_api(told: Account, call: Callable[..., Any]):
    answer = call("post", f"accounts/{told.pk}/spiced/begin/", motion="cross_sell").json()
    assert (answer["record"], answer["parts"]["P"]["state"]) == (2, "missing")
