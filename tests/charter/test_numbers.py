"""Numbers that other apps read from the charter: one home, checked, and each day by its version."""

from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from charter.actions import install_defaults
from charter.models import Document
from charter.queries import default_body, handoff_items, history, in_force
from charter.rules.documents import problems
from charter.rules.numbers import RESTORE_DAYS, Completeness, Lapse, Limits
from journeys.rules.judgement import judged
from journeys.rules.sections import SECTIONS
from journeys.rules.standing import is_overrun
from spiced.rules.minima import Minimum
from tenants.models import Tenant
from tenants.roles import Role
from tenants.scope import act_for
from tests import make
from tests.charter.test_views import SignIn, entered
from tests.make import NOW, TODAY


def say(kind: str, at: datetime, **more: Any) -> None:
    """Put a chapter in force as of a moment."""
    before = Document.objects.filter(kind=kind)
    before.update(state="retired")
    Document.objects.create(
        kind=kind, version=before.count() + 1, state="published",
        body=default_body(kind) | more, saved_at=at, published_at=at,
    )  # fmt: skip


def test_a_chapter_of_before_says_what_the_default_says():
    for made, kind in ((Lapse, "bowtie"), (Completeness, "handoffs"), (Limits, "handoffs")):
        assert made.from_body({}) == made.from_body(default_body(kind)) == made()
    assert default_body("bowtie")["restore_days"] == RESTORE_DAYS
    assert [field.name for field in fields(Lapse)] == ["days", "ratio"]


@pytest.mark.parametrize(
    ("kind", "wrong", "words"),
    [
        ("bowtie", {"lapse_days": 29}, "a whole number from 30 to 730"),
        ("bowtie", {"lapse_days": 180.5}, "a whole number"),
        ("bowtie", {"lapse_ratio": 0}, "a number from 0.01 to 1"),
        ("bowtie", {"lapse_ratio": True}, "a number"),
        ("bowtie", {"restore_days": 366}, "back within so many days"),
        ("handoffs", {"level_5": 23}, "from 1 to 22"),
        ("handoffs", {"level_4": 20}, "more points than the one below"),
        ("handoffs", {"level_2": 12}, "more points than the one below"),
        ("handoffs", {"return_below": 0}, "from 1 to 5"),
        ("handoffs", {"return_missing": "two"}, "mandatory items missing"),
        ("handoffs", {"idle_days": 0}, "from 1 to 100"),
        ("handoffs", {"overrun": 0.9}, "a number from 1 to 5"),
        ("handoffs", {"overrun": "soon"}, "a number from 1 to 5"),
    ],
)
def test_what_cannot_be_is_refused_in_words(kind: str, wrong: dict[str, Any], words: str):
    assert problems(kind, default_body(kind)) == []
    (found,) = problems(kind, default_body(kind) | wrong)
    assert words in found


def test_each_moment_has_its_version(inside: Tenant):
    say("bowtie", NOW - timedelta(days=10), restore_days=60)
    say("bowtie", NOW, restore_days=30)
    told = history("bowtie")
    assert told.at(NOW - timedelta(days=11)) == (0, default_body("bowtie"))
    assert [told.at(NOW - timedelta(days=n))[0] for n in (10, 1, 0)] == [1, 1, 2]
    days = [
        told.on(TODAY - timedelta(days=n), ZoneInfo("Europe/Amsterdam"))["restore_days"]
        for n in (11, 10, 1, 0)
    ]
    assert days == [90, 60, 60, 30]


def test_a_handoff_is_judged_by_the_levels_of_its_version(inside: Tenant):
    say("handoffs", NOW - timedelta(days=1))
    said = {ask.key: "said" for section in SECTIONS[:6] for ask in section.asks}
    say("handoffs", NOW, level_3=13, return_below=4, return_missing=1)
    items = handoff_items([1])
    nothing = Minimum(0, 0, ())

    def levels(version: int | None) -> tuple[int, list[str]]:
        asked = items.completeness(version)
        found = judged(said, {}, nothing, mandatory=["goals"], completeness=asked)
        return found.level, found.returns

    assert levels(1) == (3, [])
    assert levels(None) == (2, ["completeness 2 of 5"])
    one_less = judged(
        said | {"goal_1": ""}, {}, nothing, mandatory=["goals"], completeness=items.completeness(2)
    )
    assert one_less.returns[-1] == "1 mandatory item missing"


def test_an_overrun_is_as_the_charter_has_it():
    agreed = TODAY + timedelta(days=100)
    late = TODAY + timedelta(days=121)
    assert is_overrun(TODAY, agreed, late, Limits())
    assert not is_overrun(TODAY, agreed, late, Limits(overrun=1.3))


def test_an_editor_sets_them_and_everybody_reads_them(acme: Tenant, sign_in: SignIn):
    with act_for(acme.pk):
        install_defaults(author=None, now=NOW)
    revops: Client = sign_in(make.member(acme, Role.REVOPS))
    said = entered("bowtie", acme) | {"life-lapse_ratio": "40", "life-restore_days": "45"}
    assert revops.post("/acme/charter/bowtie/edit/", said).status_code == 302
    said = entered("handoffs", acme) | {"rule-idle_days": "7", "rule-overrun": "1.5"}
    assert revops.post("/acme/charter/handoffs/edit/", said).status_code == 302
    with act_for(acme.pk):
        assert Lapse.from_body(in_force("bowtie").body) == Lapse(180, 0.4)
        assert Limits.from_body(in_force("handoffs").body) == Limits(7, 1.5)
    page = revops.get("/acme/charter/").text
    assert "below 40% of what was due" in page and "within 45 days did not leave" in page
    assert "stuck after 7 working days" in page and "past 1.5 times" in page
    wrong = entered("handoffs", acme) | {"seen_version": 2, "rule-level_4": "21"}
    answer = revops.post("/acme/charter/handoffs/edit/", wrong)
    assert answer.status_code == 422 and "needs more points" in answer.text
    wrong = entered("bowtie", acme) | {"seen_version": 2, "life-lapse_days": "3"}
    answer = revops.post("/acme/charter/bowtie/edit/", wrong)
    assert answer.status_code == 422 and 'id="id_life-lapse_days-error"' in answer.text
