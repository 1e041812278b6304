"""Business hours, days and holidays."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charter.rules.calendar import Calendar

BERLIN = Calendar(ZoneInfo("Europe/Berlin"), holidays=frozenset({date(2026, 12, 25)}))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.mark.case("E15")
@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-19T09:00", 8, "2026-11-19T17:00"),
        ("2026-11-19T16:00", 2, "2026-11-20T10:00"),
        ("2026-11-20T16:00", 2, "2026-11-23T10:00"),
        ("2026-11-21T12:00", 1, "2026-11-23T10:00"),
        ("2026-12-24T16:00", 2, "2026-12-28T10:00"),
        ("2026-11-19T07:00", 0.5, "2026-11-19T09:30"),
        ("2026-03-27T16:00", 8, "2026-03-30T16:00"),
    ],
)
def test_hours_pass_in_business_time(start: str, hours: float, end: str):
    assert BERLIN.add_hours(at(start), hours) == at(end)
    assert BERLIN.hours_between(at(start), at(end)) == pytest.approx(hours)


def test_the_plan_example_counts_back_in_business_days():
    """Operating model 5.4: anchor 30 Sep 2026, worked backwards."""
    day = date(2026, 9, 30)
    steps = []
    for lead in (5, 20, 10, 10, 15, 5):
        day = BERLIN.add_days(day, -lead)
        steps.append(day.isoformat())
    assert steps == [
        "2026-09-23",
        "2026-08-26",
        "2026-08-12",
        "2026-07-29",
        "2026-07-08",
        "2026-07-01",
    ]


def test_days_between_counts_working_days():
    assert BERLIN.days_between(date(2026, 12, 24), date(2026, 12, 28)) == 1
    assert BERLIN.days_between(date(2026, 12, 28), date(2026, 12, 24)) == -1


moments = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))


@given(moments, st.floats(0.01, 200))
def test_adding_and_measuring_agree(start: datetime, hours: float):
    assert BERLIN.hours_between(start, BERLIN.add_hours(start, hours)) == pytest.approx(
        hours, abs=1e-4
    )


def test_a_calendar_that_never_opens_is_an_error():
    closed = Calendar(ZoneInfo("UTC"), time(9), time(17), frozenset())
    with pytest.raises(ValueError, match="no open days"):
        closed.add_hours(datetime(2026, 1, 1, tzinfo=UTC), 1)
