"""Pains, people and steps as records: saved, kept apart, compared, shown, and read by the API."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, Contact
from spiced.actions.notes import save_note
from spiced.actions.refusals import StaleNote, StrangerNamed
from spiced.models import Element, ImpactGoal, Note
from spiced.queries.notes import current_note, elements_of
from spiced.queries.side_by_side import changed_rows
from tenants.actor import Actor
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.journeys.calls import Call, key_of
from tests.make import NOW

SignIn = Callable[[Actor], Client]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def account(acme: Tenant, csm: Actor) -> Account:
    with act_for(acme.pk):
        return make.account(
            "Northwind", owner=csm.user, stage="live", industry="Logistics", employees=410,
            region="Benelux",
        )  # fmt: skip


@pytest.fixture
def priya(acme: Tenant, account: Account) -> Contact:
    with act_for(acme.pk):
        return make.contact(account, title="CFO")


@pytest.fixture
def tom(acme: Tenant, account: Account) -> Contact:
    with act_for(acme.pk):
        return make.contact(account, "Tom Berg")


@pytest.fixture
def lead(acme: Tenant) -> Actor:
    with act_for(acme.pk):
        return make.member(acme, Role.MANAGER, "Tom Larsen")


@pytest.fixture
def maya(csm: Actor, sign_in: SignIn) -> Client:
    return sign_in(csm)


@pytest.fixture
def call(acme: Tenant) -> Call:
    return key_of(acme)


def url(account: Account, rest: str = "") -> str:
    return f"/acme/accounts/{account.pk}/spiced/{rest}"


def api(account: Account, rest: str = "") -> str:
    return f"accounts/{account.pk}/spiced/{rest}"


def save(account: Account, actor: Actor, seen: int, **said: Any) -> Note:
    return save_note(account=account, actor=actor, now=NOW, seen_version=seen, given=said)


def now_of(account: Account, letter: str) -> Element:
    return elements_of(current_note(account))[letter]


def pains_of(account: Account) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = now_of(account, "P").values["pains"]
    return found


def test_every_version_keeps_its_pains_under_their_ids(acme, account, csm, priya):
    with act_for(acme.pk):
        save(account, csm, 0, P={"pains": [{"text": "Late"}, {"text": "Lost", "who": priya.pk}]})
        late, lost = pains_of(account)
        resolved = [late | {"status": "resolved"}, {"text": "Lost often", "annual_cost": 5_00}]
        save(account, csm, 1, P={"pains": resolved})
        now = pains_of(account)
        assert [pain["id"] for pain in now] == [late["id"], lost["id"]]
        assert (now[0]["status"], now[1]["currency"], "who" in now[1]) == ("resolved", "EUR", False)
        assert now_of(account, "P").text == "Late\nLost often"
        first, second = Note.objects.order_by("version")
        assert elements_of(first)["P"].values["pains"] == [late, lost]
        told = {row.label: row for row in changed_rows(first, second, "EUR")}
        assert set(told) == {"Pain 1", "Pain 2"}
        assert "".join(p.words for p in told["Pain 1"].after) == "Late (resolved)"
        assert "".join(p.words for p in told["Pain 2"].before) == "Lost · Priya Raman (open)"


def test_what_changed_is_told_in_the_order_of_the_parts(acme, account, csm):
    with act_for(acme.pk):
        save(account, csm, 0, P={"text": "Late"}, D={"text": "Renew"})
        save(account, csm, 1, S={"team": "Nine"}, P={"text": "Late\nLost"}, D={"paper": "NDA"})
        rows = changed_rows(*Note.objects.order_by("version"), "EUR")
        told = [(row.part, row.label) for row in rows if row.label != "Heard on"]
        assert told == [("Situation", "Team"), ("Pain", "Pain 2"), ("Decision", "Paper")]


def test_two_people_change_different_pains_at_the_same_time(acme, account, csm, lead, priya, tom):
    with act_for(acme.pk):
        save(account, csm, 0, P={"pains": [{"text": "Late"}, {"text": "Lost"}]})
        late, lost = pains_of(account)
        save(account, lead, 1, P={"pains": [late, lost | {"who": str(tom.pk)}, {"text": "New"}]})
        save(account, csm, 1, P={"pains": [late | {"who": str(priya.pk)}, lost]})
        assert [(pain["text"], pain.get("who")) for pain in pains_of(account)] == [
            ("Late", str(priya.pk)), ("Lost", str(tom.pk)), ("New", None),
        ]  # fmt: skip
        with pytest.raises(StaleNote) as refused:
            save(account, csm, 1, P={"pains": [late, lost | {"who": str(priya.pk)}]})
        assert refused.value.clashes == [("P", "pains")]


def test_plain_words_keep_what_is_known_of_a_pain(acme, account, csm, priya):
    with act_for(acme.pk):
        whole = {"text": "Late", "who": str(priya.pk), "frequency": "daily", "status": "reduced"}
        save(account, csm, 0, P={"pains": [whole]})
        save(account, csm, 1, P={"text": "Late\nLost"})
        one, two = pains_of(account)
        assert one | whole == one and two["status"] == "open"
        assert save(account, csm, 2, P={"text": "Late\nLost"}).version == 2


def test_people_of_another_account_are_refused_in_records(acme, account, csm):
    with act_for(acme.pk):
        stranger = str(make.contact(make.account("Initech"), "Sam Lee").pk)
        for said in ({"P": {"pains": [{"text": "Late", "who": stranger}]}},
                     {"D": {"people": [{"contact": stranger}]}}):  # fmt: skip
            with pytest.raises(StrangerNamed):
                save(account, csm, 0, **said)
        assert not Note.objects.exists()


def test_whoever_feels_a_pain_validates_it(acme, account, csm, priya, call):
    with act_for(acme.pk):
        save(account, csm, 0, P={"text": "Late", "who": str(priya.pk), "frequency": "daily",
                                 "annual_cost": 5})  # fmt: skip
    body = {"part": "P", "heard_from": str(priya.pk), "heard_on": "2026-11-02"}
    answer = call(api(account, "confirm/"), body).json()
    assert answer["parts"]["P"]["score"] == 2
    with act_for(acme.pk):
        save(account, csm, 2, P={"pains": [pains_of(account)[0], {"text": "Lost"}]})
        assert (now_of(account, "P").score, now_of(account, "P").is_confirmed) == (1, False)


def test_lines_are_typed_and_what_was_understood_stands_beside_them(
    maya, acme, account, csm, priya, tom
):
    lines = "Approvals come late @priya #mon =310k ~aging report !red\nOrders get lost @Tom"
    sent = {"version": 0, "pains": lines, "draft": "1"}
    told = maya.post(url(account, "P/save/"), sent, headers=HTMX).text
    assert 'id="records-page" hx-swap-oob="true"' in told
    for words in ("Approvals come late", "Priya Raman · monthly · €310,000 a year", "Tom Berg"):
        assert words in told
    assert '<span class="tag tag--watch">reduced</span>' in told
    assert "1 open pain without a cost or evidence" in told
    page = maya.get(url(account, "?step=P")).text
    assert "Approvals come late @Priya Raman #monthly =310000 ~aging report !reduced" in page
    assert "tag tag--watch" in maya.get(url(account, "known/")).text
    with act_for(acme.pk):
        ids = [pain["id"] for pain in pains_of(account)]
    again = {"version": 1, "pains": lines.replace("come late", "come a week late"), "draft": "1"}
    assert maya.post(url(account, "P/save/"), again, headers=HTMX).status_code == 200
    with act_for(acme.pk):
        assert [pain["id"] for pain in pains_of(account)] == ids
        assert now_of(account, "P").text.startswith("Approvals come a week late")


def test_a_line_that_does_not_fit_is_named_and_nothing_is_lost(maya, account, priya):
    sent = {"version": 0, "pains": "Late\nLost @Zed"}
    answer = maya.post(url(account, "P/save/"), sent, headers=HTMX)
    assert answer.status_code == 422
    assert "Line 2: “@Zed” is no contact of this account." in answer.text
    assert "Late\nLost @Zed</textarea>" in answer.text
    draft = maya.post(url(account, "P/save/"), sent | {"draft": "1"}, headers=HTMX)
    assert draft.status_code == 422 and "Line 2" in draft.text and "<textarea" not in draft.text
    people = {"version": 0, "people": "economic buyer"}
    answer = maya.post(url(account, "D/save/"), people, headers=HTMX)
    assert "Line 1: Person is not said." in answer.text


def test_somebody_the_account_lists_no_longer_stays_in_the_line(maya, acme, account, csm, tom):
    with act_for(acme.pk):
        save(account, csm, 0, P={"text": "Late", "who": str(tom.pk)})
        Contact.objects.filter(pk=tom.pk).update(archived_at=NOW)
    assert "Late @Tom Berg</textarea>" in maya.get(url(account, "?step=P")).text
    sent = {"version": 1, "pains": "Late @Tom Berg #daily"}
    assert maya.post(url(account, "P/save/"), sent, headers=HTMX).status_code == 200
    with act_for(acme.pk):
        assert pains_of(account)[0]["who"] == str(tom.pk)
        assert save(account, csm, 2, P={"pains": [{"text": "Late"}]})
        Contact.objects.filter(pk=tom.pk).delete()
        assert "somebody who is gone" in changed_words(account)


def changed_words(account: Account) -> str:
    before, after = Note.objects.order_by("version")[1:]
    (row,) = changed_rows(before, after, "EUR")
    return "".join(piece.words for piece in row.before)


def test_two_of_a_name_are_told_apart(maya, acme, account, priya):
    with act_for(acme.pk):
        other = make.contact(account)
    sent = {"version": 0, "pains": "Late @Priya Raman (2)"}
    assert maya.post(url(account, "P/save/"), sent, headers=HTMX).status_code == 200
    with act_for(acme.pk):
        assert pains_of(account)[0]["who"] == str(other.pk)
    assert "Late @Priya Raman (2)</textarea>" in maya.get(url(account, "?step=P")).text


def test_a_conflict_shows_the_lines_of_both_and_merges_them(
    maya, acme, account, csm, lead, priya, tom
):
    with act_for(acme.pk):
        save(account, csm, 0, P={"pains": [{"text": "Late"}]})
        theirs = [{"text": "Late", "who": str(tom.pk)}, {"text": "Audit"}]
        save(account, lead, 1, P={"pains": theirs})
    sent = {"version": 1, "pains": "Late @Priya"}
    answer = maya.post(url(account, "P/save/"), sent, headers=HTMX)
    assert answer.status_code == 409
    assert "Late @Tom Berg\nAudit\nLate @Priya Raman</textarea>" in answer.text
    assert (
        'name="pains" value="Late @Priya Raman\nAudit"' in answer.text
    )  # what is mine, and theirs
    chosen = {"version": 2, "base": 1, "pick.pains": "both", "pains": "Late @Priya Raman",
              "pick.pains.both": "Late @Tom Berg\nLost @Priya Raman"}  # fmt: skip
    assert maya.post(url(account, "P/resolve/"), chosen, headers=HTMX).status_code == 200
    with act_for(acme.pk):
        assert [pain["who"] for pain in pains_of(account)] == [str(tom.pk), str(priya.pk)]
        aside = elements_of(Note.objects.get(touchpoint="set aside"))["P"]
        assert aside.values["pains"][0]["who"] == str(priya.pk)


def test_pains_one_did_not_touch_are_in_no_dispute(maya, acme, account, csm, lead):
    with act_for(acme.pk):
        save(account, csm, 0, P={"pains": [{"text": "Late"}], "evidence": "Mail"})
        save(account, lead, 1, P={"pains": [{"text": "Late", "status": "reduced"}],
                                  "evidence": "Report"})  # fmt: skip
    sent = {"version": 1, "pains": "Late", "evidence": "Minutes"}
    answer = maya.post(url(account, "P/save/"), sent, headers=HTMX)
    assert answer.status_code == 409
    assert "pick.evidence" in answer.text and "pick.pains" not in answer.text


def test_a_situation_shows_what_the_account_knows_and_holds_the_rest(maya, acme, account):
    page = maya.get(url(account, "?step=S")).text
    assert "From the account: Logistics, 410 people, Benelux." in page
    assert "From the account" not in maya.get(url(account, "?step=P")).text
    sent = {
        "version": 0,
        "tools": "Excel, mail",
        "initiatives": "One ERP, for all;",
        "maturity": "2",
    }
    assert maya.post(url(account, "S/save/"), sent, headers=HTMX).status_code == 200
    with act_for(acme.pk):
        said = now_of(account, "S").values
        assert (said["tools"], said["initiatives"], said["maturity"]) == (
            ["Excel", "mail"], ["One ERP, for all"], 2,
        )  # fmt: skip
    page = maya.get(url(account, "?step=S")).text
    assert 'value="One ERP, for all;"' in page
    known = maya.get(url(account, "known/")).text
    assert "2 of 5" in known and "From the account: Logistics" in known


def test_a_decision_is_of_the_renewal_once_sold_and_is_confirmed_with_an_impact(
    maya, acme, account, csm, priya, lead, sign_in
):
    with act_for(acme.pk):
        save(account, csm, 0, D={"text": "Renew"})
    assert "There is no goal yet" in maya.get(url(account, "?step=D")).text
    with act_for(acme.pk):
        make.whole_note(account, csm, priya)
        goal = ImpactGoal.objects.get(kind="rational")
    page = maya.get(url(account, "?step=D")).text
    assert "There is no goal yet" not in page
    assert "Renewal or expansion decision" in page and "Capture discounts</option>" in page
    sent = {"version": "2", "heard_from": str(priya.pk), "heard_on": "2026-11-02"}
    answer = maya.post(url(account, "D/confirm/"), sent, headers=HTMX)
    assert answer.status_code == 422 and "This field is required" in answer.text
    boss = sign_in(lead).post(url(account, "D/confirm/"), sent, headers=HTMX)
    assert boss.status_code == 409 and "the impact it rests on" in boss.text
    cited = sent | {"goal": str(goal.pk)}
    assert maya.post(url(account, "D/confirm/"), cited, headers=HTMX).status_code == 200
    known = maya.get(url(account, "known/")).text
    assert "Impact it rests on" in known and "Capture discounts" in known
    with act_for(acme.pk):
        Account.objects.filter(pk=account.pk).update(stage="sal")
    assert "Renewal or expansion" not in maya.get(url(account, "?step=D")).text


def test_the_worksheet_leaves_out_what_only_we_say_of_people(maya, acme, account, csm, priya):
    with act_for(acme.pk):
        make.whole_note(account, csm, priya)
        save(account, csm, 1,
             P={"pains": [{"text": "Late", "who": str(priya.pk), "evidence": "Our guess"},
                          {"text": "Over", "status": "resolved"}]},
             D={"people": [{"contact": str(priya.pk), "role": "signs", "stance": "blocker"}]},
             )  # fmt: skip
    page = maya.get(url(account, "worksheet/")).text
    assert "Late" in page and "signs" in page
    assert not [words for words in ("blocker", "Our guess", "Over<") if words in page]


def test_records_are_written_by_the_api_and_the_same_again_is_no_version(call, account, priya):
    pain = {"text": "Late", "who": str(priya.pk), "annual_cost": 31_000_000, "currency": "CHF"}
    decider = {"contact": str(priya.pk), "role": "signs", "stance": "supportive"}
    step = {"step": "CFO agrees", "on": "2026-12-15"}
    said = {
        "seen_version": 0,
        "parts": {
            "S": {"tools": ["Excel"], "maturity": 3, "initiatives": ["One ERP"]},
            "P": {"pains": [pain]},
            "D": {"people": [decider], "process": [step], "criteria": ["Trail"]},
        },
    }
    made = call(api(account), said)
    assert made.status_code == 200, made.content
    parts = made.json()["parts"]
    (kept,) = parts["P"]["values"]["pains"]
    assert kept == pain | {"id": kept["id"], "status": "open"}
    assert parts["D"]["values"]["people"][0]["stance"] == "supportive"
    assert call(api(account), said | {"seen_version": 1}).json()["version"] == 1
    back = {
        letter: {key: value for key, value in part["values"].items() if value}
        for letter, part in parts.items()
    }
    assert call(api(account), {"seen_version": 1, "parts": back}).json()["version"] == 1
    version = call(api(account, "versions/1/")).json()
    assert version["parts"]["P"]["values"]["pains"] == [kept]


def test_the_api_names_every_record_that_does_not_fit(call, account):
    wrong = [{"text": "Late"}, {"text": "Lost", "annual_cost": 2.5}, {"frequency": "often"}]
    said = {"seen_version": 0, "parts": {"P": {"pains": wrong}, "S": {"maturity": 3}}}
    answer = call(api(account), said)
    assert answer.status_code == 422
    assert set(answer.json()["errors"]) == {
        "parts.P.pains.1.annual_cost", "parts.P.pains.2.frequency", "parts.P.pains.2.text",
    }  # fmt: skip
    for bad in ("Late", ["Late"], [["Late"]]):
        said = {"seen_version": 0, "parts": {"P": {"pains": bad}}}
        assert call(api(account), said).status_code == 422


def test_a_decision_is_confirmed_by_the_api_with_a_goal(acme, call, account, csm, priya):
    with act_for(acme.pk):
        make.whole_note(account, csm, priya)
        goal = str(ImpactGoal.objects.get(kind="rational").pk)
    body = {"part": "D", "heard_from": str(priya.pk), "heard_on": str(date(2026, 11, 2))}
    bare = call(api(account, "confirm/"), body)
    assert (bare.status_code, bare.json()["code"]) == (422, "no_impact_cited")
    stray = call(api(account, "confirm/"), body | {"goal_id": str(make.some_id())})
    assert stray.status_code == 422
    done = call(api(account, "confirm/"), body | {"goal_id": goal})
    assert done.status_code == 200 and done.json()["parts"]["D"]["values"]["goal"] == goal
