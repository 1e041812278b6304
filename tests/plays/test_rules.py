"""Bodies of plays: read or refused with the place, told in words; evidence and rank."""

import copy
import json
from datetime import date
from typing import Any

import pytest

from health.rules.conditions import parse
from plays.actions.definitions import DEFAULTS
from plays.rules.bodies import BadPlay, read
from plays.rules.evidence import chart_key, facts, reason, told
from plays.rules.ranking import Factor, Rank, movability, nearness, risk
from plays.rules.sentences import pace, sentence, step_words, worked
from tests.plays.conftest import BODY

TODAY = date(2026, 11, 19)


@pytest.mark.parametrize("path", sorted(DEFAULTS.glob("*.json")), ids=lambda path: path.stem)
def test_every_default_reads_and_tells_itself(path: Any):
    data = json.loads(path.read_text())
    assert data.pop("name")
    body = read(data)
    assert sentence(body).startswith("When ")
    assert worked(body).endswith(".")
    known = {other.stem for other in DEFAULTS.glob("*.json")}
    assert set(body.yields_to) <= known - {path.stem}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"when": {"measure": "nothing", "op": "<", "value": 1}}, "when.measure: there is no"),
        ({"priority": 5}, "priority: expected a whole number from 1 to 4"),
        ({"priority": True}, "priority"),
        ({"steps": []}, "steps: expected a list of 1 to 12"),
        ({"cooldown_days": -1}, "cooldown_days"),
        ({"first_action_hours": "soon"}, "first_action_hours: expected business hours"),
        ({"success": {"within_days": 0}}, "success.within_days"),
        ({"success": {"when": {}, "until": 1}}, "success: expected"),
        ({"is_proactive": "yes"}, "is_proactive: expected true or false"),
        ({"colour": "red"}, "colour: not expected"),
        ({"because": "Now {nothing}"}, "because: there is no measure"),
        ({"because": "Now {"}, "because"),
        ({"yields_to": "health_red"}, "yields_to: expected a list"),
    ],
)
def test_a_bad_body_is_refused_with_its_place(change: dict[str, Any], words: str):
    with pytest.raises(BadPlay, match=words):
        read(copy.deepcopy(BODY) | change)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"owner": "nobody"}, r"steps\[1\].owner: expected one of csm"),
        ({"kind": "dance"}, r"steps\[1\].kind"),
        ({"minutes": 0}, r"steps\[1\].minutes"),
        ({"title": " "}, r"steps\[1\].title"),
        ({"extra": 1}, r"steps\[1\].extra: not expected"),
    ],
)
def test_a_bad_step_is_refused_with_its_place(change: dict[str, Any], words: str):
    body = copy.deepcopy(BODY)
    body["steps"][1] |= change
    with pytest.raises(BadPlay, match=words):
        read(body)


def test_a_play_reads_as_a_sentence():
    scoped = BODY | {
        "scope": {"field": "segment", "op": "in", "value": ["mid"]},
        "suppress_if": {"field": "band", "op": "=", "value": "red"},
    }
    assert sentence(read(scoped)) == (
        "When usage trend is at most −30%, where segment is mid, unless health band is red: "
        "call the champion and agree the way back."
    )
    assert pace(read(BODY)) == (
        "First action within 8 business hours. Not again for 30 days after it closes."
    )
    assert worked(read(BODY)) == (
        "It has worked when usage trend is at least −10%, within 20 days."
    )
    assert step_words(read(BODY).steps[0]).note == "CSM · Call · within 8 business hours · 25 min"


def test_evidence_tells_what_was_met_and_leaves_out_what_was_not():
    condition = parse(
        {
            "any": [
                {"measure": "usage_trend", "op": "<=", "value": -0.3},
                {"measure": "weekly_active_change", "op": "<=", "value": -0.5},
            ]
        }
    )
    found = facts(condition, {"usage_trend": -0.38, "weekly_active_change": None})
    assert [(fact["key"], fact["shown"]) for fact in found] == [("usage_trend", "−38%")]
    assert reason(found) == "Usage trend −38%"
    assert chart_key(found) == "usage_trend"


@pytest.mark.parametrize(
    ("because", "words"),
    [
        ("", "Usage trend −38%"),
        ("Use moved {usage_trend}", "Use moved −38%"),
        ("Only {breadth} used", "Usage trend −38%"),
    ],
)
def test_a_run_says_why_in_the_words_of_its_play(because: str, words: str):
    found = facts(parse(BODY["when"]), {"usage_trend": -0.38})
    assert told(because, {"usage_trend": -0.38}, found) == words


def test_evidence_of_a_field_uses_its_words():
    found = facts(parse({"changed": "band", "to": ["red"]}), {"band": "yellow → red"})
    assert reason(found) == "Health band yellow → red"
    assert chart_key(found) == "score"


@pytest.mark.parametrize(
    ("factor", "value"),
    [
        (risk(40), 0.6),
        (risk(None), 0.5),
        (risk(100), 0.05),
        (nearness(TODAY, TODAY, None), 1.0),
        (nearness(TODAY, None, date(2027, 1, 3)), 0.5),
        (nearness(TODAY, date(2026, 11, 1), None), 0.2),
        (movability(0, 0), 0.5),
        (movability(8, 8), 10 / 12),
    ],
)
def test_each_factor_of_a_rank(factor: Factor, value: float):
    assert factor.value == pytest.approx(value)
    assert factor.words


def test_a_rank_is_the_product_of_its_factors():
    arr = Factor("ARR at stake", "€100", 10_000)
    rank = Rank(arr, risk(40), nearness(TODAY, TODAY, None), movability(0, 0))
    assert rank.value == pytest.approx(10_000 * 0.6 * 1 * 0.5)
