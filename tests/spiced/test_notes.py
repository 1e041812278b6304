"""Saving and confirming SPICED notes: versions, drafts, conflicts, refusals."""

from datetime import date, timedelta

import pytest

from spiced.actions.confirming import confirm_element
from spiced.actions.notes import save_note
from spiced.actions.refusals import (
    NoImpactCited,
    NothingToConfirm,
    OutOfSequence,
    StaleNote,
    StrangerNamed,
)
from spiced.models import CriticalEvent, Element, ImpactGoal, Note
from spiced.queries.notes import changed_by, current_note, elements_of, picture
from spiced.rules.values import WrongValue
from tenants.models import TrailEntry
from tenants.roles import Role
from tests import make
from tests.make import NOW, TODAY


@pytest.fixture
def account(inside, csm):
    return make.account(owner=csm.user)


@pytest.fixture
def priya(account):
    return make.contact(account, roles=["champion"])


def save(account, actor, seen, now=NOW, is_draft=False, **said):
    return save_note(
        account=account, actor=actor, now=now, seen_version=seen, given=said, is_draft=is_draft
    )


def confirm(account, actor, letter, person, **options):
    return confirm_element(
        account=account, actor=actor, now=NOW, letter=letter, heard_from=person,
        heard_on=date(2026, 10, 21), **options,
    )  # fmt: skip


def test_each_save_makes_a_version_and_carries_the_other_parts_over(account, csm):
    save(account, csm, 0, S={"text": "Three entities"})
    save(account, csm, 1, P={"text": "Late approvals"})
    assert list(Note.objects.order_by("version").values_list("version", "is_current")) == [
        (1, False), (2, True),
    ]  # fmt: skip
    now = elements_of(current_note(account))
    assert (now["S"].text, now["P"].text, now["S"].changed_in) == (
        "Three entities", "Late approvals", 1,
    )  # fmt: skip
    first = elements_of(Note.objects.get(version=1))
    assert first["P"].text == ""


def test_saving_what_is_there_already_makes_no_version(account, csm):
    save(account, csm, 0, S={"text": "Three entities"})
    save(account, csm, 1, S={"text": "Three entities", "tools": ""})
    assert Note.objects.count() == 1


def test_a_draft_goes_on_under_new_numbers_until_it_is_saved(account, csm):
    for seen, text in enumerate(("T", "Thr", "Three")):
        save(account, csm, seen, is_draft=True, S={"text": text})
    note = save(account, csm, 3, S={"text": "Three entities"})
    assert (Note.objects.count(), note.version, note.is_draft) == (1, 4, False)
    save(account, csm, 4, is_draft=True, S={"text": "Four entities"})
    assert Note.objects.count() == 2
    assert elements_of(Note.objects.get(version=4))["S"].text == "Three entities"


def test_a_draft_of_yesterday_or_of_somebody_else_is_kept_as_a_version(account, csm, acme):
    save(account, csm, 0, is_draft=True, S={"text": "One"})
    save(account, csm, 1, now=NOW + timedelta(days=1), is_draft=True, S={"text": "Two"})
    tom = make.member(acme, Role.CSM, "Tom Larsen")
    save(account, tom, 2, now=NOW + timedelta(days=1), is_draft=True, S={"text": "Three"})
    assert Note.objects.count() == 3


@pytest.mark.case("H1")
def test_a_stale_save_is_refused_and_tells_who_and_what(account, csm, acme):
    save(account, csm, 0, S={"text": "Three entities"})
    tom = make.member(acme, Role.CSM, "Tom Larsen")
    save(account, tom, 1, S={"text": "Four entities", "team": "Nine"})
    with pytest.raises(StaleNote) as refused:
        save(account, csm, 1, S={"text": "Two entities", "team": "Nine"})
    assert str(refused.value) == "Tom Larsen changed Situation while you were writing."
    assert (refused.value.status, refused.value.code) == (409, "stale_note")
    assert refused.value.clashes == [("S", "text")]
    assert refused.value.theirs["S"].text == "Four entities"


def test_two_people_writing_in_different_fields_of_a_part_do_not_collide(account, csm, acme):
    save(account, csm, 0, S={"text": "Three entities", "team": "Nine"})
    tom = make.member(acme, Role.CSM, "Tom Larsen")
    save(account, tom, 1, S={"text": "Four entities"})
    save(account, csm, 1, S={"team": "Ten"})
    now = elements_of(current_note(account))["S"]
    assert (now.text, now.values["team"]) == ("Four entities", "Ten")


def test_what_is_given_up_for_a_colleagues_words_is_kept_as_a_version(account, csm, acme):
    save(account, csm, 0, S={"text": "Three entities", "team": "Nine"})
    tom = make.member(acme, Role.CSM, "Tom Larsen")
    save(account, tom, 1, S={"text": "Four entities", "team": "Ten"})
    written = {"S": {"text": "Five entities", "team": "Eleven"}}
    save_note(
        account=account, actor=csm, now=NOW, seen_version=2,
        given={"S": {"team": "Eleven"}}, written=written,
    )  # fmt: skip
    kept = [
        (note.version, note.is_current, elements_of(note)["S"].text)
        for note in Note.objects.order_by("version")
    ]
    assert kept == [
        (1, False, "Three entities"), (2, False, "Four entities"),
        (3, False, "Five entities"), (4, True, "Four entities"),
    ]  # fmt: skip
    assert current_note(account).author == csm.user
    assert elements_of(Note.objects.get(version=3))["S"].values["team"] == "Eleven"


def test_a_choice_overwrites_nobodys_draft_and_promises_nothing_that_was_given_up(account, csm):
    save(account, csm, 0, is_draft=True, CE={"text": "Audit", "on": "2026-12-15"})
    save_note(
        account=account, actor=csm, now=NOW, seen_version=1,
        given={"CE": {}}, written={"CE": {"on": "2027-01-15"}},
    )  # fmt: skip
    assert Note.objects.filter(is_current=False).count() == 2
    assert str(CriticalEvent.objects.get().on) == "2026-12-15"


def test_who_changed_which_field_since_is_known(account, csm, acme):
    save(account, csm, 0, S={"text": "Three", "team": "Nine"})
    tom, eve = make.member(acme, Role.CSM, "Tom"), make.member(acme, Role.CSM, "Eve")
    save(account, tom, 1, S={"text": "Four", "team": "Ten"})
    save(account, eve, 2, S={"team": "Eleven"})
    found = changed_by(account, "S", 1)
    assert {key: str(note.author) for key, note in found.items()} == {"text": "Tom", "team": "Eve"}
    assert changed_by(account, "S", 3) == {}


def test_two_people_writing_in_different_parts_do_not_collide(account, csm, acme):
    save(account, csm, 0, S={"text": "Three entities"})
    tom = make.member(acme, Role.CSM, "Tom Larsen")
    save(account, tom, 1, D={"text": "Renew"})
    save(account, csm, 1, P={"text": "Late approvals"})
    now = elements_of(current_note(account))
    assert [now[letter].text for letter in ("S", "P", "D")] == [
        "Three entities", "Late approvals", "Renew",
    ]  # fmt: skip


def test_a_value_that_does_not_fit_or_a_stranger_is_refused(account, csm):
    with pytest.raises(WrongValue):
        save(account, csm, 0, I={"by": "soon"})
    stranger = make.contact(make.account("Initech"), "Sam Lee")
    with pytest.raises(StrangerNamed):
        save(account, csm, 0, P={"text": "Late", "who": str(stranger.pk)})
    assert not Note.objects.exists()


def test_a_whole_note_becomes_goals_and_an_event(account, csm, priya):
    make.whole_note(account, csm, priya)
    rational, emotional = ImpactGoal.objects.order_by("-kind")
    assert (rational.measure, rational.baseline, rational.target) == ("Discounts a quarter", 18, 78)
    assert (emotional.statement, emotional.person) == ("I sleep at quarter end", priya)
    assert CriticalEvent.objects.get().level == "critical"
    assert picture(account, TODAY).complete_count == 5


def test_half_an_impact_becomes_no_goal_and_a_date_alone_is_compelling(account, csm):
    make.note(
        account,
        csm,
        I={"text": "Discounts", "measure": "€"},
        CE={"text": "Audit", "on": "2026-12-15"},
    )
    assert not ImpactGoal.objects.exists()
    assert CriticalEvent.objects.get().level == "compelling"


def test_confirming_counts_and_changing_the_words_takes_it_back(account, csm, priya):
    make.whole_note(account, csm, priya)
    for letter in ("S", "P", "I", "CE"):
        confirm(account, csm, letter, priya)
    with pytest.raises(NoImpactCited):
        confirm(account, csm, "D", priya)
    goal = ImpactGoal.objects.get(kind="rational")
    confirm(account, csm, "D", priya, goal=goal)
    assert elements_of(current_note(account))["D"].details["goal"] == str(goal.pk)
    assert picture(account, TODAY).index == 10 / 15
    assert CriticalEvent.objects.get().level == "critical_confirmed"
    assert set(ImpactGoal.objects.values_list("status", flat=True)) == {"active"}
    make.note(account, csm, S={"text": "Four entities"})
    now = elements_of(current_note(account))
    assert (now["S"].is_confirmed, now["S"].score, now["P"].score) == (False, 1, 2)


def test_a_decision_rests_on_no_retired_or_foreign_goal_unless_a_manager_says_why(
    account, csm, priya, cast
):
    make.whole_note(account, csm, priya)
    there = make.account("Initech")
    make.whole_note(there, csm, make.contact(there, "Sam Lee"))
    foreign = ImpactGoal.objects.filter(account=there).first()
    ImpactGoal.objects.filter(account=account).update(status="retired")
    for goal in (foreign, ImpactGoal.objects.filter(account=account).first()):
        with pytest.raises(NoImpactCited) as refused:
            confirm(account, csm, "D", priya, goal=goal)
        assert (refused.value.status, refused.value.code) == (422, "no_impact_cited")
        with pytest.raises(StrangerNamed):
            save(account, csm, current_note(account).version, D={"goal": str(goal.pk)})
    confirm(account, cast[Role.MANAGER], "D", priya, override_reason="Sold by the board")
    assert elements_of(current_note(account))["D"].override_reason == "Sold by the board"


def test_impact_is_not_confirmed_without_situation_and_pain(account, csm, priya):
    make.note(account, csm, I={"text": "Discounts"})
    with pytest.raises(OutOfSequence) as refused:
        confirm(account, csm, "I", priya)
    assert (refused.value.missing, refused.value.status) == (("S", "P"), 422)
    assert str(refused.value).startswith("Impact rests on Situation and Pain, which are missing.")


def test_decision_is_not_confirmed_without_an_impact(account, csm, priya):
    make.note(account, csm, D={"text": "Renew"})
    with pytest.raises(OutOfSequence, match="Decision rests on Impact, which is missing"):
        confirm(account, csm, "D", priya)


def test_only_a_manager_with_a_reason_confirms_out_of_sequence(account, csm, priya, cast):
    make.note(account, csm, D={"text": "Renew"})
    reason = "The board paper says so"
    with pytest.raises(OutOfSequence):
        confirm(account, csm, "D", priya, override_reason=reason)
    with pytest.raises(OutOfSequence):
        confirm(account, cast[Role.MANAGER], "D", priya, override_reason=" ")
    confirm(account, cast[Role.MANAGER], "D", priya, override_reason=reason)
    assert Element.objects.get(note__is_current=True, letter="D").override_reason == reason
    entry = TrailEntry.objects.get(verb="spiced.element_confirmed")
    assert (entry.facts["override_reason"], entry.facts["missing"]) == (reason, ["I"])


def test_nothing_and_strangers_confirm_nothing(account, csm, priya):
    with pytest.raises(NothingToConfirm):
        confirm(account, csm, "S", priya)
    make.note(account, csm, S={"text": "Three entities"})
    stranger = make.contact(make.account("Initech"), "Sam Lee")
    with pytest.raises(StrangerNamed):
        confirm(account, csm, "S", stranger)


def test_confirming_what_somebody_changed_meanwhile_is_refused(account, csm, priya):
    make.note(account, csm, S={"text": "Three entities"})
    make.note(account, csm, S={"text": "Four entities"})
    with pytest.raises(StaleNote):
        confirm(account, csm, "S", priya, seen_version=1)


def test_each_save_leaves_a_line_in_the_trail_of_the_account(account, csm):
    save(account, csm, 0, is_draft=True, S={"text": "Three"})
    save(account, csm, 1, S={"text": "Three entities"})
    entries = TrailEntry.objects.filter(account_id=account.pk).order_by("id")
    assert [entry.verb for entry in entries] == ["spiced.note_saved", "spiced.note_amended"]
