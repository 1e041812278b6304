"""Holidays of the demo fall where the calendar has them."""

from datetime import date

import pytest

from charter.rules.documents import problems
from csom.demo.holidays import BY_COUNTRY, american, easter, german, holidays

HOURS = {"opens": "09:00", "closes": "17:00", "weekdays": [0, 1, 2, 3, 4]}


@pytest.mark.parametrize(
    "sunday", ["1981-04-19", "2000-04-23", "2008-03-23", "2024-03-31", "2026-04-05", "2038-04-25"]
)
def test_easter(sunday: str) -> None:
    assert easter(int(sunday[:4])).isoformat() == sunday


def test_german_days_follow_easter() -> None:
    found = {name: day for day, name in german(2026)}
    assert found["Good Friday"] == date(2026, 4, 3)
    assert found["Ascension Day"] == date(2026, 5, 14)
    assert found["Whit Monday"] == date(2026, 5, 25)


def test_american_days_fall_on_their_weekday_and_are_moved_off_a_weekend() -> None:
    found = {name: day for day, name in american(2026)}
    assert found["Martin Luther King Jr. Day"] == date(2026, 1, 19)
    assert found["Memorial Day"] == date(2026, 5, 25)
    assert found["Labor Day"] == date(2026, 9, 7)
    assert found["Thanksgiving"] == date(2026, 11, 26)
    assert found["Independence Day"] == date(2026, 7, 3)  # the fourth is a Saturday
    assert {name: day for day, name in american(2027)}["Independence Day"] == date(2027, 7, 5)


@pytest.mark.parametrize("country", BY_COUNTRY)
def test_the_charter_takes_the_holidays_of_any_years(country: str) -> None:
    body = HOURS | {"holidays": holidays(country, range(2000, 2100))}
    assert not problems("calendar", body)
