"""Dates backwards, and the room that is left, as the operating model has them."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charter.rules.calendar import Calendar
from journeys.rules.backward import TIGHT, USUAL, Doing, backward, fitted, last_day, rooms, worst
from journeys.rules.schedule import CycleFound, Node, Span

CALENDAR = Calendar(zone=ZoneInfo("Europe/Berlin"))
ANCHOR = date(2026, 9, 30)
LINE = [
    Node(f"s{at}", days=days, after=(f"s{at - 1}",) if at else ())
    for at, (_, days, _) in enumerate(USUAL)
]
DUE = [
    date(2026, 7, 1), date(2026, 7, 8), date(2026, 7, 29),
    date(2026, 8, 12), date(2026, 8, 26), date(2026, 9, 23),
]  # fmt: skip
NAMES = "abcdefgh"


@st.composite
def plans(draw: st.DrawFn) -> list[Node]:
    """Steps in a random order that come after some of those named before them."""
    size = draw(st.integers(1, len(NAMES)))
    nodes = [
        Node(
            NAMES[at],
            days=draw(st.integers(0, 30)),
            after=tuple(draw(st.sets(st.sampled_from(NAMES[:at]))) if at else ()),
        )
        for at in range(size)
    ]
    return draw(st.permutations(nodes))


def doing(nodes: list[Node], spans: dict[str, Span], begun: date | None = None) -> list[Doing]:
    return [Doing(n.key, n.key, n.days, spans[n.key], n.after, begun) for n in nodes]


days = st.dates(date(2026, 1, 1), date(2027, 12, 31))


def test_the_example_of_the_operating_model_to_the_day():
    spans = backward(LINE, ANCHOR, 5, CALENDAR)
    assert [spans[node.key].due_on for node in LINE] == DUE
    signed = rooms(doing(LINE, spans), date(2026, 7, 10), CALENDAR)
    assert worst(signed) == -12 and all(room.is_infeasible for room in signed.values())
    assert [key for key, room in signed.items() if room.is_cause] == ["s0"]
    assert signed["s0"].reason.startswith("had to start by 24 Jun, 12 working days ago")
    early = rooms(doing(LINE, spans), date(2026, 6, 22), CALENDAR)
    assert worst(early) == 2 and early["s0"].is_tight
    assert early["s0"].reason == "2 working days of slack, due 1 Jul"


@given(plans(), days, st.integers(0, 20))
def test_no_step_is_due_after_one_behind_it_has_to_start(
    nodes: list[Node], anchor: date, buffer: int
):
    spans = backward(nodes, anchor, buffer, CALENDAR)
    assert spans.keys() == {node.key for node in nodes}
    last = {node.key for node in nodes} - {key for node in nodes for key in node.after}
    for node in nodes:
        span = spans[node.key]
        assert CALENDAR.is_working_day(span.due_on) and span.due_on <= anchor
        assert CALENDAR.days_between(span.starts_on, span.due_on) == node.days
        assert all(spans[key].due_on <= span.starts_on for key in node.after)
    assert len({spans[key].due_on for key in last}) == 1
    for key in last:
        free = CALENDAR.add_days(anchor, -buffer) if buffer else spans[key].due_on
        assert spans[key].due_on == free


@given(plans(), days, st.integers(0, 20), st.integers(-20, 20))
def test_an_anchor_moved_by_whole_weeks_moves_every_day_as_far(
    nodes: list[Node], anchor: date, buffer: int, weeks: int
):
    by = timedelta(weeks=weeks)
    spans = backward(nodes, anchor, buffer, CALENDAR)
    for key, span in backward(nodes, anchor + by, buffer, CALENDAR).items():
        assert span == Span(spans[key].starts_on + by, spans[key].due_on + by)


@given(plans(), days, st.integers(0, 10), days)
def test_infeasible_is_a_latest_start_before_today(
    nodes: list[Node], anchor: date, buffer: int, today: date
):
    """From dates worked backwards, the least slack is negative just where a start has passed."""
    today = CALENDAR.add_days(today, 0)
    spans = backward(nodes, anchor, buffer, CALENDAR)
    found = rooms(doing(nodes, spans), today, CALENDAR)
    has_passed = any(span.starts_on < today for span in spans.values())
    least = worst(found)
    assert least is not None and (least < 0) is has_passed
    first = min(span.starts_on for span in spans.values())
    assert least == CALENDAR.days_between(today, first)
    assert any(room.is_cause for room in found.values()) is has_passed
    for room in found.values():
        assert bool(room.reason) is (room.slack <= 5)


def test_holidays_a_weekend_anchor_and_no_buffer():
    closed = Calendar(zone=ZoneInfo("Europe/Berlin"), holidays=frozenset({date(2026, 12, 25)}))
    one = [Node("a", days=2)]
    span = backward(one, date(2026, 12, 28), 1, closed)["a"]
    assert span == Span(date(2026, 12, 22), date(2026, 12, 24))
    saturday = date(2026, 11, 28)
    assert backward(one, saturday, 0, CALENDAR)["a"].due_on == date(2026, 11, 27)
    assert backward(one, date(2026, 11, 27), 0, CALENDAR)["a"].due_on == date(2026, 11, 27)


def test_a_begun_step_counts_from_its_beginning_and_says_so():
    spans = {"a": Span(date(2026, 11, 2), date(2026, 11, 6))}
    node = [Node("a", days=4)]
    today = date(2026, 11, 5)
    late = rooms(doing(node, spans), today, CALENDAR)["a"]
    assert late.slack == -3 and late.reason.startswith("had to start by 2 Nov, 3 working days ago")
    begun = rooms(doing(node, spans, date(2026, 11, 2)), today, CALENDAR)["a"]
    assert begun.slack == 0 and begun.is_tight and begun.reason.startswith("no slack")
    too_late = rooms(doing(node, spans, date(2026, 11, 4)), today, CALENDAR)["a"]
    assert too_late.slack == -2 and too_late.reason.startswith("begun 4 Nov, ends 10 Nov")


def test_a_step_that_waits_names_what_holds_it_up():
    spans = {"a": Span(date(2026, 11, 2), date(2026, 11, 6)),
             "b": Span(date(2026, 11, 6), date(2026, 11, 9))}  # fmt: skip
    nodes = [Node("a", days=4), Node("b", days=1, after=("a",))]
    found = rooms(doing(nodes, spans), date(2026, 11, 5), CALENDAR)
    assert found["b"].reason.startswith("cannot start before 11 Nov, after “a”")
    assert found["a"].is_cause and not found["b"].is_cause


def test_a_circle_is_refused():
    with pytest.raises(CycleFound):
        backward([Node("a", after=("b",)), Node("b", after=("a",))], ANCHOR, 5, CALENDAR)


def in_line(taken: list[int]) -> list[Node]:
    return [
        Node(f"s{at}", days=days, after=(f"s{at - 1}",) if at else ())
        for at, days in enumerate(taken)
    ]


def test_steps_are_shortened_by_the_same_part_of_what_they_can_give_up():
    assert fitted(200) == fitted(71) == [5, 5, 15, 10, 10, 20]
    assert fitted(70) == [5, 5, 15, 10, 10, 19]
    assert fitted(50) == [4, 4, 10, 6, 8, 12]
    assert fitted(28) == fitted(-9) == [2, 3, 5, 2, 5, 5]


@given(st.integers(-30, 120))
def test_shortened_steps_stay_within_their_bounds_and_use_the_room(room: int):
    taken = fitted(room)
    assert all(least <= days <= usual for days, (_, usual, least) in zip(taken, USUAL, strict=True))
    usual, shortest = sum(each[1] for each in USUAL), sum(each[2] for each in USUAL)
    assert sum(taken) == min(usual, max(shortest, room - TIGHT - 1))


@given(days, st.integers(0, 10), st.integers(0, 150))
def test_a_shortened_plan_is_infeasible_only_where_the_shortest_is(
    today: date, buffer: int, ahead: int
):
    anchor = today + timedelta(days=ahead)
    start = CALENDAR.add_days(today, 0)
    taken = fitted(CALENDAR.days_between(start, last_day(anchor, buffer, CALENDAR)))

    def slack(of: list[int]) -> int:
        nodes = in_line(of)
        found = worst(
            rooms(doing(nodes, backward(nodes, anchor, buffer, CALENDAR)), today, CALENDAR)
        )
        assert found is not None
        return found

    shortest = slack([least for _, _, least in USUAL])
    assert (slack(taken) < 0) is (shortest < 0)
    assert (slack(taken) <= TIGHT) is (shortest <= TIGHT)


@given(days, st.integers(40, 150), st.integers(1, 20))
def test_a_draft_that_begins_whole_weeks_later_is_the_same_draft(
    today: date, ahead: int, weeks: int
):
    def due(begun: date) -> list[date]:
        anchor, start = begun + timedelta(days=ahead), CALENDAR.add_days(begun, 0)
        taken = fitted(CALENDAR.days_between(start, last_day(anchor, 5, CALENDAR)))
        return [span.due_on for span in backward(in_line(taken), anchor, 5, CALENDAR).values()]

    shift = timedelta(weeks=weeks)
    assert due(today + shift) == [each + shift for each in due(today)]
