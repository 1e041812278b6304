"""The arithmetic and the judgements of SPICED, as tables."""

from datetime import date

import pytest

from charter.queries import default_body
from charter.rules.numbers import Lapse
from spiced.rules import diffs, elements, events, impact, questions, states, values
from spiced.rules.states import Happened, Kind, Known
from tests.make import TODAY

DAYS = default_body("spiced")["fresh_days"]
PERSON = "01890000-0000-7000-8000-000000000001"
PAIN = {
    "id": "p", "text": "Late", "who": PERSON, "frequency": "weekly", "annual_cost": 310_000_00,
    "currency": "EUR", "status": "open",
}  # fmt: skip
WHOLE = {
    "S": {"text": "Three entities", "tools": ["Excel"], "team": "Nine in finance"},
    "P": {"pains": [PAIN]},
    "I": {
        "text": "Capture discounts", "measure": "Discounts", "unit": "k€", "baseline": 18.0,
        "target": 78.0, "by": "2027-03-31", "words": "I sleep at quarter end", "person": PERSON,
    },
    "CE": {"text": "Audit", "on": "2026-12-15", "consequence": "The finding goes to the board"},
    "D": {
        "text": "Renew", "people": [{"id": "a", "contact": PERSON}],
        "process": [{"id": "b", "step": "CFO"}], "criteria": ["Trail"],
    },
}  # fmt: skip


def known(letter, on=date(2026, 10, 21), **changes):
    return Known(letter, DAYS[letter], WHOLE[letter] | changes, on, is_confirmed=True)


@pytest.mark.parametrize("letter", elements.LETTERS)
def test_a_whole_and_fresh_part_is_complete(letter):
    assert states.state(known(letter), today=TODAY).kind is Kind.COMPLETE


@pytest.mark.parametrize("letter", elements.LETTERS)
def test_a_blank_part_is_missing(letter):
    state = states.state(Known(letter, DAYS[letter]), today=TODAY)
    assert (state.kind, state.reason, state.factor) == (Kind.MISSING, "nothing known yet", 0)


@pytest.mark.parametrize(
    ("letter", "blank", "reason"),
    [
        ("S", {"team": ""}, "team missing"),
        (
            "P",
            {"pains": [PAIN | {"who": None, "annual_cost": None}]},
            "who feels it and annual cost missing",
        ),
        ("I", {"words": "", "person": None}, "emotional missing"),
        ("I", {"baseline": None, "target": None}, "baseline and target missing"),
        ("I", {"text": ""}, "rational missing"),
        ("CE", {"consequence": ""}, "no consequence, so compelling only"),
        ("D", {"people": []}, "people missing"),
    ],
)
def test_a_partial_part_says_what_is_missing(letter, blank, reason):
    state = states.state(known(letter, **blank), today=TODAY)
    assert (state.kind, state.reason) == (Kind.PARTIAL, reason)


def test_a_condition_stands_in_for_the_date_of_the_event():
    said = WHOLE["CE"] | {"on": None, "condition": "Users"}
    assert elements.gaps("CE", said) == ("operator", "value", "expected_on")
    reached = {"operator": "≥", "value": 1e6, "expected_on": "2027-03-31"}
    assert not elements.gaps("CE", said | reached)


@pytest.mark.parametrize(
    ("letter", "age", "factor"),
    [("S", 180, 1), ("S", 181, 0.5), ("S", 360, 0.5), ("S", 361, 0), ("P", 180, 1)]
    + [
        (letter, age, f) for letter in ("I", "CE", "D") for age, f in ((90, 1), (91, 0.5), (181, 0))
    ],
)
def test_freshness_halves_after_the_interval_and_ends_after_two(letter, age, factor):
    assert states.factor(DAYS[letter], date.fromordinal(TODAY.toordinal() - age), TODAY) == factor


def test_the_worked_example_of_the_index_holds_to_the_digit():
    scored = {"S": (2, 1.0), "P": (2, 1.0), "I": (3, 1.0), "CE": (2, 0.5), "D": (1, 1.0)}
    assert states.index(scored) == 0.60


@pytest.mark.parametrize(
    ("letter", "happened", "reason"),
    [
        ("D", Happened(date(2026, 11, 3), "Priya Raman"), "Priya Raman left 3 Nov"),
        ("S", Happened(date(2026, 11, 3), "Priya Raman"), "Priya Raman left 3 Nov"),
        ("P", Happened(renews_on=date(2027, 2, 28)), "older than the renewal check"),
        ("D", Happened(came_on=date(2026, 11, 3), comer="Omar"), "Omar became a sponsor 3 Nov"),
        ("S", Happened(came_on=date(2026, 11, 3), comer="Omar"), "Omar became a sponsor 3 Nov"),
    ],
)
def test_what_happens_makes_knowledge_out_of_date_at_once(letter, happened, reason):
    state = states.state(known(letter), today=TODAY, happened=happened)
    assert (state.kind, state.reason, state.factor) == (Kind.STALE, reason, 0.5)


def test_an_event_whose_date_has_passed_is_out_of_date():
    state = states.state(known("CE"), today=date(2026, 12, 16))
    assert (state.kind, state.reason) == (Kind.STALE, "15 Dec has passed")


def test_who_left_before_the_part_was_heard_makes_nothing_stale():
    happened = Happened(date(2026, 10, 1), "Priya Raman")
    assert states.state(known("D"), today=TODAY, happened=happened).kind is Kind.COMPLETE


@pytest.mark.parametrize(
    ("letter", "changes", "confirmed", "leveraged", "score"),
    [
        ("S", {"text": "", "tools": None, "team": ""}, True, True, 0),
        ("S", {"team": ""}, True, True, 1),
        ("S", {}, False, True, 1),
        ("S", {}, True, False, 2),
        ("S", {}, True, True, 3),
        ("CE", {"consequence": ""}, True, True, 1),
    ],
)
def test_the_rubric_goes_from_unknown_to_leveraged(letter, changes, confirmed, leveraged, score):
    values = WHOLE[letter] | changes
    assert states.rubric(letter, values, confirmed=confirmed, leveraged=leveraged) == score


def test_a_part_that_scores_two_over_an_unknown_one_is_out_of_sequence():
    assert states.out_of_sequence({"S": 1, "P": 0, "I": 2, "CE": 1, "D": 0}) == (("I", "P"),)


@pytest.mark.parametrize(
    ("letter", "blank", "missing"),
    [("I", {"S", "P"}, ("S", "P")), ("I", {"P"}, ("P",)), ("D", {"I"}, ("I",)), ("P", {"S"}, ())],
)
def test_impact_rests_on_situation_and_pain_and_decision_on_impact(letter, blank, missing):
    assert states.missing_before(letter, blank) == missing


@pytest.mark.parametrize(
    ("on", "condition", "consequence", "confirmed", "moved", "expected"),
    [
        (None, "", "fine", True, 0, "none"),
        (TODAY, "", "", False, 0, "compelling"),
        (None, "A million users", "We pay a fine", False, 0, "critical"),
        (TODAY, "", "We pay a fine", False, 1, "critical"),
        (TODAY, "", "We pay a fine", True, 1, "critical_confirmed"),
        (TODAY, "", "We pay a fine", True, 2, "compelling"),
    ],
)
def test_an_event_is_critical_only_with_a_consequence(
    on, condition, consequence, confirmed, moved, expected
):
    found = events.class_of(
        on=on, condition=condition, consequence=consequence, is_confirmed=confirmed,
        times_moved=moved,
    )  # fmt: skip
    assert found == expected


def test_from_eight_hours_to_two_with_four_reached_is_two_thirds():
    assert round(impact.achievement(8, 2, 4) * 100, 1) == 66.7
    assert impact.achievement(8, 8, 4) is None


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [(None, "unknown"), (0.9, "on_track"), (0.899, "behind"), (0.6, "behind"), (0.59, "off")],
)
def test_a_goal_is_on_track_from_nine_tenths(ratio, expected):
    assert impact.track(ratio) == expected


def test_expectation_is_the_share_of_time_that_passed():
    begin, end = date(2026, 1, 1), date(2026, 12, 31)
    assert impact.expected(begin, end, date(2026, 7, 2)) == 0.5
    assert impact.expected(begin, end, date(2027, 7, 2)) == 1
    assert impact.expected(begin, begin, end) is None


def test_four_hours_saved_on_six_thousand_cases_at_five_an_hour():
    realised = impact.realised_minor(8, 2, 4, 6000 * 5 * 100)
    assert realised == 120_000_00
    assert impact.roi(realised, 40_000_00) == 3.0
    assert impact.roi(realised, 0) is None


def test_a_period_is_delivered_by_one_good_reading_and_lapses_without():
    good = impact.Reading(date(2026, 11, 2), 0.3, 0.7)
    assert impact.is_delivered([good], date(2026, 10, 1), date(2027, 1, 1))
    assert not impact.is_delivered([good], date(2026, 7, 1), date(2026, 10, 1))
    assert not impact.is_lapsed([good], None, TODAY, Lapse())
    far = impact.Reading(date(2026, 11, 2), 0.1, 0.2)
    assert impact.is_lapsed([far, far], None, TODAY, Lapse())


@pytest.mark.parametrize(
    ("letter", "given"),
    [
        ("S", {"mood": "fine"}),
        ("P", {"text": "Late", "annual_cost": 3.5}),
        ("P", {"pains": [{"text": "Late", "annual_cost": True}]}),
        ("P", {"pains": [{"text": "Late", "frequency": "often"}]}),
        ("P", {"pains": [{"text": "Late", "mood": "bad"}]}),
        ("P", {"pains": [{"who": PERSON}]}),
        ("P", {"pains": [{"id": "a", "text": "Late"}, {"id": "a", "text": "Early"}]}),
        ("P", {"pains": ["Late"] * 51}),
        ("P", {"annual_cost": 5}),
        ("P", {"text": "Late\nEarly", "annual_cost": 5}),
        ("S", {"maturity": 6}),
        ("S", {"tools": ["Excel; mail"]}),
        ("I", {"by": "0002-12-01"}),
        ("I", {"by": "tomorrow"}),
        ("I", {"baseline": "18"}),
        ("D", {"people": "Priya"}),
        ("S", {"tools": "x" * 201}),
    ],
)
def test_a_value_that_does_not_fit_its_field_is_refused(letter, given):
    with pytest.raises(values.WrongValue):
        values.typed(letter, given)


def test_blank_values_are_stored_alike():
    assert values.typed("I", {"text": "", "by": "", "baseline": None}) == {
        "text": "", "by": None, "baseline": None,
    }  # fmt: skip


BANK = questions.parsed(
    {
        "questions": [
            {"key": "a", "part": "P", "field": "who", "text": "Who?"},
            {"key": "b", "part": "I", "field": "words", "text": "After {event}?"},
            {"key": "c", "part": "I", "field": "words", "text": "Personally?"},
            {"key": "d", "part": "D", "text": "Still so?"},
            {"key": "e", "part": "D", "text": "And for next year?", "stages": ["renewal"]},
        ]
    }
)


def asked(**options):
    found = [states.state(known("P", pains=[PAIN | {"who": None}]), today=TODAY)]
    found.append(states.state(known("I", words=""), today=TODAY))
    found.append(states.state(known("D", on=date(2026, 1, 1)), today=TODAY))
    return [ask.key for ask in questions.asks(BANK, found, **options)]


def test_questions_follow_the_sequence_and_skip_what_is_not_known():
    assert asked() == ["a", "c", "d"]


def test_the_open_part_is_asked_for_first():
    assert asked(first="I", facts={"event": "the audit"}) == ["b", "c", "a", "d"]


def test_a_question_made_for_the_stage_comes_before_a_general_one():
    assert asked(first="D", stage="renewal")[:2] == ["e", "d"]


def test_a_bank_that_names_an_unknown_field_is_refused():
    with pytest.raises(ValueError, match=r"no field S\.mood"):
        questions.parsed({"questions": [{"key": "x", "part": "S", "field": "mood", "text": "?"}]})


def test_versions_compare_word_by_word():
    (row,) = diffs.rows({("P", "Pain"): "late approvals"}, {("P", "Pain"): "late payments"})
    assert [(piece.words, piece.is_changed) for piece in row.after] == [
        ("late", False), (" payments", True),
    ]  # fmt: skip
    assert row.is_changed
