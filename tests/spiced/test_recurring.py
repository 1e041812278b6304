"""Impact that comes again, to the digit."""

from datetime import date

import pytest

from charter.rules.numbers import Lapse
from spiced.rules.impact import Reading, is_lapsed
from spiced.rules.recurring import quarter, rate, streak

TODAY = date(2026, 11, 19)


def good(*days: date) -> list[Reading]:
    return [Reading(day, 0.3, 0.6) for day in days]


@pytest.mark.parametrize(
    ("day", "start", "end"),
    [
        (date(2026, 1, 1), date(2026, 1, 1), date(2026, 4, 1)),
        (date(2026, 9, 30), date(2026, 7, 1), date(2026, 10, 1)),
        (date(2026, 12, 31), date(2026, 10, 1), date(2027, 1, 1)),
    ],
)
def test_a_period_is_a_calendar_quarter(day: date, start: date, end: date):
    assert (quarter(day).start, quarter(day).end) == (start, end)


@pytest.mark.parametrize(
    ("days", "count"),
    [
        ([], 0),
        ([date(2026, 10, 2)], 1),
        ([date(2026, 9, 30)], 1),
        ([date(2026, 9, 30), date(2026, 10, 1)], 2),
        ([date(2026, 4, 1), date(2026, 9, 30), date(2026, 10, 1)], 3),
        ([date(2026, 3, 31), date(2026, 9, 30), date(2026, 10, 1)], 2),
        ([date(2026, 6, 30)], 0),
    ],
)
def test_quarters_in_a_row_end_with_this_one_or_the_one_before(days: list[date], count: int):
    assert streak(good(*days), TODAY) == count


@pytest.mark.parametrize(
    ("achieved", "ratio", "count"),
    [(0.3, 0.6, 1), (0.3, 0.599, 0), (1.0, 0.5, 1), (0.99, None, 0), (None, None, 0)],
)
def test_a_quarter_is_delivered_at_six_tenths_of_what_was_due_or_at_the_target(
    achieved: float | None, ratio: float | None, count: int
):
    assert streak([Reading(date(2026, 10, 2), achieved, ratio)], TODAY) == count


@pytest.mark.parametrize(
    ("readings", "lapsed"),
    [
        ([], True),
        (good(date(2026, 5, 23)), False),
        (good(date(2026, 5, 22)), True),
        ([Reading(date(2026, 8, 1), 0.1, 0.49), Reading(date(2026, 11, 1), 0.1, 0.49)], True),
        ([Reading(date(2026, 8, 1), 0.1, 0.49), Reading(date(2026, 11, 1), 0.1, 0.5)], False),
        ([Reading(date(2026, 11, 1), 0.1, 0.1)], False),
    ],
)
def test_impact_lapses_after_half_a_year_or_two_readings_far_behind(
    readings: list[Reading], lapsed: bool
):
    assert is_lapsed(readings, date(2026, 5, 1), TODAY, Lapse()) is lapsed


@pytest.mark.parametrize(
    ("first", "lapsed"), [(None, False), (date(2026, 5, 23), False), (date(2026, 5, 22), True)]
)
def test_with_nothing_confirmed_half_a_year_begins_at_first_impact(
    first: date | None, lapsed: bool
):
    assert is_lapsed([], first, TODAY, Lapse()) is lapsed


def test_the_rate_has_no_value_without_accounts():
    assert rate(8, 12) == 8 / 12
    assert rate(0, 0) is None
