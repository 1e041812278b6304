"""One language of conditions: read with precise errors, said in words."""

from typing import Any

import pytest

from health.rules.conditions import BadCondition, ForDays, leaves, parse
from health.rules.sentences import sentence

TREND = {"measure": "usage_trend", "op": "<=", "value": -0.3}
MID = {"field": "segment", "op": "in", "value": ["mid", "high"]}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (TREND, "Usage trend is at most −30%."),
        ({"all": [TREND, MID]}, "Usage trend is at most −30% and segment is mid or high."),
        (
            {"any": [{"all": [TREND, MID]}, {"measure": "nps_last", "op": "<=", "value": 6}]},
            "(usage trend is at most −30% and segment is mid or high)"
            " or latest NPS answer is at most 6.",
        ),
        ({"not": MID}, "Not (segment is mid or high)."),
        ({"for_days": 10, "of": TREND}, "For 10 days: usage trend is at most −30%."),
        (
            {"changed": "band", "from": ["green", "yellow"], "to": ["red"]},
            "Health band changed from green or yellow to red.",
        ),
        ({"changed": "owner"}, "Owner changed."),
        (
            {"days_until": "renews_on", "op": ">=", "value": -1},
            "The renewal is at most 1 day past.",
        ),
        (
            {"days_until": "renews_on", "op": "<=", "value": 120},
            "The renewal is at most 120 days ahead.",
        ),
        ({"measure": "arr", "op": ">=", "value": 2500000}, "ARR is at least 25,000."),
        ({"measure": "score", "op": "<", "value": 50}, "Health score is below 50."),
    ],
)
def test_a_condition_reads_as_a_sentence(data: Any, words: str):
    assert sentence(parse(data)) == words


@pytest.mark.case("E16")
@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        ("red", "condition: expected an object"),
        ({}, "condition: expected one of all, any, not"),
        ({"all": []}, "condition.all: expected a list"),
        ({"all": [TREND, {"measure": "luck", "op": "<", "value": 1}]}, "condition.all[1].measure"),
        ({"measure": "arr", "op": "~", "value": 1}, "condition.op: expected one of < <="),
        ({"measure": "arr", "op": "<", "value": "1"}, "condition.value: expected a number"),
        ({"measure": "arr", "op": "<", "value": True}, "condition.value: expected a number"),
        ({"measure": "arr", "op": "<"}, "“measure” needs “value”"),
        ({"measure": "arr", "op": "<", "value": 1, "x": 2}, "condition.x: not expected"),
        ({"all": [TREND], "any": [TREND]}, "condition.any: not expected beside “all”"),
        ({"field": "mood", "op": "=", "value": "x"}, "condition.field: expected one of segment"),
        ({"field": "stage", "op": "in", "value": "live"}, "condition.value: expected a list"),
        ({"for_days": 0, "of": TREND}, "condition.for_days: expected whole days"),
        ({"for_days": 3, "of": {"not": {"for_days": 2, "of": TREND}}}, "inside “for_days”"),
        ({"changed": "arr"}, "condition.changed: expected one of band"),
        ({"days_until": "easter", "op": "<", "value": 1}, "condition.days_until: expected one"),
    ],
)
def test_a_bad_condition_is_refused_by_place(data: Any, complaint: str):
    with pytest.raises(BadCondition) as refusal:
        parse(data)
    assert complaint in str(refusal.value)


@pytest.mark.case("E16")
def test_a_condition_too_deep_is_refused():
    data: Any = TREND
    for _ in range(20):
        data = {"not": data}
    with pytest.raises(BadCondition, match="deeper"):
        parse(data)


def test_leaves_come_in_the_order_written():
    condition = parse({"all": [{"for_days": 3, "of": TREND}, {"not": MID}]})
    assert isinstance(condition.parts[0], ForDays)
    assert [getattr(leaf, "key", "segment") for leaf in leaves(condition)] == [
        "usage_trend",
        "segment",
    ]
