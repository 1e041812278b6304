"""The charter in the browser: readable, changeable by whoever may, every change a version."""

from collections.abc import Callable

import pytest
from django.test import Client

from charter.actions import install_defaults
from charter.forms import FORMS
from charter.models import Document
from charter.queries import in_force
from tenants.actor import Actor
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.make import NOW

SignIn = Callable[[Actor], Client]


@pytest.fixture
def charter(acme: Tenant) -> None:
    with act_for(acme.pk):
        install_defaults(author=None, now=NOW)


@pytest.fixture
def revops(acme: Tenant, sign_in: SignIn) -> Client:
    return sign_in(make.member(acme, Role.REVOPS))


def entered(kind: str, acme: Tenant) -> dict[str, object]:
    """A chapter's form as a browser would send it back unchanged."""
    with act_for(acme.pk):
        form = FORMS[kind](in_force(kind).body, initial={"seen_version": 1})
        return {
            field.html_name: field.value() if field.value() is not None else "" for field in form
        } | {"condition": ""}


def test_every_chapter_reads_in_words(charter: None, revops: Client):
    page = revops.get("/acme/charter/").text
    for words in ("High touch", "Handoff accepted or returned", "09:00", "At risk", "Owner matrix"):
        assert words in page
    assert "Cannot be read" not in page


def test_an_empty_charter_says_so(revops: Client):
    assert "not written yet" in revops.get("/acme/charter/").text


@pytest.mark.parametrize(
    "kind", ["calendar", "promises", "owners", "segments", "bowtie", "handoffs", "spiced", "rates"]
)
def test_a_form_sent_back_unchanged_keeps_the_body(
    charter: None, revops: Client, acme: Tenant, kind: str
):
    assert revops.get(f"/acme/charter/{kind}/edit/").status_code == 200
    with act_for(acme.pk):
        before = in_force(kind).body
    answer = revops.post(f"/acme/charter/{kind}/edit/", entered(kind, acme))
    assert answer.status_code == 302, answer.text
    with act_for(acme.pk):
        assert in_force(kind).body == before
        assert in_force(kind).version == 2
    assert "Version" in revops.get(f"/acme/charter/{kind}/").text


@pytest.mark.parametrize("kind", sorted(FORMS))
def test_every_field_of_a_chapter_stands_on_its_page_once_with_a_label(
    charter: None, revops: Client, acme: Tenant, kind: str
):
    page = revops.get(f"/acme/charter/{kind}/edit/").text
    for name in entered(kind, acme).keys() - {"seen_version", "condition", "weekdays"}:
        assert page.count(f'name="{name}"') == 1, name
        assert f'for="id_{name}"' in page, name
    assert page.count('name="weekdays"') == (7 if kind == "calendar" else 0)


def test_a_number_that_cannot_be_read_is_named_in_its_cell(
    charter: None, revops: Client, acme: Tenant
):
    wrong = entered("promises", acme) | {"handoff_submit-hours": "soon"}
    answer = revops.post("/acme/charter/promises/edit/", wrong)
    assert answer.status_code == 422
    assert 'id="id_handoff_submit-hours-error"' in answer.text
    assert 'value="soon"' in answer.text and "1 field cannot be read" in answer.text


def test_a_holiday_that_is_no_date_is_named_by_its_line(
    charter: None, revops: Client, acme: Tenant
):
    wrong = entered("calendar", acme) | {"holidays": "2026-12-25 Christmas\n31 February"}
    answer = revops.post("/acme/charter/calendar/edit/", wrong)
    assert answer.status_code == 422
    assert "Line 2" in answer.text


def test_a_contradiction_and_a_stale_version_are_refused(
    charter: None, revops: Client, acme: Tenant
):
    form = entered("calendar", acme)
    assert (
        revops.post("/acme/charter/calendar/edit/", form | {"closes": "08:00"}).status_code == 422
    )
    assert (
        revops.post("/acme/charter/calendar/edit/", form | {"seen_version": 7}).status_code == 409
    )
    with act_for(acme.pk):
        assert Document.objects.filter(kind="calendar").count() == 1


def test_who_may_not_change_may_still_read(charter: None, acme: Tenant, sign_in: SignIn):
    client = sign_in(make.member(acme, Role.CSM))
    assert client.get("/acme/charter/").status_code == 200
    assert client.get("/acme/charter/calendar/edit/").status_code == 403
    assert client.get("/acme/charter/nonsense/").status_code == 404


def test_questions_are_reworded_left_out_and_added(charter: None, revops: Client, acme: Tenant):
    said = entered("spiced", acme) | {
        "q-s-tools-text": "What do you work with?",
        "q-s-team-text": "",
        "new-0-topic": "D.paper",
        "new-0-text": "Who reads the contract after {person}?",
        "new-0-stages": "prospect,mql,sql,sal",
        "new-3-topic": "P.",
        "new-3-text": "Does it still hurt?",
    }
    assert revops.post("/acme/charter/spiced/edit/", said).status_code == 302
    with act_for(acme.pk):
        bank = {each["key"]: each for each in in_force("spiced").body["questions"]}
    assert bank["s-tools"]["text"] == "What do you work with?" and "s-team" not in bank
    assert bank["d-paper-2"] == {
        "key": "d-paper-2", "part": "D", "field": "paper",
        "stages": ["prospect", "mql", "sql", "sal"],
        "text": "Who reads the contract after {person}?",
    }  # fmt: skip
    assert bank["p-again-2"]["stages"] == [] and len(bank) == 34
    assert "Does it still hurt?" in revops.get("/acme/charter/").text


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"q-s-tools-text": "And {salary}?"}, "q-s-tools-text"),
        ({"new-0-text": "About what?"}, "new-0-topic"),
        ({"fresh-S": "0"}, "fresh-S"),
        ({"target-high": "1.5"}, "target-high"),
    ],
)
def test_what_is_wrong_with_spiced_is_named_in_its_cell_and_nothing_is_lost(
    charter: None, revops: Client, acme: Tenant, wrong: dict[str, str], name: str
):
    answer = revops.post("/acme/charter/spiced/edit/", entered("spiced", acme) | wrong)
    assert answer.status_code == 422
    assert f'id="id_{name}-error"' in answer.text
    assert all(value in answer.text for value in wrong.values())
    with act_for(acme.pk):
        assert in_force("spiced").version == 1
