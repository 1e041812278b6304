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


@pytest.mark.parametrize("wrong", [{"total": 16}, {"each": 4}, {"letters": ["S", "X"]}])
def test_a_minimum_of_spiced_that_cannot_be_is_refused(charter: None, csm: Actor, wrong: dict):
    body = copy.deepcopy(in_force("segments").body)
    body["touch_models"]["high"]["spiced"] |= wrong
    with pytest.raises(InvalidChapter, match="SPICED asks for"):
        publish(kind="segments", body=body, note="", seen_version=1, author=csm.user, now=NOW)
