"""Dates, pace, alarms and turns of onboarding, as the operating model has them."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

import journeys
from charter.rules.calendar import Calendar
from charter.rules.numbers import Limits
from journeys.rules.schedule import CycleFound, Node, UnknownTask, ordered, pushed, schedule
from journeys.rules.standing import (
    Item,
    in_hand,
    pace,
    phase_of,
    progress,
    projection,
    standing,
    stuck,
)
from journeys.rules.templates import PHASES, BadTemplate, read
from journeys.rules.turns import Stretch, split, turn

DEFAULTS = Path(journeys.__file__).parent / "defaults"
CALENDAR = Calendar(zone=ZoneInfo("Europe/Berlin"))
MONDAY = date(2026, 11, 2)
TABLE = {  # the milestones of section 6: days after commit for high, mid and low or tech touch
    "handoff_accepted": (2, 2, 0),
    "kickoff_booked": (3, 3, 0),
    "intake_returned": (5, 5, 1),
    "kickoff_held": (7, 7, 3),
    "plan_agreed": (17, 14, 5),
    "access_complete": (35, 21, 7),
    "data_validated": (42, 28, 10),
    "users_enabled": (50, 35, 14),
    "go_live_signed": (56, 42, 15),
    "hypercare_closed": (70, 49, None),
    "first_impact_confirmed": (85, 56, 28),
    "transition_reviewed": (90, 60, 30),
}


def body(stem: str):
    said = json.loads((DEFAULTS / f"{stem}.json").read_text())
    said.pop("name")
    return read(said)


@pytest.mark.parametrize(("at", "stem"), list(enumerate(["high_90", "mid_60", "low_30"])))
def test_the_default_templates_keep_the_days_of_the_operating_model(at: int, stem: str):
    """From a Monday, each milestone is due on its day, or the last working day before."""
    template = body(stem)
    spans = schedule([task.node for task in template.tasks], MONDAY, CALENDAR)
    wanted = {key: days[at] for key, days in TABLE.items() if days[at] is not None}
    assert list(spans) == list(wanted)
    for key, days in wanted.items():
        day = MONDAY + timedelta(days=days)
        while not CALENDAR.is_working_day(day):
            day -= timedelta(days=1)
        assert spans[key].due_on == day, key


@pytest.mark.parametrize(("stem", "most"), [("high_90", 90), ("mid_60", 61), ("low_30", 31)])
def test_first_impact_is_planned_within_the_days_of_the_template_from_any_weekday(
    stem: str, most: int
):
    template = body(stem)
    for n in range(7):
        anchor = MONDAY + timedelta(days=n)
        spans = schedule([task.node for task in template.tasks], anchor, CALENDAR)
        assert (spans[template.impact_key].due_on - anchor).days <= most


@pytest.mark.parametrize("minutes", [60, 45])
def test_the_kickoff_comes_with_its_agenda(minutes: int):
    stem = "mid_60" if minutes == 60 else "low_30"
    (note,) = [task.note for task in body(stem).tasks if task.key == "kickoff_held"]
    assert f"{minutes} minutes" in note
    if minutes == 60:
        parts = [int(word.strip(";.,")) for word in note.split() if word.strip(";.,").isdigit()]
        assert parts == [60, 10, 15, 15, 10, 10]
        assert sum(parts[1:]) == 60


@given(weeks=st.integers(0, 60), stem=st.sampled_from(["high_90", "mid_60", "low_30"]))
def test_an_anchor_moved_by_whole_weeks_moves_every_date_as_much(weeks: int, stem: str):
    nodes = [task.node for task in body(stem).tasks]
    moved = timedelta(weeks=weeks)
    before, after = schedule(nodes, MONDAY, CALENDAR), schedule(nodes, MONDAY + moved, CALENDAR)
    assert {key: span.due_on + moved for key, span in before.items()} == {
        key: span.due_on for key, span in after.items()
    }


def test_a_task_starts_after_the_last_it_depends_on_and_over_holidays():
    calendar = Calendar(zone=CALENDAR.zone, holidays=frozenset({date(2026, 11, 4)}))
    nodes = [
        Node("a", days=2),
        Node("b", offset=1, days=5),
        Node("c", offset=1, days=1, after=("a", "b")),
    ]
    spans = schedule(nodes, MONDAY, calendar)
    assert spans["a"].due_on == date(2026, 11, 5)  # Tuesday, then Thursday: Wednesday is off
    assert spans["b"].due_on == date(2026, 11, 11)
    assert spans["c"] == spans["c"].__class__(date(2026, 11, 11), date(2026, 11, 12))


def test_a_date_set_by_hand_holds_and_moves_what_depends_on_it():
    nodes = [Node("a", days=2, due_on=date(2026, 11, 20)), Node("b", days=1, after=("a",))]
    spans = schedule(nodes, MONDAY, CALENDAR)
    assert (spans["a"].due_on, spans["b"].due_on) == (date(2026, 11, 20), date(2026, 11, 23))


def test_a_late_task_names_what_it_pushes():
    nodes = [Node("a", days=2), Node("b", days=2, after=("a",)), Node("c", days=1, after=("b",)),
             Node("d", days=9)]  # fmt: skip
    dates = schedule(nodes, MONDAY, CALENDAR)
    assert pushed(nodes, "a", dates, dates["a"].due_on) == []
    assert pushed(nodes, "a", dates, dates["a"].due_on + timedelta(days=5)) == ["b", "c"]


def test_a_circle_and_a_stranger_are_named():
    with pytest.raises(CycleFound, match="a → b → a"):
        ordered([Node("a", after=("b",)), Node("b", after=("a",))])
    with pytest.raises(UnknownTask, match="z"):
        ordered([Node("a", after=("z",))])


def task(**said):
    told = {"key": "a", "label": "A", "phase": "first_impact", "side": "us", "role": "csm"}
    return told | said


@pytest.mark.parametrize(
    ("tasks", "words"),
    [
        ([], "1 to 60"),
        ([task(phase="kickoff")], "First Impact"),
        ([task(phase="party")], "phases are"),
        ([task(side="both")], "us or them"),
        ([task(role="king")], "“king” is none of our roles"),
        ([task(side="them", role="csm")], "“csm” is none of their roles"),
        ([task(offset=-1)], "offset is a whole number"),
        ([task(days=401)], "days is a whole number"),
        ([task(weight=0)], "weight is a whole number from 1"),
        ([task(days=True)], "days is a whole number"),
        ([task(), task()], "same key"),
        ([task(after=["b"])], "the key b"),
        ([task(after=["b"]), task(key="b", label="B", after=["a"])], "A → B → A"),
        ([task(surprise=1)], "unknown surprise"),
        ([task(is_gate="yes")], "is_gate is true or false"),
    ],
)
def test_what_is_wrong_with_a_template_is_said(tasks: list, words: str):
    with pytest.raises(BadTemplate, match=words):
        read({"touch_models": ["high"], "tasks": tasks})


def item(key: str, **said) -> Item:
    due = said.pop("due_on", MONDAY)
    return Item(
        **{"key": key, "phase": "kickoff", "side": "us", "due_on": due, "first_due_on": due} | said
    )


def test_progress_is_by_weight_and_leaves_out_what_was_skipped():
    items = [item("a", state="done", weight=3), item("b"), item("c", state="skipped", weight=9)]
    assert progress(items) == 0.75
    assert progress([item("c", state="skipped")]) is None


def test_pace_is_actual_over_planned_days_at_the_last_gate_and_needs_two():
    first = item("a", state="done", is_gate=True, due_on=date(2026, 11, 7),
                 closed_on=date(2026, 11, 8))  # fmt: skip
    second = item("b", state="done", is_gate=True, due_on=date(2026, 11, 22),
                  closed_on=date(2026, 11, 27))  # fmt: skip
    assert pace([first], MONDAY) is None
    assert pace([first, second], MONDAY) == 1.25  # 25 days instead of 20
    assert projection(MONDAY, MONDAY + timedelta(days=85), 1.25) == MONDAY + timedelta(days=106)


def test_the_phase_is_the_first_with_an_open_gate():
    gates = [item(key, phase=key, is_gate=True, state="done") for key in ("handoff", "kickoff")]
    assert phase_of([*gates, item("c", phase="configure", is_gate=True)]) == "configure"
    assert phase_of(gates) == "kickoff"
    assert set(PHASES) >= {"handoff", "transition"}


def test_a_plan_is_stuck_after_ten_working_days_or_when_theirs_is_six_late():
    begun = MONDAY
    idle = [item("a", due_on=date(2027, 1, 1))]
    assert stuck(idle, begun, date(2026, 11, 13), CALENDAR, Limits()) == []
    assert stuck(idle, begun, date(2026, 11, 16), CALENDAR, Limits()) == [
        "no task done for 10 working days"
    ]
    theirs = [item("a", state="done", closed_on=date(2026, 11, 9)), item("b", side="them")]
    assert stuck(theirs, begun, date(2026, 11, 9), CALENDAR, Limits()) == []  # five days late
    assert stuck(theirs, begun, date(2026, 11, 10), CALENDAR, Limits()) == [
        "a task of theirs is 6 working days late"
    ]


@pytest.mark.parametrize(
    ("today", "word", "warns"),
    [(39, "On time", 0), (41, "Late", 0), (48, "Late", 0), (49, "Late", 1)],
)
def test_past_a_fifth_over_the_agreed_time_an_executive_looks(today: int, word: str, warns: int):
    found = standing(
        [item("a", due_on=MONDAY + timedelta(days=200), state="done", closed_on=MONDAY
              + timedelta(days=today))],
        anchor=MONDAY,
        planned_on=MONDAY + timedelta(days=40),
        agreed_on=MONDAY + timedelta(days=40),
        begun_on=MONDAY,
        today=MONDAY + timedelta(days=today),
        calendar=CALENDAR,
    )  # fmt: skip
    assert (found.word, len(found.warnings)) == (word, warns)
    assert found.late_days == max(0, today - 40)


def test_the_turn_is_theirs_only_where_all_in_hand_waits_for_them():
    ours, theirs = item("a"), item("b", side="them")
    assert turn([ours, theirs]) == "us"
    assert turn([theirs]) == "them"
    assert turn([item("a", waiting_on="them")]) == "them"
    assert turn([item("b", side="them", waiting_on="us")]) == "us"
    assert turn([item("a", state="done")]) == "us"
    assert turn([ours, item("b", side="them", after=("a",))]) == "us"
    assert [each.key for each in in_hand([ours, item("b", after=("a",))])] == ["a"]


@given(
    st.lists(st.tuples(st.sampled_from(["us", "them"]), st.integers(0, 10**12)), min_size=1),
    st.integers(0, 10**12),
)
def test_the_two_sides_add_up_to_the_whole(turns: list[tuple[str, int]], rest: int):
    moment = begun = datetime(2026, 11, 2, tzinfo=UTC)
    stretches = []
    for side, micros in turns:
        end = moment + timedelta(microseconds=micros)
        stretches.append(Stretch(side, moment, end))
        moment = end
    stretches.append(Stretch("us", moment, None))
    until = moment + timedelta(microseconds=rest)
    found = split(stretches, until)
    assert found.us + found.them == found.whole == until - begun
