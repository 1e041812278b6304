"""Publishing chapters of the charter."""

import copy

import pytest

from charter.actions import InvalidChapter, StaleChapter, install_defaults, publish
from charter.models import Document
from charter.queries import calendar, in_force, promises
from tenants.actor import Actor
from tenants.models import Tenant
from tests.make import NOW


@pytest.fixture
def charter(inside: Tenant) -> None:
    install_defaults(author=None, now=NOW)


def test_every_chapter_starts_with_a_valid_default(charter: None):
    assert {each.kind for each in Document.objects.all()} == set(Document.Kind.values)
    assert install_defaults(author=None, now=NOW) == []
    assert calendar().add_hours(NOW, 8) > NOW
    assert promises()["handoff_accept"].hours == 8


def test_publishing_keeps_the_version_before(charter: None, csm: Actor):
    body = copy.deepcopy(in_force("calendar").body) | {"opens": "08:00"}
    made = publish(
        kind="calendar", body=body, note="Earlier", seen_version=1, author=csm.user, now=NOW
    )
    assert (made.version, in_force("calendar").body["opens"]) == (2, "08:00")
    assert Document.objects.get(kind="calendar", version=1).state == "retired"


def test_a_stale_version_is_refused(charter: None, csm: Actor):
    body = in_force("calendar").body
    with pytest.raises(StaleChapter):
        publish(kind="calendar", body=body, note="", seen_version=0, author=csm.user, now=NOW)


@pytest.mark.parametrize(
    ("kind", "change", "words"),
    [
        ("calendar", {"closes": "08:00"}, "open before"),
        ("calendar", {"weekdays": []}, "working day"),
        ("segments", {"segments": []}, "At least one segment"),
        ("owners", {"activities": [{"key": "x", "label": "X", "parts": {}}]}, "exactly one"),
        ("promises", {"promises": [{"label": "X", "hours": 0, "clock": "clock"}]}, "above 0"),
        ("definitions", {"definitions": "none"}, "lacks or misspells"),
    ],
)
def test_a_contradiction_is_refused_in_words(
    charter: None, csm: Actor, kind: str, change: dict, words: str
):
    body = copy.deepcopy(in_force(kind).body) | change
    with pytest.raises(InvalidChapter, match=words):
        publish(kind=kind, body=body, note="", seen_version=1, author=csm.user, now=NOW)


@pytest.mark.parametrize(
    ("part", "wrong", "words"),
    [
        ("fresh_days", {"S": 0}, "whole days"),
        ("fresh_days", {"S": 90.5}, "whole days"),
        ("fresh_days", {"X": 90}, "whole days"),
        ("index_targets", {"high": 1.1}, "above 0 and at most 1"),
        ("index_targets", {"high": 0}, "above 0 and at most 1"),
        ("questions", {"field": "salary"}, "does not have"),
        ("questions", {"part": "X"}, "does not have"),
        ("questions", {"text": " "}, "1 to 300 characters"),
        ("questions", {"text": "And {salary}?"}, "in braces"),
        ("questions", {"text": "And {person.password}?"}, "in braces"),
        ("questions", {"text": "And {person:>99999999}?"}, "in braces"),
        ("questions", {"text": "And {person!r}?"}, "in braces"),
        ("questions", {"text": "And {?"}, "in braces"),
        ("questions", {"key": "s-tools"}, "stands twice"),
    ],
)
def test_a_chapter_of_spiced_that_cannot_be_is_refused(
    charter: None, csm: Actor, part: str, wrong: dict, words: str
):
    body = copy.deepcopy(in_force("spiced").body)
    (body[part][0] if part == "questions" else body[part]).update(wrong)
    with pytest.raises(InvalidChapter, match=words):
        publish(kind="spiced", body=body, note="", seen_version=1, author=csm.user, now=NOW)


@pytest.mark.parametrize("wrong", [{"total": 16}, {"each": 4}, {"letters": ["S", "X"]}])
def test_a_minimum_of_spiced_that_cannot_be_is_refused(charter: None, csm: Actor, wrong: dict):
    body = copy.deepcopy(in_force("segments").body)
    body["touch_models"]["high"]["spiced"] |= wrong
    with pytest.raises(InvalidChapter, match="SPICED asks for"):
        publish(kind="segments", body=body, note="", seen_version=1, author=csm.user, now=NOW)
