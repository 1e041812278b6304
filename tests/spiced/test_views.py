"""The SPICED editor in the browser: steps, drafts, conflicts, confirmation, versions."""

import copy
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account, Contact
from charter.actions import install_defaults, publish
from charter.queries import default_body
from charter.rules import questions as asked_for
from spiced.models import Element, Note
from spiced.queries.notes import current_note, elements_of
from spiced.rules.elements import PARTS
from spiced.rules.questions import parsed
from tenants.actor import Actor
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.make import NOW

SignIn = Callable[[Actor], Client]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def account(acme: Tenant, csm: Actor) -> Account:
    with act_for(acme.pk):
        return make.account("Northwind", owner=csm.user, stage="live")


@pytest.fixture
def priya(acme: Tenant, account: Account) -> Contact:
    with act_for(acme.pk):
        return make.contact(account, title="CFO")


@pytest.fixture
def maya(csm: Actor, sign_in: SignIn) -> Client:
    return sign_in(csm)


def url(account: Account, rest: str = "") -> str:
    return f"/acme/accounts/{account.pk}/spiced/{rest}"


def saved(acme: Tenant, account: Account) -> dict[str, Any]:
    with act_for(acme.pk):
        return {letter: part.values for letter, part in elements_of(current_note(account)).items()}


def test_the_note_opens_at_the_first_step_that_is_not_complete(maya: Client, account: Account):
    page = maya.get(url(account)).text
    assert "0 of 5 complete" in page and "Ask next, for situation" in page
    assert 'aria-current="step"><span class="sp__l" aria-hidden="true">S<' in page


def test_htmx_gets_the_editor_alone_and_the_drawer_its_own(maya: Client, account: Account):
    part = maya.get(url(account, "?step=P"), headers=HTMX).text
    assert part.lstrip().startswith("<section") and 'id="note-page"' in part
    drawn = maya.get(url(account, "drawer/"), headers=HTMX | {"HX-Target": "drawer"}).text
    assert 'id="note-drawer"' in drawn and 'id="drawer-title"' in drawn
    assert 'id="note-drawer"' in maya.get(url(account, "drawer/")).text


def test_another_turns_to_the_next_question(maya: Client, account: Account):
    first = maya.get(url(account, "?step=S&part=ask&ask=0"), headers=HTMX).text
    second = maya.get(url(account, "?step=S&part=ask&ask=1"), headers=HTMX).text
    assert first != second and second.lstrip().startswith('<div id="ask-page"')


def test_a_step_is_saved_and_the_next_one_opens(maya: Client, acme: Tenant, account: Account):
    sent = {"version": 0, "text": "Three entities", "tools": "Excel", "next": "P"}
    answer = maya.post(url(account, "S/save/"), sent)
    assert answer.status_code == 302 and answer["Location"].endswith("?step=P")
    assert saved(acme, account)["S"]["text"] == "Three entities"
    cost = {"version": 1, "pains": "Late =310k"}
    answer = maya.post(url(account, "P/save/"), cost, headers=HTMX)
    assert "spiced:saved" in answer["HX-Trigger"]
    (pain,) = saved(acme, account)["P"]["pains"]
    assert (pain["text"], pain["annual_cost"], pain["currency"]) == ("Late", 310_000_00, "EUR")


def test_a_draft_answers_with_the_new_version_beside_the_form(
    maya: Client, acme: Tenant, account: Account
):
    sent = {"version": 0, "text": "Three", "draft": "1", "place": "drawer"}
    answer = maya.post(url(account, "S/save/"), sent, headers=HTMX)
    assert 'id="version-drawer" value="1" hx-swap-oob="true"' in answer.text
    assert "<textarea" not in answer.text and "note:changed" in answer["HX-Trigger"]
    with act_for(acme.pk):
        assert Note.objects.get().is_draft


def test_a_value_that_does_not_fit_is_named(maya: Client, account: Account):
    sent = {"version": 0, "baseline": "many"}
    answer = maya.post(url(account, "I/save/"), sent)
    assert answer.status_code == 422 and "Enter a number" in answer.text
    answer = maya.post(url(account, "I/save/"), sent | {"draft": "1"}, headers=HTMX)
    assert answer.status_code == 422 and "Baseline: Enter a number" in answer.text
    assert maya.post(url(account, "I/save/"), {"version": "new"}).status_code == 422


@pytest.mark.case("H1")
def test_a_stale_save_keeps_both_texts(
    maya: Client, acme: Tenant, csm: Actor, account: Account, priya: Contact
):
    with act_for(acme.pk):
        tom = make.member(acme, Role.MANAGER, "Tom Larsen")
        make.note(account, csm, S={"text": "Three entities", "team": "Nine"})
        make.note(account, tom, S={"text": "Four entities"})
    sent = {"version": 1, "text": "Five entities", "team": "Nine", "heard_from": str(priya.pk)}
    answer = maya.post(url(account, "S/save/"), sent, headers=HTMX)
    assert answer.status_code == 409 and answer["HX-Retarget"] == "#note-page"
    page = answer.text
    assert "Situation was changed while you were typing" in page and "Tom Larsen" in page
    assert '<ins class="fw-b">Four</ins> entities' in page
    assert '<ins class="fw-b">Five</ins> entities' in page
    assert f'name="heard_from" value="{priya.pk}"' in page and "Heard from changed in yours" in page
    assert saved(acme, account)["S"]["text"] == "Four entities"


STALE = {"version": 2, "base": 1, "text": "Five entities", "team": "Ten"}


@pytest.fixture
def disputed(acme: Tenant, csm: Actor, account: Account) -> Account:
    """Tom changed text and team after version 1."""
    with act_for(acme.pk):
        tom = make.member(acme, Role.MANAGER, "Tom Larsen")
        make.note(account, csm, S={"text": "Three entities", "team": "Nine"})
        make.note(account, tom, S={"text": "Four entities", "team": "Eight"})
    return account


def test_each_field_is_chosen_for_itself(maya: Client, acme: Tenant, disputed: Account):
    picks = STALE | {"pick.text": "both", "pick.text.both": "Four\nor five", "pick.team": "theirs"}
    answer = maya.post(url(disputed, "S/resolve/"), picks, headers=HTMX)
    assert answer.status_code == 200 and "spiced:saved" in answer["HX-Trigger"]
    part = saved(acme, disputed)["S"]
    assert (part["text"], part["team"]) == ("Four\nor five", "Eight")
    with act_for(acme.pk):
        assert Note.objects.get(version=3).touchpoint == "set aside"
        assert elements_of(Note.objects.get(version=3))["S"].values["team"] == "Ten"
    page = maya.get(url(disputed, "versions/?before=3&after=4")).text
    assert "set aside" in page and "Version 4" in page


def test_without_script_a_choice_leads_back_to_the_step(maya: Client, disputed: Account):
    answer = maya.post(url(disputed, "S/resolve/"), STALE | {"pick.text": "mine"})
    assert answer.status_code == 302 and answer["Location"].endswith("?step=S")


def test_a_choice_that_does_not_fit_is_shown_again_with_all_of_it(maya: Client, disputed: Account):
    long = "x" * 201
    picks = STALE | {"pick.text": "mine", "pick.team": "both", "pick.team.both": long}
    answer = maya.post(url(disputed, "S/resolve/"), picks, headers=HTMX)
    assert answer.status_code == 422
    assert "Team: Ensure this value has at most 200" in answer.text
    assert long in answer.text


def test_a_field_changed_once_more_is_asked_again(
    maya: Client, acme: Tenant, csm: Actor, disputed: Account
):
    with act_for(acme.pk):
        make.note(disputed, make.member(acme, Role.CSM, "Eve"), S={"text": "Six entities"})
    picks = STALE | {"pick.text": "mine", "pick.team": "theirs"}
    answer = maya.post(url(disputed, "S/resolve/"), picks, headers=HTMX)
    assert answer.status_code == 409 and "Six" in answer.text and "Five" in answer.text
    assert 'name="team" value="Ten"' in answer.text
    assert 'name="pick.team" value="theirs" checked' in answer.text
    assert maya.post(url(disputed, "S/resolve/"), {"version": "new"}).status_code == 404


def test_where_there_is_no_note_there_is_nothing_to_choose(maya: Client, account: Account):
    far_too_long = STALE | {"version": "0", "base": "0", "pick.text": "mine", "text": "x" * 9000}
    assert maya.post(url(account, "S/resolve/"), far_too_long, headers=HTMX).status_code == 404


def test_a_refused_form_keeps_the_version_it_began_from(maya: Client, disputed: Account):
    sent = {"version": 1, "text": "Five entities", "heard_on": "soon"}
    page = maya.post(url(disputed, "S/save/"), sent, headers=HTMX).text
    assert 'name="version" id="version-page" value="1"' in page


def test_a_colleagues_change_of_another_step_is_no_conflict(
    maya: Client, acme: Tenant, csm: Actor, account: Account
):
    with act_for(acme.pk):
        make.note(account, csm, S={"text": "Three entities"})
        make.note(account, make.member(acme, Role.MANAGER, "Tom"), P={"text": "Late"})
    sent = {"version": 1, "text": "Four entities"}
    assert maya.post(url(account, "S/save/"), sent, headers=HTMX).status_code == 200
    assert saved(acme, account)["P"]["text"] == "Late"


def test_a_step_is_confirmed_by_a_contact(
    maya: Client, acme: Tenant, csm: Actor, account: Account, priya: Contact
):
    with act_for(acme.pk):
        make.note(account, csm, S={"text": "Three entities"})
    sent = {"heard_from": str(priya.pk), "heard_on": "2026-11-02"}
    answer = maya.post(url(account, "S/confirm/"), sent, headers=HTMX)
    assert answer.status_code == 200 and "Situation confirmed" in answer["HX-Trigger"]
    with act_for(acme.pk):
        part = elements_of(current_note(account))["S"]
        assert part.is_confirmed and part.heard_from == priya
    assert maya.post(url(account, "S/confirm/"), {"heard_on": "2026-11-02"}).status_code == 422
    later = sent | {"heard_on": "2098-01-01"}
    assert maya.post(url(account, "S/confirm/"), later).status_code == 422


def test_out_of_sequence_is_refused_by_naming_what_is_missing(
    maya: Client,
    acme: Tenant,
    csm: Actor,
    account: Account,
    priya: Contact,
    sign_in: SignIn,
):
    with act_for(acme.pk):
        make.note(account, csm, I={"text": "Capture discounts"})
        boss = make.member(acme, Role.MANAGER, "Tom Larsen")
    sent = {"heard_from": str(priya.pk), "heard_on": "2026-11-02"}
    answer = maya.post(url(account, "I/confirm/"), sent, headers=HTMX)
    assert answer.status_code == 409
    assert "Impact rests on Situation and Pain, which are missing" in answer.text
    override = sent | {"override_reason": "Heard in the board meeting"}
    assert maya.post(url(account, "I/confirm/"), override, headers=HTMX).status_code == 409
    lead = sign_in(boss)
    assert lead.post(url(account, "I/confirm/"), override, headers=HTMX).status_code == 200
    with act_for(acme.pk):
        part = elements_of(current_note(account))["I"]
        assert part.override_reason == "Heard in the board meeting"


def test_a_date_without_consequence_is_compelling_and_partial(
    maya: Client, acme: Tenant, csm: Actor, account: Account
):
    with act_for(acme.pk):
        make.note(account, csm, CE={"text": "Audit", "on": "2099-12-15"})
    page = maya.get(url(account, "?step=CE")).text
    assert "it is a compelling event. It stays partial" in page


def test_versions_are_listed_and_two_stand_side_by_side(
    maya: Client, acme: Tenant, csm: Actor, account: Account
):
    assert "No version yet" in maya.get(url(account, "versions/")).text
    with act_for(acme.pk):
        for text in ("Three entities", "Four entities", "Five entities"):
            make.note(account, csm, S={"text": text})
    page = maya.get(url(account, "versions/")).text
    assert "<del>Four</del> entities" in page and ">Five</ins> entities" in page
    page = maya.get(url(account, "versions/?before=1&after=2")).text
    assert "<del>Three</del>" in page and ">Four</ins>" in page
    assert maya.get(url(account, "versions/?before=x&after=99")).status_code == 200


def test_whoever_may_only_read_sees_words_and_no_form(
    acme: Tenant, csm: Actor, account: Account, priya: Contact, sign_in: SignIn
):
    with act_for(acme.pk):
        make.whole_note(account, csm, priya)
        boss = make.member(acme, Role.EXECUTIVE, "Eve")
    eve = sign_in(boss)
    page = eve.get(url(account, "?step=P")).text
    assert "€310,000" in page and "Priya Raman" in page and "<textarea" not in page
    assert eve.post(url(account, "P/save/"), {"version": 1}).status_code == 403
    assert eve.post(url(account, "P/confirm/"), {}).status_code == 403


def test_other_tenants_other_books_other_methods_and_unknown_parts(
    maya: Client, acme: Tenant, rival: Tenant, account: Account, sign_in: SignIn
):
    with act_for(rival.pk):
        theirs = make.account("Theirs")
    with act_for(acme.pk):
        colleague = sign_in(make.member(acme, Role.CSM, "Tom"))
    for page in ("", "drawer/", "versions/"):
        assert maya.get(url(theirs, page)).status_code == 404
        assert maya.post(url(account, page)).status_code == 405
    for page in ("S/save/", "S/confirm/"):
        assert maya.post(url(theirs, page), {"version": 0}).status_code == 404
        assert colleague.post(url(account, page), {"version": 0}).status_code == 404
        assert maya.get(url(account, page)).status_code == 405
    assert maya.post(url(account, "X/save/"), {"version": 0}).status_code == 404


def test_the_editor_takes_as_many_queries_for_a_full_note_as_for_an_empty_one(
    maya: Client, acme: Tenant, csm: Actor, account: Account, priya: Contact,
    django_assert_max_num_queries: Any,
):  # fmt: skip
    with act_for(acme.pk):
        make.whole_note(account, csm, priya)
    with django_assert_max_num_queries(24):
        maya.get(url(account, "?step=D"))


def test_what_is_asked_fades_and_is_aimed_at_is_as_the_charter_has_it(
    acme: Tenant, account: Account, maya: Client, csm: Actor
):
    with act_for(acme.pk):
        make.note(account, csm, S={"text": "Ten in finance"})
        Element.objects.update(validated_on=timezone.localdate() - timedelta(days=40))
        Account.objects.filter(pk=account.pk).update(touch_model="tech")
        body = copy.deepcopy(default_body("spiced"))
        body["fresh_days"]["S"], body["index_targets"]["tech"] = 30, 0.25
        body["questions"] = [
            {"key": "mine", "part": "S", "field": "tools", "stages": [], "text": "Since when?"}
        ]
        install_defaults(author=None, now=NOW)
    asked = maya.get(url(account, "?step=S")).text
    assert "Since when?" not in asked and "Which tools does the team use" in asked
    with act_for(acme.pk):
        publish(
            kind="spiced", body=body, note="", seen_version=1, author=csm.user, now=timezone.now()
        )
    shown = maya.get(url(account, "?step=S")).text
    assert "Since when?" in shown and "Which tools does the team use" not in shown
    assert "older than 30 days" in shown and "0.25" in shown


def test_the_charter_asks_for_the_fields_the_note_has():
    fields = {
        letter: (part.name, {field.key: field.label for field in part.asked})
        for letter, part in PARTS.items()
    }
    assert fields == asked_for.PARTS
    assert len(parsed(default_body("spiced"))) == 33
