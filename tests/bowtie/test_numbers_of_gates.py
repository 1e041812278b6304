"""What the last gates ask for is written in the charter; a chapter of before asks our default."""

from typing import Any

import pytest

from bowtie.queries.facts import facts, numbers_at
from bowtie.rules.gates import Facts, Numbers, missing
from bowtie.rules.stages import Stage
from charter.models import Document
from charter.queries import default_body
from charter.rules.documents import problems
from spiced.models import ImpactGoal, ImpactMeasurement
from tenants.models import Tenant
from tests import make
from tests.make import NOW, TODAY

OWN = {"gate_quarters": 3, "gate_habit_weeks": 6, "gate_people": 1, "gate_agreement": 3}


def chapter(body: dict[str, Any]) -> None:
    Document.objects.create(
        kind="bowtie", version=Document.objects.count() + 1, state="published", body=body,
        saved_at=NOW, published_at=NOW,
    )  # fmt: skip


def test_without_a_charter_the_default_is_asked(inside: Tenant):
    assert numbers_at(NOW) == Numbers() == Numbers(2, 8, 2, 4)


def test_a_chapter_of_before_asks_the_default(inside: Tenant):
    chapter({k: v for k, v in default_body("bowtie").items() if not k.startswith("gate_")})
    assert numbers_at(NOW) == Numbers()


def test_what_the_charter_asks_is_asked(inside: Tenant):
    chapter(default_body("bowtie") | OWN)
    assert numbers_at(NOW) == Numbers(3, 6, 1, 3)
    account = make.account(stage="recurring_impact")
    who = make.contact(account, roles=["champion"])
    feels = ImpactGoal.objects.create(
        account=account, kind="emotional", statement="Calm", person=who, baseline=1, target=4,
        baseline_on=TODAY, status="active", recorded_at=NOW,
    )  # fmt: skip
    ImpactMeasurement.objects.create(
        goal=feels, value=3, measured_on=TODAY, evidence="e", confirmed_by=who, confirmed_at=NOW,
        recorded_at=NOW,
    )  # fmt: skip
    known = facts(account, NOW)
    assert known.emotional_confirmations == 1
    assert not [each for each in missing(Stage.MAX_IMPACT, known, {}) if "person" in each]


def test_what_nobody_confirmed_brings_no_account_to_max_impact(inside: Tenant):
    account = make.account(stage="recurring_impact")
    who = make.contact(account, roles=["champion"])
    of = {"account": account, "baseline_on": TODAY, "status": "active", "recorded_at": NOW}
    works = ImpactGoal.objects.create(
        kind="rational", statement="Faster", baseline=9, target=5, **of
    )
    feels = ImpactGoal.objects.create(
        kind="emotional", statement="Calm", person=who, baseline=1, target=4, **of
    )
    said = {"measured_on": TODAY, "evidence": "e", "recorded_at": NOW, "confirmed_by": who}
    ImpactMeasurement.objects.create(goal=works, value=5, **said)
    ImpactMeasurement.objects.create(goal=feels, value=5, **said)
    known = facts(account, NOW)
    assert (known.goals_achieved, known.emotional_confirmations) == (False, 0)
    ImpactMeasurement.objects.update(confirmed_at=NOW)
    known = facts(account, NOW)
    assert (known.goals_achieved, known.emotional_confirmations) == (True, 1)


@pytest.mark.parametrize(
    ("quarters", "weeks", "gaps"),
    [
        (3, 6, []),
        (2, 6, ["three quarters in a row with confirmed impact"]),
        (3, 5, ["habitual use in 6 of the last 12 weeks"]),
    ],
)
def test_gates_compare_with_the_numbers_of_the_charter(quarters: int, weeks: int, gaps: list[str]):
    found = Facts(
        scores={}, delivered_periods=quarters, habit_weeks=weeks, asked=Numbers(3, 6, 1, 3)
    )
    assert missing(Stage.RECURRING_IMPACT, found, {}) == gaps


@pytest.mark.parametrize("people", [1, 2, 5])
def test_max_impact_names_how_many_people_it_asks_for(people: int):
    words = {1: "one person who confirms", 2: "two people who confirm", 5: "5 people who confirm"}
    found = Facts(scores={}, goals_achieved=True, asked=Numbers(people=people))
    (gap,) = missing(Stage.MAX_IMPACT, found, {"two_use_cases": True})
    assert gap == f"{words[people]} their emotional impact"


@pytest.mark.parametrize(
    "wrong",
    [
        {"gate_quarters": 0},
        {"gate_habit_weeks": 13},
        {"gate_people": 1.5},
        {"gate_agreement": True},
    ],
)
def test_numbers_out_of_range_are_refused(wrong: dict[str, Any]):
    body = default_body("bowtie")
    assert problems("bowtie", body) == []
    assert len(problems("bowtie", body | wrong)) == 1
